import httpx
from sqlalchemy import update

from backend.connectors.models import Connection
from backend.core.clock import now
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

STATUS, ACTIVITY = "/api/v1/status", "/api/v1/activity"


async def test_status_says_what_answers_and_what_does_not_and_the_worst_wins(
    client: httpx.AsyncClient, office: Office
) -> None:
    shown = (await client.get(STATUS, headers=await office.bearer("viewer"))).json()
    states = {one["id"]: one["state"] for one in shown["checks"]}
    assert states.pop("relay") in {"ok", "degraded", "failed"}  # other tests leave wake-ups behind
    assert states.pop("database") in {"ok", "degraded"}  # it answers; how quickly is the machine's
    assert states == {"engine": "failed", "workers": "unknown", "stream": "ok"}
    assert shown["state"] == "failed"


async def test_status_is_asked_once_in_five_seconds(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("viewer")
    first, again = [(await client.get(STATUS, headers=headers)).json() for _ in range(2)]
    assert first["checks"][0]["checkedAt"] == again["checks"][0]["checkedAt"]


async def test_status_names_ones_own_connections_only(
    client: httpx.AsyncClient, office: Office, stranger: Office, proposer: Proposer
) -> None:
    own = f"connection:{proposer.connection_id}"

    async def connections(of: Office) -> dict[str, str]:
        answer = await client.get(STATUS, headers=await of.bearer("viewer"))
        checks = answer.json()["checks"]
        return {one["id"]: one["state"] for one in checks if one["id"].startswith("connection:")}

    assert await connections(office) == {own: "unknown"}
    async with tenant(office.database, office.context) as session:
        await session.execute(update(Connection).values(synced_at=now()))
    assert await connections(office) == {own: "ok"}
    assert await connections(stranger) == {}


async def test_activity_tells_who_did_what_within_reach(
    client: httpx.AsyncClient, office: Office, stranger: Office, proposer: Proposer
) -> None:
    view = await proposer.executed()
    headers = await office.bearer("lead")
    shown = (await client.get(ACTIVITY, headers=headers)).json()["items"]
    told = [(one["actor"], one["what"], one["subject"]) for one in shown]
    sentence = view.row.sentence
    assert told[0] == (None, "executed", sentence)
    assert ("lead One", "approved", sentence) in told
    assert (None, "proposed", sentence) in told
    assert ("analyst One", "started", "Overdue invoices") in told
    assert [one["seq"] for one in shown] == sorted((one["seq"] for one in shown), reverse=True)
    assert shown[0]["proposalId"] == str(view.row.id)
    assert shown[0]["seal"] == "executed"
    one = (await client.get(f"{ACTIVITY}?limit=1", headers=headers)).json()["items"]
    assert one == shown[:1]
    for who, of in (("outsider", office), ("admin", stranger)):
        answer = await client.get(ACTIVITY, headers=await of.bearer(who))
        assert answer.json()["items"] == []
