"""`countersign keys …` on a running API and worker with a database of their own: nobody notices, nothing is lost."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.connectors import repository
from backend.connectors.registry import credential_purpose
from backend.core.clock import now
from backend.core.crypto import AuditKeys, Keys
from backend.core.masters import Master
from backend.core.migrate import upgrade
from backend.core.settings import Settings
from backend.embedded import key_file
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.roles import create_roles
from backend.playbooks.triggers import Schedule, scheduled
from backend.proposals.decisions import DecisionKind
from tenancy.auditing.exporting import ndjson
from tenancy.auditing.verifying import verify
from tenancy.session import tenant
from tenancy.tokens import Tokens, issue_tokens
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.fixtures.client import ServerProcess
from tests.master_keys import Held, Installation
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.begun import begun_before
from workflows.client import connect
from workflows.contracts import schedule_id

_FIRST = "5f" * 32
_ROLES = ("app_owner", "app_rw", "app_system", "app_sealer")
_NAMES = ("OWNER_DATABASE_URL", "DATABASE_URL", "SYSTEM_DATABASE_URL", "SEALER_DATABASE_URL")


@pytest.fixture(scope="module")
def key_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the master key as the first versions wrote it."""
    path = tmp_path_factory.mktemp("keys") / "master.key"
    path.write_text(_FIRST)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def environ(
    environ: Mapping[str, str], postgres: EmbeddedPostgres, key_path: Path
) -> Mapping[str, str]:
    """A database of the module's own: nobody else's secrets are put under another key."""
    name = f"keys_{secrets.token_hex(4)}"
    urls = {role: postgres.dsn(role).rpartition("/")[0] + f"/{name}" for role in _ROLES}
    asyncio.run(create_roles(postgres.dsn("postgres"), urls))
    upgrade(urls["app_owner"])
    own = {f"COUNTERSIGN_{n}": urls[role] for n, role in zip(_NAMES, _ROLES, strict=True)}
    keys = {"COUNTERSIGN_MASTER_KEY": "", "COUNTERSIGN_MASTER_KEY_FILE": str(key_path)}
    return {**environ, **own, **keys}


@pytest.fixture
def api(environ: Mapping[str, str], tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(environ, tmp_path / "api.log")
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def house(environ: Mapping[str, str], key_path: Path, settings: Settings) -> Installation:
    return Installation(environ, key_path, settings)


@pytest.fixture
async def desk(opened: OpenDesk, account: Account) -> Desk:
    account.overdue_invoice()
    definition = replace(quick(), triggers=(scheduled(Schedule(at="03:00")),))
    return await opened(definition=definition)


@asynccontextmanager
async def busy(url: str, tokens: Tokens) -> AsyncIterator[Counter[int]]:
    """Somebody who never stops asking; the status of each answer."""
    answers: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {tokens.access}"}

    async def ask() -> None:
        async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers) as http:
            cursor = ""
            while True:
                answers[(await http.get("/me")).status_code] += 1
                page = await http.get(f"/audit?limit=1{cursor}")
                answers[page.status_code] += 1
                following = page.json().get("nextCursor")
                cursor = f"&cursor={following}" if following else ""

    task = asyncio.create_task(ask())
    yield answers
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def more(answers: Counter[int]) -> None:
    """Wait for some more of them."""
    enough = answers.total() + 20

    async def look() -> bool:
        return answers.total() >= enough

    await eventually(look, "more answers")


async def key_of_schedule(settings: Settings, desk: Desk) -> str:
    """Under which master the engine keeps what the desk's schedule starts."""
    client = await connect(settings)
    handle = client.get_schedule_handle(schedule_id(desk.org_id, desk.playbook.id))
    action = (await handle.describe()).raw_description.schedule.action.start_workflow
    key_id: bytes = action.input.payloads[0].metadata["kid"]
    return key_id.decode()


@pytest.mark.long
async def test_keys_when_rotated_under_way_then_nobody_notices_and_nothing_hangs_on_the_old_one(
    desk: Desk, house: Installation, api: ServerProcess, worker: WorkerProcess, tmp_path: Path
) -> None:
    keys, old = house.settings.keys, house.key
    held = Held(desk, keys)
    await held.keep()
    proposal = await desk.one_proposal()
    before = await issue_tokens(desk.database, keys, desk.lead.user_id, desk.org_id, None)

    async def scheduled_under(key_id: str) -> bool:
        return await key_of_schedule(house.settings, desk) == key_id

    await eventually(lambda: scheduled_under(old.key_id), "the schedule in the engine")
    assert set(await house.marks()) == {old.key_id}

    log = tmp_path / "rotate.log"
    async with busy(api.url, before) as answers:
        await more(answers)
        assert await asyncio.to_thread(house.typed(log, "rotate").wait) == 0, printed(log)
        await more(answers)
    assert set(answers) == {200}

    new, *former = house.kept()
    assert former[0] == old
    assert f"has the new master key {new.key_id}; {old.key_id} only opens" in printed(log)
    assert set(await house.marks()) == {new.key_id}
    await held.read()
    held.keys = Keys(new)
    await held.read()

    await desk.decide(proposal, DecisionKind.APPROVE)
    await desk.executed(proposal)
    await eventually(lambda: scheduled_under(new.key_id), "the schedule under the new key")
    after = await issue_tokens(desk.database, keys, desk.lead.user_id, desk.org_id, None)
    async with busy(api.url, after) as answers:
        await more(answers)
    assert set(answers) == {200}

    report = verify(await exported(desk), AuditKeys(keys))
    assert (report.problems, report.events > 5) == ((), True)
    done, said = await house.run("status")
    assert done, said
    assert f"{new.key_id}: in use, made" in said
    assert f"{old.key_id}: only opens" in said
    done, said = await house.run("drop", old.key_id)
    assert not done
    assert f"of the audit could not be proven any more without {old.key_id}" in said
    logs = printed(log) + worker.log() + printed(tmp_path / "api.log")
    for master in (new, old):
        assert master.secret.hex() not in logs
        assert repr(master.secret) not in logs


def printed(log: Path) -> str:
    return log.read_text()


async def exported(desk: Desk) -> list[bytes]:
    """The audit of the desk, sealed to its end."""

    async def whole() -> list[bytes] | None:
        chunks = [one async for one in ndjson(desk.database, desk.context)]
        lines = b"".join(chunks).splitlines(keepends=True)
        return None if any(b'"unsealed"' in line for line in lines) else lines

    return await eventually(whole, "the audit was sealed")


@pytest.mark.long
async def test_rotation_when_it_is_killed_midway_then_the_next_one_ends_it(
    desk: Desk, house: Installation, tmp_path: Path
) -> None:
    held, old = Held(desk, house.settings.keys), house.key.key_id
    await held.keep()
    async with house.owner() as connection, connection.transaction():
        # somebody is at work on one kind of secret: the rotation comes back for it again and again
        await connection.execute("SELECT 1 FROM model_key FOR UPDATE")
        process = house.typed(tmp_path / "log", "rotate")

        async def midway() -> bool:
            left: int = await connection.fetchval("SELECT count(*) FROM model_key")
            return (await house.marks())[old] == left

        try:
            await eventually(midway, "all secrets but one are under the new key")
        finally:
            process.kill()
            process.wait()
    kept, new = house.kept(), house.key.key_id
    assert new != old
    await held.read()
    done, said = await house.run("rotate")
    assert done, said
    assert f"An earlier rotation to {new} was not finished; it is now." in said
    assert house.kept() == kept
    assert set(await house.marks()) == {new}
    await held.read()


async def test_rotation_when_it_was_killed_just_after_the_file_then_the_next_one_ends_it(
    desk: Desk, house: Installation
) -> None:
    old = house.key.key_id
    assert await key_file.add(house.path, old, now())
    assert not await key_file.add(house.path, old, now())  # who comes second begins no other one
    done, said = await house.run("rotate")
    assert (done, "was not finished" in said) == (True, True), said
    assert set(await house.marks()) == {house.key.key_id}
    async with house.owner() as connection:
        of_desk, damaged = desk.org_id, "set_byte(credentials, 20, get_byte(credentials, 20) # 1)"
        damage = f"UPDATE connection SET credentials = {damaged} WHERE org_id = $1"  # noqa: S608
        await connection.execute(damage, of_desk)
        done, said = await house.run("rotate")
        unknown = "UPDATE connection SET credentials = convert_to('m999~', 'UTF8') || credentials"
        await connection.execute(f"{unknown} WHERE org_id = $1", of_desk)
        told = [said, (await house.run("rotate"))[1], (await house.run("status"))[1]]
        await connection.execute("DELETE FROM connection WHERE org_id = $1", of_desk)
    assert not done
    for said in told[:2]:
        assert f"Nobody can open the secret in connection ({of_desk}" in said
        assert "could not be had" not in said
    assert "1 secret cannot be opened by any of them: m999" in told[2]


async def test_rotation_when_the_keys_are_in_the_environment_then_it_says_what_to_set_and_uses_it(
    desk: Desk, house: Installation
) -> None:
    present = "".join(one.line() for one in house.kept())
    new = f"m{max(one.number for one in house.kept()) + 1}"
    own = {"COUNTERSIGN_MASTER_KEY_FILE": "", "COUNTERSIGN_MASTER_KEY": present}
    done, said = await house.run("rotate", **own)
    assert not done
    assert f"{new}:$(openssl rand -hex 32)" in said
    own["COUNTERSIGN_MASTER_KEY"] = f"{new}:{secrets.token_hex(32)} {present}"
    done, said = await house.run("rotate", **own)
    assert done, said
    assert set(await house.marks()) == {new}
    house.write(own["COUNTERSIGN_MASTER_KEY"])
    async with tenant(desk.database, desk.context) as session:
        [connection] = await repository.connections_to(session, "stripe")
    purpose = credential_purpose(connection)
    assert house.settings.keys.open(purpose, connection.credentials).startswith(b"sk_")


async def test_key_when_dropped_then_only_if_it_is_known_settled_and_nothing_hangs_on_it(
    desk: Desk, house: Installation
) -> None:
    await desk.start()
    await eventually(
        lambda: begun_before(house.settings, now().replace(microsecond=0)),
        "the workflow began in a second before this one: key files know whole seconds",
    )
    current, *others = house.kept()
    number = max(one.number for one in house.kept())
    spare, newest = Master(f"m{number + 1}", secrets.token_bytes(32)), f"m{number + 2}"

    def spare_until(when: timedelta | None, mode: int = 0o600) -> None:
        """As if the spare key had been in use, and replaced so long ago by one like the present."""
        since = None if when is None else now() - when
        masters = (Master(newest, current.secret, since), spare, current, *others)
        house.write("".join(one.line() for one in masters), mode)

    for when, key_id, why in (
        (None, "m999999", "There is no master key 'm999999'"),
        (None, newest, f"{newest} is in use"),
        (None, current.key_id, f"would be lost with {current.key_id}"),
        (None, spare.key_id, "is not known: write the time behind it"),
        (timedelta(), spare.key_id, "access tokens may still name it"),
        (timedelta(days=1), spare.key_id, f"may be under {spare.key_id}"),
    ):
        spare_until(when)
        done, said = await house.run("drop", key_id)
        assert (done, why in said) == (False, True), said
    spare_until(timedelta(days=3), 0o644)
    assert "give it the mode 0600" in (await house.run("drop", spare.key_id))[1]
    spare_until(timedelta(days=3))
    done, said = await house.run("drop", spare.key_id)
    assert done, said
    assert spare.key_id not in [one.key_id for one in house.kept()]
    done, said = await house.run("rotate")  # what hangs on the present key takes the one like it
    assert done, said
