"""``fields=`` and entity tags: a client gets what it shows, and nothing that it has."""

import httpx
import pytest
from litestar import Litestar

from backend.api import sparse
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.routes import handlers

PROPOSALS = "/api/v1/proposals"


async def test_fields_when_named_then_a_list_holds_only_them(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose()
    headers = await office.bearer("lead")
    whole = (await client.get(PROPOSALS, headers=headers)).json()
    for query in ("fields=id,yourTurn,amount", "fields=id&fields=yourTurn,amount"):
        page = (await client.get(f"{PROPOSALS}?{query}", headers=headers)).json()
        [row] = page["items"]
        assert row == {name: whole["items"][0][name] for name in ("id", "yourTurn", "amount")}
        assert row["id"] == str(made.row.id)
        assert page | {"items": []} == whole | {"items": []}


async def test_fields_when_named_then_a_single_object_holds_only_them(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose()
    headers = await office.bearer("lead")
    urls = [f"{PROPOSALS}/{made.row.id}", f"/api/v1/runs/{made.row.run_id}"]
    for url in urls:
        whole = (await client.get(url, headers=headers)).json()
        part = (await client.get(url, params={"fields": "createdAt,id"}, headers=headers)).json()
        assert part == {name: whole[name] for name in ("createdAt", "id")}
    me = await client.get("/api/v1/me?fields=permissions", headers=headers)
    assert list(me.json()) == ["permissions"]


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("", "id,colour", "'colour'"),
        ("", "items", "'items'"),
        ("", "", "''"),
        ("", "orgId", "'orgId'"),
        ("/{id}", "digest,row", "'row'"),
        ("/{id}", "decision.kind", "'decision.kind'"),
    ],
)
async def test_fields_when_unknown_then_422_names_them(
    client: httpx.AsyncClient,
    office: Office,
    proposer: Proposer,
    *,
    path: str,
    query: str,
    named: str,
) -> None:
    made = await proposer.propose()
    url = f"{PROPOSALS}{path.format(id=made.row.id)}?fields={query}"
    answer = await client.get(url, headers=await office.bearer("lead"))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error == {"field": "fields", "message": f"unknown field {named}"}


def test_fields_are_taken_wherever_wire_types_are_read(app: Litestar) -> None:
    taking = {name for name, handler in handlers(app) if sparse.selectable(handler)}
    reading = {name for name, _ in handlers(app) if name.startswith("GET /api/v1/")}
    files = {"GET /api/v1/audit/export", "GET /api/v1/proposals/export"}
    assert reading - taking == files | {"GET /api/v1/events"}
    assert not {name for name in taking if not name.startswith("GET /api/v1/")}


async def test_tag_when_nothing_changed_then_304_without_a_body(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose()
    headers = await office.bearer("lead")
    urls = [
        f"{PROPOSALS}/{made.row.id}",
        f"/api/v1/runs/{made.row.run_id}",
        f"/api/v1/runs/{made.row.run_id}/trace",
        "/api/v1/me",
        "/api/v1/me/preferences",
        "/api/v1/budget",
        PROPOSALS,
    ]
    headers |= await office.bearer("admin")
    for url in urls:
        first = await client.get(url, headers=headers)
        tag = first.headers["etag"]
        assert tag.startswith('"')
        assert first.headers["vary"] == "Authorization, Cookie"
        assert first.headers["cache-control"] == "private, no-cache"
        for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await client.get(url, headers=headers | {"If-None-Match": given})
            assert (again.status_code, again.content) == (304, b""), url
            assert again.headers["etag"] == tag
            assert again.headers["vary"] == first.headers["vary"]
            assert "content-length" not in again.headers
            assert "content-type" not in again.headers
        other = await client.get(url, headers=headers | {"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)


async def test_tag_when_the_proposal_or_its_reader_changes_then_another(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = await proposer.propose()
    url, lead = f"{PROPOSALS}/{made.row.id}", await office.bearer("lead")
    tag = (await client.get(url, headers=lead)).headers["etag"]
    viewer = await client.get(url, headers=await office.bearer("viewer") | {"If-None-Match": tag})
    assert viewer.status_code == 200
    part = await client.get(f"{url}?fields=id", headers=lead | {"If-None-Match": tag})
    assert (part.status_code, part.json()) == (200, {"id": str(made.row.id)})
    body = {"kind": "reject", "digest": made.row.digest, "reason": "Paid"}
    await client.post(f"{url}/decisions", json=body, headers=await office.bearer("admin"))
    after = await client.get(url, headers=lead | {"If-None-Match": tag})
    assert (after.status_code, after.json()["decision"]) == (200, "rejected")
    assert after.headers["etag"] != tag


async def test_tag_when_refused_then_a_problem_carries_none(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/me", headers={"If-None-Match": "*"})
    assert answer.status_code == 401
    assert "etag" not in answer.headers
