"""Members and teams: who may change what, what the database refuses, and when access ends."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from backend.core.ids import UserId
from tenancy.audit import AuditAction
from tenancy.members import add_member, add_user
from tenancy.models.change import AuditEvent
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.people import PASSWORD, Office

MEMBERS, TEAMS, ME = "/api/v1/members", "/api/v1/teams", "/api/v1/me"
Newcomer = Callable[[str, Role], Awaitable[str]]


@pytest.fixture
def newcomer(office: Office) -> Newcomer:
    """Takes somebody new into the office; the id of the person, who can act as ``office.people`` by their name."""

    async def take_in(name: str, role: Role) -> str:
        email = f"{secrets.token_hex(6)}@people.example"
        user_id = await add_user(office.database, email=email, name=name, password=PASSWORD)
        async with tenant(office.database, office.context) as session:
            await add_member(session, user_id, role, None)
        return str(user_id)

    return take_in


async def audited(office: Office, action: AuditAction) -> list[dict[str, object]]:
    async with tenant(office.database, office.context) as session:
        query = select(AuditEvent.details).where(AuditEvent.action == action)
        return list(await session.scalars(query.order_by(AuditEvent.id)))


async def names(client: httpx.AsyncClient, office: Office, **query: str | int) -> list[str]:
    answer = await client.get(MEMBERS, params=query, headers=await office.bearer("admin"))
    return [one["name"] for one in answer.json()["items"]]


async def test_members_are_listed_by_name_a_page_at_a_time(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers, seen = await office.bearer("lead"), []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(MEMBERS, params={"limit": "2", **cursor}, headers=headers)
        page = answer.json()
        assert page["total"] == len(office.people)
        seen += page["items"]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert [one["name"] for one in seen] == sorted(f"{name} One" for name in office.people)
    lead = next(one for one in seen if one["name"] == "lead One")
    assert (lead["role"], lead["teams"]) == ("team_lead", [str(office.team)])
    assert lead["email"] == "lead@people.example"


async def test_each_is_told_what_they_may_change_and_which_roles_they_may_give(
    client: httpx.AsyncClient, office: Office, newcomer: Newcomer
) -> None:
    above = await newcomer("Root", Role.SUPER_ADMIN)
    may: dict[str, set[str]] = {}
    for who in ("lead", "admin"):
        headers = await office.bearer(who)
        members = (await client.get(MEMBERS, headers=headers)).json()["items"]
        roles = (await client.get("/api/v1/roles", headers=headers)).json()["items"]
        teams = (await client.get(TEAMS, headers=headers)).json()
        may[who] = {one["id"] for one in roles if one["canGive"]["allowed"]}
        changed = {one["id"] for one in members if one["canChange"]["allowed"]}
        assert changed == {one["id"] for one in members if one["canRemove"]["allowed"]}
        assert changed == ({one["id"] for one in members} - {above} if who == "admin" else set())
        assert teams["canChange"]["allowed"] is (who == "admin")
    assert may == {"lead": set(), "admin": {"org_admin", "team_lead", "member", "viewer"}}
    refused = next(one for one in members if one["id"] == above)["canChange"]["reason"]
    assert refused == "the role super_admin holds rights that you lack"


async def test_another_role_holds_from_the_next_request_on(
    client: httpx.AsyncClient, office: Office
) -> None:
    admin, viewer = await office.bearer("admin"), await office.bearer("viewer")
    assert (await client.get(MEMBERS, headers=viewer)).status_code == 403
    path = f"{MEMBERS}/{office.people['viewer']}"
    changed = {"role": "team_lead", "teams": [str(office.elsewhere), str(office.team)]}
    assert (await client.patch(path, json=changed, headers=admin)).status_code == 204
    page = (await client.get(MEMBERS, headers=viewer)).json()
    member = next(one for one in page["items"] if one["name"] == "viewer One")
    assert (member["role"], member["teams"]) == (changed["role"], changed["teams"])
    assert await audited(office, AuditAction.MEMBER_CHANGED) == [
        {"role": "team_lead", "before": "viewer"},
        {"teams": changed["teams"]},
    ]


async def test_nobody_gives_or_takes_more_than_they_have(
    client: httpx.AsyncClient, office: Office, newcomer: Newcomer
) -> None:
    admin, above = await office.bearer("admin"), await newcomer("Root", Role.SUPER_ADMIN)
    own = f"{MEMBERS}/{office.people['admin']}"
    for path, role in ((own, "super_admin"), (f"{MEMBERS}/{above}", "viewer")):
        answer = await client.patch(path, json={"role": role}, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_rights")
        assert "users:update:all" in answer.json()["permissions"]
    answer = await client.delete(f"{MEMBERS}/{above}", headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_rights")


async def test_the_last_admin_stays_also_when_two_remove_each_other(
    client: httpx.AsyncClient, office: Office, newcomer: Newcomer
) -> None:
    admin, own = await office.bearer("admin"), f"{MEMBERS}/{office.people['admin']}"
    alone = [
        await client.patch(own, json={"role": "viewer"}, headers=admin),
        await client.delete(own, headers=admin),
        await client.delete(f"{ME}/membership", headers=admin),
    ]
    assert {(one.status_code, one.json()["code"]) for one in alone} == {(409, "last_admin")}
    other = await newcomer("Bo", Role.ORG_ADMIN)
    office = office_with(office, "other", other)
    both = await asyncio.gather(
        client.delete(own, headers=await office.bearer("other")),
        client.delete(f"{MEMBERS}/{other}", headers=admin),
    )
    assert sorted(one.status_code for one in both) in ([204, 401], [204, 404], [204, 409])


def office_with(office: Office, name: str, user_id: str) -> Office:
    return replace(office, people={**office.people, name: UserId(UUID(user_id))})


async def test_who_is_removed_is_nobody_at_once_and_old_sessions_stay_dead(
    client: httpx.AsyncClient, office: Office, newcomer: Newcomer
) -> None:
    guest = await newcomer("Guest", Role.MEMBER)
    office = office_with(office, "guest", guest)
    token, cookie = await office.bearer("guest"), await office.cookie("guest")
    refresh = (await office.tokens("guest")).refresh
    for headers in (token, cookie):
        assert (await client.get(ME, headers=headers)).status_code == 200
    removed = await client.delete(f"{MEMBERS}/{guest}", headers=await office.bearer("admin"))
    assert removed.status_code == 204
    assert "Guest" not in await names(client, office)
    async with tenant(office.database, office.context) as session:
        await add_member(session, office.people["guest"], Role.VIEWER, None)
    for headers in (token, cookie):
        assert (await client.get(ME, headers=headers)).status_code == 401
    again = await client.post("/api/v1/auth/refresh", json={"refreshToken": refresh})
    assert again.status_code == 401
    assert (await client.get(ME, headers=await office.bearer("guest"))).status_code == 200
    assert await audited(office, AuditAction.MEMBER_REMOVED) == [{"role": "member"}]


async def test_who_leaves_is_gone_and_belongs_to_their_other_organizations(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    headers = await office.bearer("viewer")
    assert (await client.delete(f"{ME}/membership", headers=headers)).status_code == 204
    assert (await client.get(ME, headers=headers)).status_code == 401
    assert "viewer One" not in await names(client, office)
    assert (await client.get(ME, headers=await stranger.bearer("viewer"))).status_code == 200
    assert await audited(office, AuditAction.MEMBER_LEFT) == [{"role": "viewer"}]


async def test_a_change_that_makes_no_sense_changes_nothing(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    admin, path = await office.bearer("admin"), f"{MEMBERS}/{office.people['viewer']}"
    team = str(office.team)
    for body, field in (
        ({}, "role"),
        ({"role": "king"}, "role"),
        ({"role": "viewer", "teams": [team, team]}, "teams"),
        ({"role": "member", "teams": [str(stranger.team)]}, "teams"),
    ):
        answer = await client.patch(path, json=body, headers=admin)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), body
    page = (await client.get(MEMBERS, headers=admin)).json()
    viewer = next(one for one in page["items"] if one["name"] == "viewer One")
    assert (viewer["role"], viewer["teams"]) == ("viewer", [team])
    assert await audited(office, AuditAction.MEMBER_CHANGED) == []


async def test_teams_form_a_tree_that_nobody_can_close_to_a_circle(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    admin, top, below = await office.bearer("admin"), str(office.team), str(office.elsewhere)
    made = await client.post(TEAMS, json={"name": "Night  shift", "parent": top}, headers=admin)
    assert (made.status_code, made.json()["name"], made.json()["parent"]) == (
        201,
        "Night shift",
        top,
    )
    moved = await client.put(
        f"{TEAMS}/{below}", json={"name": "Elsewhere", "parent": made.json()["id"]}, headers=admin
    )
    assert moved.status_code == 200
    for parent, name, status, field in (
        (below, "Receivables", 422, "parent"),
        (top, "Receivables", 422, "parent"),
        (str(stranger.team), "Receivables", 422, "parent"),
        (None, " ", 422, "name"),
        (None, "night shift", 409, None),
    ):
        body = {"name": name, "parent": parent}
        answer = await client.put(f"{TEAMS}/{top}", json=body, headers=admin)
        assert answer.status_code == status, body
        if field:
            assert answer.json()["errors"][0]["field"] == field
    shown = (await client.get(TEAMS, headers=admin)).json()["items"]
    assert [(one["name"], one["parent"]) for one in shown] == [
        ("Elsewhere", made.json()["id"]),
        ("Night shift", top),
        ("Receivables", None),
    ]


async def test_two_moves_at_once_close_no_circle(client: httpx.AsyncClient, office: Office) -> None:
    admin, one, other = await office.bearer("admin"), str(office.team), str(office.elsewhere)
    both = await asyncio.gather(
        client.put(f"{TEAMS}/{one}", json={"name": "One", "parent": other}, headers=admin),
        client.put(f"{TEAMS}/{other}", json={"name": "Other", "parent": one}, headers=admin),
    )
    assert sorted(answer.status_code for answer in both) == [200, 422]


async def test_a_team_is_deleted_once_it_is_empty(
    client: httpx.AsyncClient, office: Office
) -> None:
    admin = await office.bearer("admin")
    busy = await client.delete(f"{TEAMS}/{office.team}", headers=admin)
    assert (busy.status_code, busy.json()["code"]) == (409, "team_in_use")
    made = (
        await client.post(TEAMS, json={"name": "Spare", "role": "viewer"}, headers=admin)
    ).json()["id"]
    assert (await client.delete(f"{TEAMS}/{made}", headers=admin)).status_code == 204
    assert (await client.delete(f"{TEAMS}/{made}", headers=admin)).status_code == 404
    assert {"name": "Spare"} in await audited(office, AuditAction.TEAM_DELETED)
