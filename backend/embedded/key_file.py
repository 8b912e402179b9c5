"""Changes the file of the master keys: one command at a time, whole or not at all, its owner's alone."""

import secrets
import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from backend.core.masters import KEY_BYTES, Master, parse
from backend.embedded.errors import StartupError
from backend.embedded.locks import locked
from backend.embedded.postgres_files import write_private

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def add(path: Path, instead_of: str, at: datetime) -> bool:
    """Write a new master key in front of the others. False when another one than ``instead_of`` is in use already."""

    def change(masters: Sequence[Master]) -> Sequence[Master] | None:
        if masters[0].key_id != instead_of:
            return None
        number = max(one.number for one in masters) + 1
        return [Master(f"m{number}", secrets.token_bytes(KEY_BYTES), at), *masters]

    return await _changed(path, change)


async def remove(path: Path, key_id: str) -> bool:
    """Forget a former master key; what hangs on it can never be read again. False when it is none."""

    def change(masters: Sequence[Master]) -> Sequence[Master] | None:
        kept = [one for one in masters if one is masters[0] or one.key_id != key_id]
        return kept if len(kept) < len(masters) else None

    return await _changed(path, change)


async def _changed(
    path: Path, change: Callable[[Sequence[Master]], Sequence[Master] | None]
) -> bool:
    async with locked(path.with_name(f"{path.name}.lock")):
        return _write(path, change)


def _write(path: Path, change: Callable[[Sequence[Master]], Sequence[Master] | None]) -> bool:
    found = path.stat()
    if found.st_mode & _OTHERS:
        raise StartupError(
            f"{path} can be read by others than its owner: give it the mode 0600, then come again."
        )
    changed = change(parse(path.read_text(encoding="ascii")))
    if changed is None:
        return False
    text = "".join(one.line() for one in changed)
    write_private(path, text, owner=(found.st_uid, found.st_gid))
    return True
