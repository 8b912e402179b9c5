"""Lists that go on behind a cursor: the same shape for runs, notifications and what happened."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

RUNS, NOTIFICATIONS, ACTIVITY = "/api/v1/runs", "/api/v1/notifications", "/api/v1/activity"


async def walk(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], **query: str
) -> list[dict[str, Any]]:
    """All items of a list, two at a time."""
    found: list[dict[str, Any]] = []
    asked = {"limit": "2", **query}
    while True:
        answer = await client.get(url, params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= 2
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        asked["cursor"] = page["nextCursor"]


@pytest.fixture
async def busy(proposer: Proposer) -> Proposer:
    """An organization in which five runs were asked for and three proposals made."""
    for who in ("analyst", "lead", "analyst", "lead", "analyst"):
        run_id = await proposer.run(who)
    for _ in range(3):
        await proposer.propose(run_id=run_id)
    return proposer


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("sort", ["-createdAt", "createdAt", "state", "playbook", "-requester"])
async def test_runs_when_walked_in_any_order_then_all_come_once(
    client: httpx.AsyncClient, office: Office, sort: str
) -> None:
    headers = await office.bearer("lead")
    whole = (await client.get(RUNS, params={"sort": sort}, headers=headers)).json()
    assert whole["total"] == 5
    walked = await walk(client, RUNS, headers, sort=sort)
    assert [run["id"] for run in walked] == [run["id"] for run in whole["items"]]
    name = sort.removeprefix("-")
    values = [run["requestedBy"]["name"] if name == "requester" else run[name] for run in walked]
    assert values == sorted(values, reverse=sort.startswith("-"))


async def test_runs_when_one_is_added_while_paging_then_none_comes_twice(
    client: httpx.AsyncClient, office: Office, busy: Proposer
) -> None:
    headers = await office.bearer("lead")
    first = (await client.get(RUNS, params={"limit": 3}, headers=headers)).json()
    await busy.run("lead")
    query = {"limit": 10, "cursor": first["nextCursor"]}
    rest = (await client.get(RUNS, params=query, headers=headers)).json()
    ids = [run["id"] for run in first["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) == 5


@pytest.mark.usefixtures("busy")
async def test_runs_when_narrowed_by_requester_and_time_then_only_those(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers, analyst = await office.bearer("lead"), str(office.people["analyst"])
    own = await walk(client, RUNS, headers, requester=analyst)
    others = await walk(client, RUNS, headers, requester=f"-{analyst}")
    assert (len(own), len(others)) == (3, 2)
    assert {run["requestedBy"]["id"] for run in own} == {analyst}
    assert await walk(client, RUNS, headers, createdTo=own[-1]["createdAt"]) == [own[-1]]
    assert await walk(client, RUNS, headers, state="-queued") == []


@pytest.mark.usefixtures("busy")
async def test_notifications_when_walked_then_all_come_once_in_both_orders(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("lead")
    newest = await walk(client, NOTIFICATIONS, headers)
    assert [one["kind"] for one in newest] == ["asked"] * 3
    assert await walk(client, NOTIFICATIONS, headers, sort="at") == newest[::-1]
    one = newest[1]
    assert await walk(client, NOTIFICATIONS, headers, proposal=one["proposalId"]) == [one]
    body = {"ids": [one["id"]]}
    await client.post(f"{NOTIFICATIONS}/read", json=body, headers=headers)
    unread = await walk(client, NOTIFICATIONS, headers, unread="true")
    assert [still["id"] for still in unread] == [newest[0]["id"], newest[2]["id"]]
    assert len(await walk(client, NOTIFICATIONS, headers, unread="false")) == 1
    assert await walk(client, NOTIFICATIONS, headers, kind="decided") == []


@pytest.mark.usefixtures("busy")
async def test_activity_when_walked_then_all_come_once_newest_first(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("lead")
    acts = await walk(client, ACTIVITY, headers)
    assert [one["what"] for one in acts] == ["proposed"] * 3 + ["started"] * 5
    assert [one["at"] for one in acts] == sorted((one["at"] for one in acts), reverse=True)
    assert len({one["seq"] for one in acts}) == 8
    own = await walk(client, ACTIVITY, headers, actor=str(office.people["analyst"]))
    assert {one["actor"] for one in own} == {"analyst One"}
    proposal = acts[0]["proposalId"]
    assert await walk(client, ACTIVITY, headers, proposal=proposal) == [acts[0]]
    run = acts[-1]["runId"]
    assert await walk(client, ACTIVITY, headers, run=run) == [acts[-1]]


@pytest.mark.parametrize(
    ("url", "query", "status", "field"),
    [
        (RUNS, "sort=nothing", 422, "sort"),
        (RUNS, "requester=somebody", 422, "requester"),
        (RUNS, "createdFrom=soon", 422, "createdFrom"),
        (RUNS, "limit=201", 422, "limit"),
        (RUNS, "offset=1&cursor=x", 422, "cursor"),
        (RUNS, "cursor=x", 400, None),
        (NOTIFICATIONS, "sort=text", 422, "sort"),
        (NOTIFICATIONS, "kind=gossip", 422, "kind"),
        (NOTIFICATIONS, "cursor=x", 400, None),
        (ACTIVITY, "actor=me", 422, "actor"),
        (ACTIVITY, "cursor=x", 400, None),
    ],
)
async def test_list_when_asked_for_what_it_does_not_know_then_it_names_it(
    client: httpx.AsyncClient,
    office: Office,
    *,
    url: str,
    query: str,
    status: int,
    field: str | None,
) -> None:
    answer = await client.get(f"{url}?{query}", headers=await office.bearer("lead"))
    assert answer.status_code == status, answer.text
    problem = answer.json()
    if field is None:
        assert problem["code"] == "bad_cursor"
    else:
        assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.usefixtures("busy")
async def test_cursor_when_it_is_of_another_list_order_or_organization_then_refused(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    headers = await office.bearer("lead")
    cursor = (await client.get(RUNS, params={"limit": 1}, headers=headers)).json()["nextCursor"]
    tried = [
        (RUNS, {"cursor": cursor, "sort": "state"}, headers),
        (NOTIFICATIONS, {"cursor": cursor}, headers),
        (ACTIVITY, {"cursor": cursor}, headers),
        ("/api/v1/proposals", {"cursor": cursor}, headers),
        (RUNS, {"cursor": cursor}, await stranger.bearer("lead")),
    ]
    for url, query, who in tried:
        answer = await client.get(url, params=query, headers=who)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
