"""The example client against a real server whose access tokens live for two seconds."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from examples.mobile_client import Event, MobileClient, Refused
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.proposals import Proposer
from tests.waiting import eventually

LIFETIME = 2


@pytest.fixture(scope="module")
def hasty(
    environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    short = {**environ, "COUNTERSIGN_ACCESS_TOKEN_SECONDS": str(LIFETIME)}
    server = ServerProcess(short, tmp_path_factory.mktemp("hasty") / "log")
    server.start()
    yield server
    assert server.stop() == 0


@pytest.fixture
async def client(hasty: ServerProcess, office: Office) -> AsyncIterator[MobileClient]:
    email = f"{secrets.token_hex(6)}@people.example"
    user_id = await add_user(office.database, email=email, name="Grace Low", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, Role.TEAM_LEAD, office.team)
    opened = await MobileClient.log_in(hasty.url, email, PASSWORD)
    yield opened
    await opened.close()


async def streaming(client: MobileClient) -> bool:
    return client.seq is not None


async def renewed(client: MobileClient) -> None:
    before = client.access

    async def look() -> bool:
        return client.access != before

    await eventually(look, "the next token")


async def test_client_when_its_token_expires_then_goes_on_listening_and_decides(
    client: MobileClient, proposer: Proposer
) -> None:
    seen = list[Event]()

    async def follow() -> None:
        async for event in client.events():
            seen.append(event)

    following = asyncio.create_task(follow())
    await eventually(lambda: streaming(client), "an open stream")
    first = await proposer.propose()
    for _ in range(2):
        await proposer.run()
        await renewed(client)  # the stream ended with its token
    last = await proposer.propose()
    ids = {str(first.row.id), str(last.row.id)}

    async def heard() -> bool:
        found = {one.data["proposal"]["id"] for one in seen if one.kind == "proposal.created"}
        return found == ids

    await eventually(heard, "both proposals")
    numbers = [event.seq for event in seen]
    assert numbers == sorted(set(numbers))
    waiting = [row async for row in client.mine()]
    assert {row["id"] for row in waiting} == ids
    assert all(row["yourTurn"] for row in waiting)
    card = await client.card(str(first.row.id))
    assert await client.decide(card, "reject", "Paid by cheque") == "rejected"
    assert (await client.card(str(first.row.id)))["decision"] == "rejected"
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following


async def test_client_when_it_reads_again_then_nothing_is_sent_twice(
    client: MobileClient, proposer: Proposer
) -> None:
    view = await proposer.propose()
    statuses = list[int]()

    async def note(reply: object) -> None:
        statuses.append(reply.status_code)  # type: ignore[attr-defined]

    client.http.event_hooks["response"].append(note)
    one, other = await client.card(str(view.row.id)), await client.card(str(view.row.id))
    assert one == other
    assert statuses == [200, 304]


async def test_client_when_it_is_refused_then_says_why(
    client: MobileClient, hasty: ServerProcess, proposer: Proposer
) -> None:
    view = await proposer.propose()
    card = await client.card(str(view.row.id))
    with pytest.raises(Refused) as refused:
        await client.decide(card, "reject")
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
    with pytest.raises(Refused, match="e-mail or password are wrong"):
        await MobileClient.log_in(hasty.url, "nobody@people.example", "wrong")
