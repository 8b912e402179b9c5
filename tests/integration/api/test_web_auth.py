from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from backend.app import create_app
from backend.core.settings import load
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.client import running
from tests.fixtures.people import PASSWORD, Office

ME = "/api/v1/me"


def login(office: Office, **more: str) -> dict[str, str]:
    sent = {"email": "lead@people.example", "password": PASSWORD, "organization": office.slug}
    return {**sent, **more}


async def test_login_sets_a_cookie_that_scripts_cannot_read_and_opens_the_api(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await client.post("/auth/login", data=login(office, next="/proposals/7?tab=evidence"))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/proposals/7?tab=evidence"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("countersign_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert (await client.get(ME)).json()["organization"]["slug"] == office.slug


async def test_cookie_is_secure_behind_https(environ: dict[str, str], office: Office) -> None:
    public = "https://countersign.example"
    app = create_app(load({**environ, "COUNTERSIGN_PUBLIC_URL": public}))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with running(app), httpx.AsyncClient(transport=transport, base_url=public) as client:
        answer = await client.post("/auth/login", data=login(office), headers={"Origin": public})
        assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "proposals", "/a\r\nX-Evil: 1"],
)
async def test_login_never_leads_to_another_site(
    client: httpx.AsyncClient, office: Office, target: str
) -> None:
    answer = await client.post("/auth/login", data=login(office, next=target))
    assert answer.headers["location"] == "/proposals"


@pytest.mark.parametrize(
    "wrong", [{"password": "no"}, {"email": "nobody@people.example"}, {"organization": "not-mine"}]
)
async def test_failed_login_leads_back_and_keeps_where_one_wanted_to_go(
    client: httpx.AsyncClient, office: Office, wrong: dict[str, str]
) -> None:
    answer = await client.post("/auth/login", data=login(office, next="/runs", **wrong))
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/login"
    assert parse_qs(target.query) == {"error": ["login_failed"], "next": ["/runs"]}
    assert "set-cookie" not in answer.headers
    assert (await client.get(ME)).status_code == 401


async def test_clients_that_accept_json_get_no_redirects(
    client: httpx.AsyncClient, office: Office
) -> None:
    json = {"Accept": "application/json"}
    bad = await client.post("/auth/login", data=login(office, password="no"), headers=json)
    assert (bad.status_code, bad.json()["code"]) == (401, "login_failed")
    assert (await client.post("/auth/login", data=login(office), headers=json)).status_code == 204
    assert (await client.get(ME)).status_code == 200
    assert (await client.post("/auth/logout", headers=json)).status_code == 204
    assert (await client.get(ME)).status_code == 401


async def test_login_without_an_organization_opens_the_first(
    client: httpx.AsyncClient, office: Office
) -> None:
    sent = login(office)
    del sent["organization"]
    assert (await client.post("/auth/login", data=sent)).status_code == 303
    me = (await client.get(ME)).json()
    assert me["organization"] == me["organizations"][0]


async def test_session_is_new_with_every_login_and_the_old_one_is_dead(
    client: httpx.AsyncClient, office: Office
) -> None:
    planted = {"Cookie": "countersign_session=chosen-by-somebody-else"}
    first = await client.post("/auth/login", data=login(office), headers=planted)
    old = first.cookies["countersign_session"]
    assert old != "chosen-by-somebody-else"
    second = await client.post("/auth/login", data=login(office))
    assert second.cookies["countersign_session"] != old
    client.cookies.clear()
    dead = await client.get(ME, headers={"Cookie": f"countersign_session={old}"})
    assert dead.status_code == 401
    assert dead.json()["detail"] == "this session has ended; log in again"


async def test_logout_ends_the_session_and_is_audited(
    client: httpx.AsyncClient, office: Office
) -> None:
    await client.post("/auth/login", data=login(office))
    token = client.cookies["countersign_session"]
    answer = await client.post("/auth/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert (await client.get(ME)).status_code == 401
    held = await client.get(ME, headers={"Cookie": f"countersign_session={token}"})
    assert held.status_code == 401
    async with tenant(office.database, office.context) as session:
        acts = set(await session.scalars(select(AuditEvent.action)))
    assert {"user.logged_in", "user.logged_out"} <= acts


async def test_switch_moves_to_another_organization_of_the_same_person(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    await client.post("/auth/login", data=login(office))
    old = client.cookies["countersign_session"]
    answer = await client.post("/auth/switch", data={"organization": stranger.slug})
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals")
    assert (await client.get(ME)).json()["organization"]["slug"] == stranger.slug
    dead = await client.get(ME, headers={"Cookie": f"countersign_session={old}"})
    assert dead.status_code == 401
    unknown = await client.post("/auth/switch", data={"organization": "not-mine"})
    assert unknown.status_code == 404
    client.cookies.clear()
    assert (await client.post("/auth/switch", data={"organization": "x"})).status_code == 401


@pytest.mark.parametrize("path", ["login", "logout", "switch"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8080"]
)
async def test_forms_of_other_sites_are_refused(
    client: httpx.AsyncClient, office: Office, path: str, origin: str
) -> None:
    answer = await client.post(f"/auth/{path}", data=login(office), headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert "set-cookie" not in answer.headers


async def test_names_of_this_machine_count_as_one_origin(
    client: httpx.AsyncClient, office: Office
) -> None:
    for origin in ("http://localhost:8080", "http://127.0.0.1:8080"):
        headers = {"Origin": origin}
        answer = await client.post("/auth/login", data=login(office), headers=headers)
        assert answer.status_code == 303


async def test_writes_with_the_cookie_need_our_header_and_origin(
    client: httpx.AsyncClient, office: Office
) -> None:
    path, headers = f"/api/v1/playbooks/{office.playbook.id}/runs", await office.cookie("analyst")
    session = {"Cookie": headers["Cookie"]}
    assert (await client.get(ME, headers=session)).status_code == 200
    bare = await client.post(path, headers=session)
    assert (bare.status_code, bare.json()["code"]) == (403, "missing_header")
    foreign = await client.post(path, headers=headers | {"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    own = await client.post(path, headers=headers | {"Origin": "http://localhost:8080"})
    assert own.status_code == 202
