"""The master keys as somebody keeps them: in a file or a setting, the first one in use, the others still opening.

One key is ``id:hex:since``, for instance ``m2:6f…:20261129T140000Z``; ``since`` says from when on it was in use and may
be missing. 64 hexadecimal digits alone are the key ``m1``: that is how the first versions kept it. Keys stand in lines
or with spaces between them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

KEY_BYTES = 32
_FIRST = "m1"
_KEY_ID = re.compile(r"m[1-9][0-9]{0,5}")
_SINCE = "%Y%m%dT%H%M%SZ"
_log = structlog.get_logger()


class MasterKeyError(ValueError):
    """What is kept is no list of master keys. The message never quotes it."""


@dataclass(frozen=True, slots=True)
class Master:
    """One master key. Ids are ``m1``, ``m2`` …, the higher the newer."""

    key_id: str
    secret: bytes = field(repr=False)
    since: datetime | None = None

    @property
    def number(self) -> int:
        """The place in the order of all keys that this installation had."""
        return int(self.key_id[1:])

    def line(self) -> str:
        """As it is kept; :func:`parse` makes the same of it."""
        since = f":{self.since:{_SINCE}}" if self.since else ""
        return f"{self.key_id}:{self.secret.hex()}{since}\n"


def parse(text: str) -> tuple[Master, ...]:
    """The keys of a file or setting, the one in use first. Raises :class:`MasterKeyError`."""
    masters = tuple(_master(entry) for entry in text.split())
    if not masters:
        raise MasterKeyError("the master key is empty")
    if len({one.key_id for one in masters}) < len(masters):
        raise MasterKeyError("two master keys have the same id")
    return masters


class MasterFile:
    """A file of master keys, read again whenever it is another one than before."""

    def __init__(self, path: Path) -> None:
        """Read it. Raises ``OSError`` or :class:`MasterKeyError`."""
        self.path = path
        self._seen = self._look()
        self._masters = self._read()
        self._is_lost = False

    def masters(self) -> Sequence[Master]:
        """The keys that the file holds now. While it cannot be read, those that it held before."""
        try:
            seen = self._look()
            if seen != self._seen:
                self._masters = self._read()
                self._seen, self._is_lost = seen, False
        except (OSError, MasterKeyError) as error:
            if not self._is_lost:
                _log.error("keys.file.unreadable", kind=type(error).__name__)
            self._is_lost = True
        return self._masters

    def _look(self) -> tuple[int, int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> tuple[Master, ...]:
        try:
            return parse(self.path.read_text(encoding="ascii"))
        except UnicodeDecodeError:
            raise MasterKeyError("the master key is not hexadecimal") from None


def _master(entry: str) -> Master:
    key_id, _, rest = entry.partition(":") if ":" in entry else (_FIRST, "", entry)
    digits, _, since = rest.partition(":")
    if not _KEY_ID.fullmatch(key_id):
        raise MasterKeyError("a master key's id is m1, m2 and so on")
    try:
        secret = bytes.fromhex(digits)
    except ValueError:
        raise MasterKeyError("the master key is not hexadecimal") from None
    if len(secret) != KEY_BYTES:
        raise MasterKeyError("the master key must be 32 bytes, written as 64 hexadecimal digits")
    return Master(key_id, secret, _moment(since) if since else None)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _SINCE).replace(tzinfo=UTC)
    except ValueError:
        raise MasterKeyError("the time behind a master key is written 20261129T140000Z") from None
