"""Roles that an organization makes: they hold at once and everywhere, and never more than who made them."""

from collections.abc import Awaitable, Callable, Sequence

import httpx
import pytest
from sqlalchemy import select

from tenancy.audit import AuditAction
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.fixtures.stream import listening

ROLES, ME, PROPOSALS = "/api/v1/roles", "/api/v1/me", "/api/v1/proposals"
Make = Callable[..., Awaitable[str]]


@pytest.fixture
def make(client: httpx.AsyncClient, office: Office) -> Make:
    """Makes a role as an admin; its id."""

    async def made(name: str, *permissions: str) -> str:
        body = {"name": name, "permissions": permissions}
        answer = await client.post(ROLES, json=body, headers=await office.bearer("admin"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return made


@pytest.fixture
def give(client: httpx.AsyncClient, office: Office) -> Callable[..., Awaitable[httpx.Response]]:
    """Changes a member, as an admin or as somebody else."""

    async def given(who: str, *, by: str = "admin", **change: object) -> httpx.Response:
        path = f"/api/v1/members/{office.people[who]}"
        return await client.patch(path, json=change, headers=await office.bearer(by))

    return given


Give = Callable[..., Awaitable[httpx.Response]]


async def give_team(
    client: httpx.AsyncClient, office: Office, team: str, name: str, role: str | None
) -> httpx.Response:
    body, headers = {"name": name, "role": role}, await office.bearer("admin")
    return await client.put(f"/api/v1/teams/{team}", json=body, headers=headers)


async def audited(office: Office, action: AuditAction) -> Sequence[object]:
    async with tenant(office.database, office.context) as session:
        query = select(AuditEvent.details).where(AuditEvent.action == action)
        return list(await session.scalars(query.order_by(AuditEvent.id)))


async def test_a_role_is_made_given_changed_and_deleted_and_holds_from_the_next_request(
    client: httpx.AsyncClient, office: Office, make: Make, give: Give
) -> None:
    admin, viewer = await office.bearer("admin"), await office.bearer("viewer")
    role = await make("Bookkeeper", "*:read:org", "runs:create:team")
    path = f"{ROLES}/{role}"
    assert (await client.get("/api/v1/audit", headers=viewer)).status_code == 403
    assert (await give("viewer", role=role)).status_code == 204
    assert (await client.get("/api/v1/audit", headers=viewer)).status_code == 200
    me = (await client.get(ME, headers=viewer)).json()
    assert (me["roles"], me["roleName"]) == ([role], "Bookkeeper")
    assert {"users:read:org", "runs:create:team"} <= set(me["permissions"])

    listed = (await client.get(ROLES, headers=admin)).json()
    assert [one["id"] for one in listed["items"]][:2] == ["super_admin", "org_admin"]
    shown = listed["items"][-1]
    assert (shown["id"], shown["name"], shown["custom"]) == (role, "Bookkeeper", True)
    assert shown["permissions"] == ["*:read:org", "runs:create:team"]  # as written
    assert set(shown["grants"]) == set(me["permissions"])
    assert (shown["members"], shown["canChange"]["allowed"]) == (1, True)
    having = await client.get("/api/v1/members", params={"role": role}, headers=admin)
    assert [one["name"] for one in having.json()["items"]] == ["viewer One"]
    assert having.json()["total"] == 1

    narrower = await client.patch(path, json={"permissions": ["runs:read:org"]}, headers=admin)
    assert (narrower.status_code, narrower.json()["name"]) == (200, "Bookkeeper")
    assert (await client.get("/api/v1/audit", headers=viewer)).status_code == 403
    held = await client.delete(path, headers=admin)
    assert (held.status_code, held.json()["code"]) == (409, "role_in_use")
    assert (await give("viewer", role="viewer")).status_code == 204
    assert (await client.delete(path, headers=admin)).status_code == 204
    assert (await client.delete(path, headers=admin)).status_code == 404
    assert (await give("viewer", role=role)).status_code == 422

    was = {"name": "Bookkeeper", "permissions": ["*:read:org", "runs:create:team"]}
    now = {"name": "Bookkeeper", "permissions": ["runs:read:org"]}
    assert await audited(office, AuditAction.ROLE_CREATED) == [was]
    assert await audited(office, AuditAction.ROLE_CHANGED) == [{"before": was, "after": now}]
    assert await audited(office, AuditAction.ROLE_DELETED) == [now]
    assert await audited(office, AuditAction.MEMBER_CHANGED) == [
        {"role": role, "before": "viewer"},
        {"role": "viewer", "before": role},
    ]


async def test_nobody_makes_changes_or_gives_a_role_that_holds_more_than_they_do(
    client: httpx.AsyncClient, office: Office, make: Make, give: Give
) -> None:
    clerk = await make(
        "Clerk",
        *(f"settings:{act}:org" for act in ("read", "update", "admin")),
        *(f"users:{act}:org" for act in ("read", "update")),
        "runs:*:team",
    )
    auditor = await make("Auditor", "audit_logs:read:org")
    await give("outsider", role=clerk)
    headers = await office.bearer("outsider")
    for permissions, lacking in (
        (["runs:read:org"], ["runs:read:org"]),
        (["runs:read:team", "billing:read:org"], ["billing:read:org"]),
        (["*:admin:org"], ["billing:admin:org"]),
        (["*:*:all"], "users:update:all"),
        (["settings:*:org"], ["settings:*:org"]),  # all of today, but not what comes later
    ):
        body = {"name": "More", "permissions": permissions}
        for answer in (
            await client.post(ROLES, json=body, headers=headers),
            await client.patch(f"{ROLES}/{clerk}", json=body, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_rights"), body
            told = answer.json()["permissions"]
            assert lacking == told or lacking in told
    within = {"name": "Less", "permissions": ["runs:*:team", "settings:read:org"]}
    assert (await client.post(ROLES, json=within, headers=headers)).status_code == 201

    team, own = str(office.team), str(office.elsewhere)
    assert (await give_team(client, office, team, "Receivables", auditor)).status_code == 200
    refused = [
        await client.patch(f"{ROLES}/{auditor}", json=within, headers=headers),
        await give("viewer", by="outsider", role=auditor),
        await give("outsider", by="outsider", teams=[own, team]),
        await client.put(
            f"/api/v1/teams/{own}", json={"name": "Own", "role": auditor}, headers=headers
        ),
        await client.put(
            f"/api/v1/teams/{team}", json={"name": "Bare", "role": None}, headers=headers
        ),
        await give("viewer", by="admin", role="super_admin"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {
        (403, "beyond_own_rights")
    }
    alone = {"name": "All", "permissions": ["runs:read:all"]}
    answer = await client.post(ROLES, json=alone, headers=await office.bearer("admin"))
    assert (answer.status_code, answer.json()["permissions"]) == (403, ["runs:read:all"])


async def test_an_api_key_writes_no_wildcard_and_its_own_wildcards_end_at_its_author(
    client: httpx.AsyncClient, office: Office
) -> None:
    admin = await office.bearer("admin")
    body = {"name": "Everything", "scopes": ["*:*:org"]}
    made = (await client.post("/api/v1/api-keys", json=body, headers=admin)).json()
    assert made["apiKey"]["scopes"] == ["*:*:org"]
    key = {"Authorization": f"Bearer {made['secret']}"}
    wide, plain = [
        await client.post(ROLES, json={"name": f"R{n}", "permissions": [text]}, headers=key)
        for n, text in enumerate(("*:read:org", "runs:read:org"))
    ]
    assert (wide.status_code, wide.json()["permissions"]) == (403, ["*:read:org"])
    assert plain.status_code == 201
    path = f"/api/v1/members/{office.people['admin']}"
    await client.patch(
        f"/api/v1/members/{office.people['lead']}", json={"role": "org_admin"}, headers=admin
    )
    await client.patch(path, json={"role": "viewer"}, headers=await office.bearer("lead"))
    me = (await client.get(ME, headers=key)).json()
    assert set(me["permissions"]) == {
        f"{one}:read:org"
        for one in (
            *("connectors", "analytics", "proposals", "runs"),
            *("playbooks", "documents", "policies"),
        )
    }


async def test_a_role_that_cannot_be_is_refused_in_words(
    client: httpx.AsyncClient, office: Office, make: Make
) -> None:
    admin = await office.bearer("admin")
    role = await make("Auditor", "audit_logs:read:org")
    for body, status, field in (
        ({"name": "A", "permissions": []}, 422, "permissions"),
        ({"name": "A", "permissions": ["users:read:team"]}, 422, "permissions"),
        ({"name": " ", "permissions": ["runs:read:org"]}, 422, "name"),
        ({"name": "auditor", "permissions": ["runs:read:org"]}, 409, None),
        ({"name": "Org Admin", "permissions": ["runs:read:org"]}, 409, None),
    ):
        answer = await client.post(ROLES, json=body, headers=admin)
        assert answer.status_code == status, answer.text
        if field:
            assert answer.json()["errors"][0]["field"] == field
        else:
            assert answer.json()["code"] == "role_name_taken"
    nothing = await client.patch(f"{ROLES}/{role}", json={}, headers=admin)
    assert nothing.status_code == 422
    unknown = await client.get("/api/v1/members", params={"role": "king"}, headers=admin)
    assert unknown.status_code == 422


async def test_the_role_of_a_team_reaches_that_team_and_no_other(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, make: Make, give: Give
) -> None:
    """Somebody of both teams who may nothing by themselves; one proposal in each team."""
    here, there = await proposer.propose(), await proposer.propose(by="outsider")
    nothing = await make("Nobody", "settings:read:org")
    teams = [str(office.elsewhere), str(office.team)]
    assert (await give("viewer", role=nothing, teams=teams)).status_code == 204
    viewer = await office.bearer("viewer")
    assert (await client.get(PROPOSALS, headers=viewer)).status_code == 403

    given = await give_team(client, office, teams[1], "Receivables", "org_admin")
    assert (given.status_code, given.json()["role"]) == (200, "org_admin")
    found = (await client.get(PROPOSALS, headers=viewer)).json()["items"]
    assert [one["id"] for one in found] == [str(here.row.id)]
    boxes = (await client.get("/api/v1/inbox/counts", headers=viewer)).json()
    assert boxes["mine"] == 1
    pending = (await client.get("/api/v1/analytics/overview", headers=viewer)).json()
    assert pending["reach"] == "team"
    reject = {"kind": "reject", "digest": there.row.digest, "reason": "No"}
    refused = await client.post(
        f"{PROPOSALS}/{there.row.id}/decisions", json=reject, headers=viewer
    )
    assert refused.status_code == 404
    for path in ("members", "settings", "api-keys", "audit", "playbooks"):
        assert (await client.get(f"/api/v1/{path}", headers=viewer)).status_code in (403, 404)
    run = await client.post(f"/api/v1/playbooks/{office.playbook.id}/runs", json={}, headers=viewer)
    assert (run.status_code, run.json()["permission"]) == (403, "runs:create")  # of the first team
    given = await client.post(
        f"{PROPOSALS}/{here.row.id}/decisions",
        json={**reject, "digest": here.row.digest},
        headers=viewer,
    )
    assert given.status_code == 200, given.text

    await give_team(client, office, teams[1], "Receivables", None)
    await give_team(client, office, teams[0], "Elsewhere", "member")
    mine = await client.post(
        f"/api/v1/playbooks/{office.playbook.id}/runs", json={}, headers=viewer
    )
    assert mine.status_code == 202, mine.text
    assert (await client.get(PROPOSALS, headers=viewer)).json()["items"] == []
    runs = (await client.get("/api/v1/runs", headers=viewer)).json()["items"]
    assert [one["id"] for one in runs] == [mine.json()["id"]]
    assert (await give("viewer", teams=[teams[1]])).status_code == 204
    assert (await client.get("/api/v1/runs", headers=viewer)).status_code == 403


async def test_rights_taken_away_through_one_process_are_refused_by_every_other_at_once(
    client: httpx.AsyncClient, server: ServerProcess, office: Office, make: Make, give: Give
) -> None:
    """Changes go through the API in this process, requests to another one with pools of its own, and the other way."""
    role = await make("Reader", "users:read:org", "api_keys:create:org")
    bare = await make("Nobody", "settings:read:org")
    viewer, admin = await office.bearer("viewer"), await office.bearer("admin")
    async with httpx.AsyncClient(base_url=server.url) as elsewhere:

        async def allowed(headers: dict[str, str]) -> set[bool]:
            """As many requests as find every connection of the other process warm."""
            asked = [await elsewhere.get("/api/v1/members", headers=headers) for _ in range(8)]
            return {one.status_code == 200 for one in asked}

        await give("viewer", role=role)
        body = {"name": "Reading", "scopes": ["users:read:org"]}
        made = await elsewhere.post("/api/v1/api-keys", json=body, headers=viewer)
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        cookie = await office.cookie("viewer")
        holders = (viewer, key, cookie)
        async with listening(server.url, viewer) as stream:
            for headers in holders:
                assert await allowed(headers) == {True}
            await client.patch(
                f"{ROLES}/{role}", json={"permissions": ["runs:read:org"]}, headers=admin
            )
            for headers in holders:
                assert await allowed(headers) == {False}
            assert await stream.next() is None  # an open stream is checked anew
        await client.patch(
            f"{ROLES}/{role}", json={"permissions": ["users:read:org"]}, headers=admin
        )
        assert await allowed(viewer) == {True}
        await give("viewer", role=bare)
        assert await allowed(viewer) == {False}

        path = f"/api/v1/members/{office.people['viewer']}"
        assert (await client.get("/api/v1/members", headers=viewer)).status_code == 403
        await elsewhere.patch(path, json={"role": "team_lead"}, headers=admin)
        assert (await client.get("/api/v1/members", headers=viewer)).status_code == 200
        await elsewhere.patch(path, json={"role": "viewer"}, headers=admin)
        assert (await client.get("/api/v1/members", headers=viewer)).status_code == 403


async def test_streams_of_a_team_end_when_its_role_changes(
    client: httpx.AsyncClient, server: ServerProcess, office: Office
) -> None:
    async with (
        listening(server.url, await office.bearer("viewer")) as inside,
        listening(server.url, await office.bearer("outsider")) as outside,
    ):
        await give_team(client, office, str(office.team), "Receivables", "member")
        assert await inside.next() is None
        await give_team(client, office, str(office.elsewhere), "Elsewhere", "member")
        assert await outside.next() is None
