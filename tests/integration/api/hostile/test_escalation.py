"""People and keys that try to become more than they are."""

from typing import Any

import httpx
import pytest

from tests.fixtures.guest import Guest
from tests.fixtures.people import Office

KEYS, ME = "/api/v1/api-keys", "/api/v1/me"


async def make(
    client: httpx.AsyncClient, headers: dict[str, str], **more: object
) -> httpx.Response:
    body = {"name": "Key", "scopes": ["proposals:read:self"], **more}
    return await client.post(KEYS, json=body, headers=headers)


async def test_a_key_makes_no_keys_and_widens_none(client: httpx.AsyncClient, guest: Guest) -> None:
    scopes = ["api_keys:create:org", "api_keys:read:org", "api_keys:delete:org"]
    made = (await make(client, await guest.bearer(), scopes=scopes)).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    for method, path in (
        ("POST", KEYS),
        ("POST", f"{KEYS}/{made['apiKey']['id']}/rotate"),
        ("DELETE", f"{KEYS}/{made['apiKey']['id']}"),
    ):
        body = {"name": "Child", "scopes": ["proposals:read:team"]}
        answer = await client.request(method, path, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "person_required")
    assert (await client.get(KEYS, headers=headers)).status_code == 200
    assert len(await guest.audited("api_key.created")) == 1
    denied = await guest.audited("access.denied")
    assert [one.details["code"] for one in denied] == ["person_required"] * 3
    assert {one.channel for one in denied} == {"api_key"}
    assert denied[2].details["of"] == {"key_id": made["apiKey"]["id"]}


@pytest.mark.parametrize("who", ["analyst", "viewer"])
async def test_who_may_make_no_keys_makes_none(
    client: httpx.AsyncClient, office: Office, who: str
) -> None:
    answer = await make(client, await office.bearer(who))
    assert (answer.status_code, answer.json()["permission"]) == (403, "api_keys:create")


@pytest.mark.parametrize(
    "smuggled",
    [
        {"createdBy": "someone"},
        {"userId": "someone"},
        {"orgId": "another"},
        {"prefix": "cs_0000000000000000"},
        {"secret": "chosen"},
        {"roles": ["org_admin"]},
        {"permissions": ["*:*:all"]},
    ],
)
async def test_fields_that_nobody_offered_are_refused(
    client: httpx.AsyncClient, guest: Guest, smuggled: dict[str, Any]
) -> None:
    headers = await guest.bearer()
    made = await make(client, headers, **smuggled)
    renamed = await client.patch(ME, json={"name": "Ada King", **smuggled}, headers=headers)
    for answer in (made, renamed):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
        assert answer.json()["errors"][0]["field"] == next(iter(smuggled))
    assert (await client.get(KEYS, headers=headers)).json()["items"] == []


async def test_a_key_hears_only_what_its_scopes_show(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    made = (await make(client, await guest.bearer(), scopes=["connectors:read:team"])).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    for path in ("proposals", "runs", "activity", "analytics/overview", "playbooks"):
        answer = await client.get(f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied"), path
    notices = await client.get("/api/v1/notifications", headers=headers)
    assert (notices.status_code, notices.json()["code"]) == (403, "person_required")


async def test_nobody_makes_themselves_more_and_the_audit_keeps_who_tried(
    client: httpx.AsyncClient, guest: Guest, office: Office
) -> None:
    headers, members = await guest.bearer(), "/api/v1/members"
    tries = (
        ("PATCH", f"{members}/{guest.user_id}", {"role": "org_admin"}, "users:update"),
        ("PATCH", f"{members}/{office.people['admin']}", {"role": "viewer"}, "users:update"),
        ("DELETE", f"{members}/{office.people['admin']}", None, "users:delete"),
        ("PUT", "/api/v1/budget", {"tokens": None, "microUsd": None}, "billing:update"),
    )
    for method, path, body, permission in tries:
        answer = await client.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["permission"]) == (403, permission)
    wide = await make(client, headers, scopes=["users:update:org"])
    assert (wide.status_code, wide.json()["errors"][0]["field"]) == (422, "scopes")
    denied = await guest.audited("access.denied")
    assert [one.details["permission"] for one in denied] == [one[3] for one in tries] + [None]
    assert denied[0].details["route"] == f"PATCH {members}/{{user_id}}"
    assert denied[0].details["of"] == {"user_id": str(guest.user_id)}
    assert (await client.get(members, headers=headers)).status_code == 200
    assert await guest.audited("member.changed") == []


async def test_who_tries_again_and_again_does_not_fill_the_audit(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers = await guest.bearer()
    for _ in range(65):
        answer = await client.put("/api/v1/budget", json={}, headers=headers)
        assert answer.status_code == 403
    assert len(await guest.audited("access.denied")) == 60
