import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, get

from backend.api.guards import public
from backend.app import create_app
from backend.core.settings import Settings
from tenancy.ratelimit import RateClass
from tests.fixtures.client import ServerProcess, running
from tests.fixtures.people import Office

TOKEN = "/api/v1/auth/token"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", "/api/v1/nowhere", None, 404, "not_found"),
        ("POST", "/api/v2/me", b"{}", 404, "not_found"),
        ("GET", "/api/v1/%00", None, 404, "not_found"),
        ("PUT", "/api/v1/model-keys/a%00b", b"{}", 401, "unauthenticated"),
        ("POST", "/webhooks/a%00b/01939f3a-7c1e-7d52-9a41-5b8f0c2d6e90", b"{}", 404, "not_found"),
        ("GET", "/api/v1/proposals/not-an-id", None, 404, "not_found"),
        ("DELETE", "/api/v1/me", None, 405, "method_not_allowed"),
        ("GET", "/api/v1/me", None, 401, "unauthenticated"),
        ("POST", TOKEN, b"{", 400, "malformed_body"),
        ("POST", TOKEN, b'{"email": 5', 400, "malformed_body"),
        ("POST", TOKEN, b"\xff", 400, "malformed_body"),
        ("POST", TOKEN, b'{"email": "\xff"}', 400, "malformed_body"),
        ("POST", TOKEN, b'{"email": "\\ud800"}', 400, "malformed_body"),
        ("POST", TOKEN, b'{"email": "\x00"}', 400, "malformed_body"),
        ("POST", TOKEN, b"\xef\xbb\xbf{}", 400, "malformed_body"),
        ("POST", TOKEN, b"[" * 33 + b"]" * 33, 400, "malformed_body"),
        ("POST", TOKEN, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400, "malformed_body"),
        ("POST", TOKEN, b"[" * 999_999, 400, "malformed_body"),
        ("POST", TOKEN, b"[]", 422, "invalid_body"),
        ("POST", TOKEN, b"", 422, "invalid_body"),
        ("POST", TOKEN, b"x" * 1_000_001, 413, "body_too_large"),
    ],
    ids=lambda value: repr(value)[:20] if isinstance(value, bytes) else None,
)
async def test_every_failure_is_a_problem_document(
    client: httpx.AsyncClient,
    *,
    method: str,
    path: str,
    body: bytes | None,
    status: int,
    code: str,
) -> None:
    answer = await client.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:countersign:problem:{code}"
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "a@b.c", "password": "x", "otp": 1}, "otp"),
        ({"email": "a@b.c"}, "password"),
        ({"email": 5, "password": "x"}, "email"),
        ({"email": "a@b.c", "password": None}, "password"),
        ({"email": "a@b.c", "password": "x", "organization": 7}, "organization"),
    ],
)
async def test_a_wrong_body_is_422_and_names_the_field(
    client: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    answer = await client.post(TOKEN, json=body)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert field in answer.json()["detail"]


async def test_405_names_the_methods_that_are_taken(client: httpx.AsyncClient) -> None:
    for path, allowed in (("/api/v1/me", {"GET", "PATCH"}), (TOKEN, {"POST"})):
        answer = await client.delete(path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed | {"OPTIONS"}


async def test_options_names_every_method_of_an_address(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await client.options("/api/v1/me", headers=await office.bearer("lead"))
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, OPTIONS, PATCH")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/x"]
)
async def test_415_names_what_is_taken(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post(TOKEN, content=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert kind in answer.json()["detail"]
    assert answer.headers["accept"] == "application/json"


async def test_forms_are_held_to_their_size_and_kind(client: httpx.AsyncClient) -> None:
    for kind, size, status in ((FORM, 1_000_001, 413), ("application/json", 2, 415)):
        headers = {"Content-Type": kind}
        answer = await client.post("/auth/login", content=b"x" * size, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert status == 413 or answer.headers["accept"] == FORM


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/Vnd.x+JSON"]
)
async def test_json_is_taken_under_all_of_its_names(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post(TOKEN, content=b"[]", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A\0B"}, "name"),
        ({"name": "V", "filter": {"q": "\0"}}, "filter.q"),
        ({"name": "V", "filter": {"decision": ["pending", "\0"]}}, "filter.decision[1]"),
        ({"name": "V", "columns": [{"id": "a\0"}]}, "columns[0].id"),
        ({"name": "V", "filter": {"minRisk": 2**63}}, "filter.minRisk"),
        ({"name": "V", "columns": [{"id": "status", "width": -(2**70)}]}, "columns[0].width"),
    ],
)
async def test_what_cannot_be_kept_is_422_and_its_place_is_named(
    client: httpx.AsyncClient, office: Office, body: dict[str, object], field: str
) -> None:
    whole = {"name": "V", "filter": {}, "sort": "-risk", "columns": [{"id": "status"}]} | body
    answer = await client.post("/api/v1/views", json=whole, headers=await office.bearer("lead"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_escaped_backslash_before_u0000_is_no_nul(
    client: httpx.AsyncClient, office: Office
) -> None:
    body = b'{"name": "\\\\u0000", "filter": {}, "sort": "-risk", "columns": [{"id": "status"}]}'
    answer = await client.post("/api/v1/views", content=body, headers=await office.bearer("lead"))
    assert (answer.status_code, answer.json()["name"]) == (201, r"\u0000")


@pytest.mark.parametrize("value", ["a%00b", "%ff", "%ed%a0%80"])
async def test_what_is_no_text_in_an_address_is_refused_and_named(
    client: httpx.AsyncClient, office: Office, value: str
) -> None:
    headers = await office.bearer("lead")
    answer = await client.get(f"/api/v1/proposals?q={value}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [error["field"] for error in answer.json()["errors"]] == ["q"]
    for path in (f"/api/v1/model-keys/{value}", f"/api/v1/runs/{value}"):
        gone = await client.delete(path, headers=await office.bearer("admin"))
        assert gone.status_code in (404, 405)
        assert gone.headers["content-type"] == "application/problem+json"


async def test_a_nul_character_in_a_form_is_refused_and_named(client: httpx.AsyncClient) -> None:
    form = {"email": "a\0@b.c", "password": "x"}
    answer = await client.post("/auth/login", data=form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")


async def test_a_body_in_chunks_is_held_to_its_size(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await client.post(TOKEN, content=chunks())
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_real_server_answers_hostile_requests_with_problem_documents(
    server: ServerProcess, office: Office
) -> None:
    headers = await office.bearer("admin") | {"Connection": "close"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        deep = base64.urlsafe_b64encode(b"[" * 9_000).decode()
        answers = {
            "token": await client.get(
                "/api/v1/me", headers={"Authorization": f"Bearer {deep}.e.e"}
            ),
            "multipart": await client.post(
                "/auth/login", content=b"--x\r\n\0", headers={"Content-Type": MULTIPART}
            ),
            "path": await client.delete("/api/v1/model-keys/%ff%00"),
            "query": await client.get("/api/v1/proposals?q=%00"),
            "deep": await client.post("/api/v1/views", content=b"[" * 900_000),
            "method": await client.request("TRACE", "/api/v1/me"),
            "route": await client.get("/api/v1/no/such/thing"),
        }
    got = {name: (one.status_code, one.headers["content-type"]) for name, one in answers.items()}
    kind = "application/problem+json"
    assert got == {
        "token": (401, kind),
        "multipart": (400, kind),
        "path": (404, kind),
        "query": (422, kind),
        "deep": (400, kind),
        "method": (405, kind),
        "route": (404, kind),
    }


async def test_a_fit_request_id_of_the_caller_is_kept(client: httpx.AsyncClient) -> None:
    for given, kept in (("trace-42.a_b", True), ("a b", False), ("x" * 129, False)):
        answer = await client.get("/api/v1/me", headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is kept
        assert answer.json()["instance"] == answer.headers["x-request-id"]


@get("/crash", opt=public(RateClass.UNLIMITED))
async def crash() -> None:
    """A route with a mistake of ours in it."""
    raise RuntimeError("password=hunter2")


@get("/away", opt=public(RateClass.UNLIMITED))
async def away() -> None:
    """A route that cannot reach something of ours."""
    raise ConnectionRefusedError("postgres.internal:5432")


@pytest.mark.parametrize(
    ("path", "status", "code"), [("/crash", 500, "internal"), ("/away", 503, "unavailable")]
)
async def test_what_nobody_foresaw_says_nothing_about_our_inside(
    settings: Settings, path: str, status: int, code: str
) -> None:
    app: Litestar = create_app(settings)
    app.register(crash)
    app.register(away)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with running(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    for secret in ("hunter2", "postgres.internal", "RuntimeError", "Traceback"):
        assert secret not in answer.text


async def test_preflight_of_another_site_gets_no_permission(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await client.options("/api/v1/me", headers=headers | await office.bearer("lead"))
    assert not [name for name in answer.headers if name.startswith("access-control")]
