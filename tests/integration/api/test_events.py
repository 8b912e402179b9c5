import asyncio
import random
import secrets

import asyncpg
import httpx
import pytest
from sqlalchemy import delete, select, update

from backend.api.hub import LISTENER
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.changes import Change, EventKind, record
from tenancy.members import add_member, add_user
from tenancy.models.change import EventCounter
from tenancy.models.organization import Membership, TeamMember
from tenancy.organizations import suspend
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.proposals import Proposer
from tests.fixtures.stream import listening


async def last_seq(office: Office) -> int:
    async with tenant(office.database, office.context) as session:
        return await session.scalar(select(EventCounter.last_seq)) or 0


async def touch(office: Office, run_id: object) -> None:
    """Something about the run changes."""
    async with tenant(office.database, office.context) as session:
        record(session, Change(run_id, event=EventKind.RUN_CHANGED))  # type: ignore[arg-type]


async def test_a_change_reaches_every_open_stream_of_the_organization_only(
    server: ServerProcess, office: Office, stranger: Office, proposer: Proposer
) -> None:
    async with (
        listening(server.url, await office.bearer("lead")) as lead,
        listening(server.url, await office.cookie("viewer")) as viewer,
        listening(server.url, await stranger.bearer("admin")) as foreign,
    ):
        made = await proposer.propose()
        [started, proposed] = await lead.take(2)
        assert started.kind == "run.created"
        assert started.data["run"]["requestedBy"]["name"] == "analyst One"
        assert proposed.kind == "proposal.created"
        assert proposed.data["proposal"]["id"] == str(made.row.id)
        assert proposed.data["seq"] == proposed.seq
        assert proposed.data["proposal"]["yourTurn"] is True
        seen = (await viewer.take(2))[1]
        assert seen.seq == proposed.seq
        assert seen.data["proposal"]["yourTurn"] is False
        await touch(stranger, made.row.id)
        with pytest.raises(TimeoutError):
            await foreign.next(seconds=1)


async def test_a_decision_over_rest_reaches_the_open_browser(
    server: ServerProcess, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose()
    async with listening(server.url, await office.cookie("lead")) as browser:
        async with httpx.AsyncClient(base_url=server.url) as client:
            answer = await client.post(
                f"/api/v1/proposals/{made.row.id}/decisions",
                json={"kind": "reject", "digest": made.row.digest, "reason": "Paid"},
                headers=await office.bearer("admin"),
            )
        assert answer.status_code == 200
        [changed] = await browser.take(1)
        assert changed.kind == "proposal.changed"
        assert changed.data["proposal"]["decision"] == "rejected"


async def test_what_lies_out_of_reach_is_not_sent(
    server: ServerProcess, office: Office, proposer: Proposer
) -> None:
    async with listening(server.url, await office.bearer("lead")) as lead:
        await proposer.propose(by="outsider")
        visible = await proposer.run("analyst")
        [heard] = await lead.take(1)
        assert heard.data["run"]["id"] == str(visible)
        assert heard.seq == await last_seq(office)


async def test_a_stream_that_resumes_gets_what_it_missed_and_nothing_twice(
    server: ServerProcess, office: Office, proposer: Proposer
) -> None:
    run_id, begun = await proposer.run(), await last_seq(office)
    total = 60

    async def change() -> None:
        for _ in range(total // 3):
            await touch(office, run_id)
            await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - the streams open in between

    async def read(delay: float) -> list[int | None]:
        await asyncio.sleep(delay)
        headers = await office.bearer("lead")
        async with listening(server.url, headers, since=begun) as listener:
            return [heard.seq for heard in await listener.take(total)]

    readers = [asyncio.create_task(read(delay / 10)) for delay in range(6)]
    await asyncio.gather(*(change() for _ in range(3)))
    expected = list(range(begun + 1, begun + total + 1))
    assert await asyncio.gather(*readers) == [expected] * 6


async def test_a_number_that_cannot_be_resumed_is_answered_by_a_reset(
    server: ServerProcess, office: Office, proposer: Proposer
) -> None:
    run_id = await proposer.run()
    headers, newest = await office.bearer("lead"), await last_seq(office)
    async with listening(server.url, headers, since=newest + 5) as listener:
        [reset] = await listener.take(1)
        assert (reset.kind, reset.seq) == ("reset", newest)
        await touch(office, run_id)
        [live] = await listener.take(1)
        assert live.seq == newest + 1
    async with httpx.AsyncClient(base_url=server.url) as client:
        for unfit in ("soon", "-1", "9" * 5_000):
            sent = headers | {"Last-Event-ID": unfit}
            answer = await client.get("/api/v1/events", headers=sent)
            named = answer.json()["errors"][0]["field"]
            assert (answer.status_code, named) == (422, "Last-Event-ID")


async def test_numbers_older_than_what_is_kept_are_answered_by_a_reset(
    server: ServerProcess, office: Office, proposer: Proposer, postgres: EmbeddedPostgres
) -> None:
    first = await last_seq(office)
    await proposer.run()
    owner = await asyncpg.connect(postgres.dsn("app_owner"))
    await owner.execute("DELETE FROM event WHERE org_id = $1 AND seq <= $2", office.org_id, first)
    await owner.close()
    headers = await office.bearer("lead")
    async with listening(server.url, headers, since=first - 1) as listener:
        assert [heard.kind for heard in await listener.take(1)] == ["reset"]
    async with listening(server.url, headers, since=first) as listener:
        assert [heard.kind for heard in await listener.take(1)] == ["run.created"]


async def test_a_beat_comes_while_nothing_happens(server: ServerProcess, office: Office) -> None:
    async with listening(server.url, await office.bearer("lead")) as listener:
        async with asyncio.timeout(6):
            heard = await listener.any()
        assert heard is not None
        assert (heard.kind, heard.seq) == ("beat", None)


async def test_changes_arrive_after_the_listening_connection_was_cut(
    server: ServerProcess, office: Office, proposer: Proposer, postgres: EmbeddedPostgres
) -> None:
    run_id = await proposer.run()
    async with listening(server.url, await office.bearer("lead")) as listener:
        await touch(office, run_id)
        assert len(await listener.take(1)) == 1
        superuser = await asyncpg.connect(postgres.dsn("postgres"))
        cut = await superuser.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
            LISTENER,
        )
        await superuser.close()
        assert cut
        await touch(office, run_id)
        await touch(office, run_id)
        heard = await listener.take(2)
        assert [one.seq for one in heard] == [await last_seq(office) - 1, await last_seq(office)]


async def test_logout_a_lost_membership_and_a_suspension_end_the_stream(
    server: ServerProcess, office: Office
) -> None:
    email = f"{secrets.token_hex(6)}@people.example"
    guest = await add_user(office.database, email=email, name="Guest", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, guest, Role.VIEWER, office.team)
    people = Office(**{**vars(office), "people": {**office.people, "guest": guest}})
    browser = await people.cookie("lead")
    async with (
        listening(server.url, browser) as leaving,
        listening(server.url, await people.bearer("guest")) as removed,
        listening(server.url, await people.bearer("viewer")) as staying,
    ):
        async with httpx.AsyncClient(base_url=server.url) as client:
            await client.post("/auth/logout", headers={"Cookie": browser["Cookie"]})
        assert await leaving.next() is None
        async with tenant(office.database, office.context) as session:
            await session.execute(delete(TeamMember).where(TeamMember.user_id == guest))
            await session.execute(delete(Membership).where(Membership.user_id == guest))
        assert await removed.next() is None
        with pytest.raises(TimeoutError):
            await staying.next(seconds=1)
        await suspend(office.database, office.slug, "unpaid")
        assert await staying.next() is None


async def test_a_change_of_ones_own_membership_ends_the_stream_at_once(
    server: ServerProcess, office: Office
) -> None:
    async with listening(server.url, await office.bearer("viewer")) as listener:
        async with tenant(office.database, office.context) as session:
            viewer = office.people["viewer"]
            await session.execute(
                update(Membership).where(Membership.user_id == viewer).values(role=Role.TEAM_LEAD)
            )
            record(session, Change(viewer, event=EventKind.MEMBERSHIP_CHANGED))
        assert await listener.next(seconds=3) is None
