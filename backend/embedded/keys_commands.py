"""`countersign keys …`: what hangs on which master key, another master key, and one less."""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from backend.core import db, migrate
from backend.core.clock import now
from backend.core.crypto import FileKeys
from backend.core.masters import Master
from backend.core.sealed import sealed_columns
from backend.core.settings import Settings
from backend.embedded import key_file
from backend.embedded.errors import StartupError
from backend.embedded.key_rotation import Finished, Rotation
from backend.embedded.launch import Launch
from backend.embedded.own_settings import of_installation
from tenancy.rewrapping import UNREADABLE, audited, organizations
from workflows.begun import begun_before

Say = Callable[[str], None]
SETTLED = timedelta(days=1)
"""So long after a rotation nobody uses the former key any more: every token has expired, every process knows."""

_IN_THE_ENVIRONMENT = """The master keys are in COUNTERSIGN_MASTER_KEY, which only you can change:
 1. Append a new key behind the present ones, and restart every process:
      COUNTERSIGN_MASTER_KEY="<what it is now> {new}:$(openssl rand -hex 32)"
    A value without an id is the key m1.
 2. Put the new key first, with the time, and restart every process:
      COUNTERSIGN_MASTER_KEY="{new}:<its digits>:$(date -u +%Y%m%dT%H%M%SZ) {old}:<its digits>"
 3. Run `countersign keys rotate` again: it puts every secret under the new key."""


async def perform(options: argparse.Namespace, launch: Launch, say: Say) -> bool:
    """Do what is asked; whether all of it is done. Raises :class:`StartupError` that says what stands against it."""
    settings = of_installation(launch)
    database = db.connect(settings.database, pool_size=2)
    try:
        rotation = Rotation(database, settings.keys, sealed_columns(migrate.metadata()))
        match options.do:
            case "rotate":
                return await _rotate(rotation, say)
            case "drop":
                return await _drop(rotation, settings, options.key_id, say)
            case _:
                return await _status(rotation, say)
    finally:
        await database.close()


async def _rotate(rotation: Rotation, say: Say) -> bool:
    keys, old = rotation.keys, rotation.keys.key_id
    if len(keys.masters()) > 1:
        done = await rotation.finish()
        if done.wrapped or done.noted:
            say(f"An earlier rotation to {old} was not finished; it is now. No new key was made.")
            return _told(done, old, say)
    if not isinstance(keys, FileKeys):
        number = max(one.number for one in keys.masters()) + 1
        say(_IN_THE_ENVIRONMENT.format(new=f"m{number}", old=old))
        return False
    if await key_file.add(keys.path, old, now()):
        say(f"{keys.path} has the new master key {keys.key_id}; {old} only opens from now on.")
    return _told(await rotation.finish(), keys.key_id, say)


def _told(done: Finished, key_id: str, say: Say) -> bool:
    say(f"{_counted(done.wrapped, 'secret')} took {key_id}.")
    for place in done.unreadable:
        say(f"Nobody can open the secret in {place}: it stays as it is; set it anew.")
    if done.held:
        held = _counted(done.held, "secret")
        say(f"{held} could not be had: somebody is at work on them. Come again.")
    return not done.held and not done.unreadable


async def _status(rotation: Rotation, say: Say) -> bool:
    masters = rotation.keys.masters()
    hanging, entries = await rotation.secrets(), await _entries(rotation)
    for one in masters:
        say(
            f"{one.key_id}: {_age(one, in_use=one is masters[0])}; {_counted(hanging[one.key_id], 'secret')},"
            f" {_counted(entries[one.key_id], 'entry', 'entries')} of the audit"
        )
    lost = hanging.total() - sum(hanging[one.key_id] for one in masters)
    if lost:
        ids = ", ".join(sorted(set(hanging) - {one.key_id for one in masters} - {UNREADABLE}))
        say(f"{_counted(lost, 'secret')} cannot be opened by any of them: {ids or 'damaged'}")
    return not lost


async def _drop(rotation: Rotation, settings: Settings, key_id: str, say: Say) -> bool:
    keys, masters = rotation.keys, rotation.keys.masters()
    if key_id not in [one.key_id for one in masters]:
        raise StartupError(
            f"There is no master key {key_id!r}; `countersign keys status` names them."
        )
    if key_id == keys.key_id:
        raise StartupError(f"{key_id} is in use. Run `countersign keys rotate` first.")
    secrets, entries = (await rotation.secrets())[key_id], (await _entries(rotation))[key_id]
    if secrets:
        raise StartupError(
            f"{_counted(secrets, 'secret')} would be lost with {key_id}. Run `countersign keys rotate` first."
        )
    if entries:
        raise StartupError(
            f"{_counted(entries, 'entry', 'entries')} of the audit could not be proven any more without {key_id}: "
            "it has to stay for as long as they do."
        )
    await _refuse_while_workflows_need(settings, _successor(masters, key_id), key_id)
    if not isinstance(keys, FileKeys):
        say(f"Nothing hangs on {key_id}: take it out of COUNTERSIGN_MASTER_KEY.")
        return True
    if await key_file.remove(keys.path, key_id):
        say(f"{key_id} is gone from {keys.path}.")
    return True


async def _refuse_while_workflows_need(settings: Settings, successor: Master, key_id: str) -> None:
    if successor.since is None:
        raise StartupError(
            f"When {successor.key_id} took over from {key_id} is not known: write the time behind it, as in "
            f"{successor.key_id}:<its digits>:20261129T140000Z."
        )
    settled = successor.since + SETTLED
    if now() < settled:
        raise StartupError(
            f"{key_id} was in use until {successor.since:%Y-%m-%d %H:%M} UTC: access tokens may still name it. "
            f"Come again after {settled:%Y-%m-%d %H:%M} UTC."
        )
    if count := await begun_before(settings, settled):
        raise StartupError(
            f"The histories of {_counted(count, 'workflow')} may be under {key_id}. The engine forgets them 30 days "
            "after their end; come again then."
        )


def _successor(masters: Sequence[Master], key_id: str) -> Master:
    number = next(one.number for one in masters if one.key_id == key_id)
    newer = [one for one in masters if one.number > number]
    return min(newer, key=lambda one: one.number) if newer else masters[0]


async def _entries(rotation: Rotation) -> Counter[str]:
    counted: Counter[str] = Counter()
    for org_id in await organizations(rotation.database):
        counted += await audited(rotation.database, org_id)
    return counted


def _age(master: Master, *, in_use: bool) -> str:
    what = "in use" if in_use else "only opens"
    if master.since is None:
        return f"{what}, its age is not known"
    days = _counted((now() - master.since).days, "day")
    return f"{what}, made {master.since:%Y-%m-%d %H:%M} UTC ({days} ago)"


def _counted(number: int, what: str, several: str = "") -> str:
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"
