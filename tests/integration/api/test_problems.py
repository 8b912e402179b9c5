import httpx
import pytest
from litestar import Litestar, get

from backend.api.guards import public
from backend.app import create_app
from backend.core.settings import Settings
from tenancy.ratelimit import RateClass
from tests.fixtures.client import running
from tests.fixtures.people import Office

TOKEN = "/api/v1/auth/token"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", "/api/v1/proposals/not-an-id", None, 404, "not_found"),
        ("DELETE", "/api/v1/me", None, 405, "method_not_allowed"),
        ("GET", "/api/v1/me", None, 401, "unauthenticated"),
        ("POST", TOKEN, b"{", 400, "malformed_body"),
        ("POST", TOKEN, b'{"email": 5', 400, "malformed_body"),
        ("POST", TOKEN, b"\xff", 400, "malformed_body"),
        ("POST", TOKEN, b"[]", 422, "invalid_body"),
        ("POST", TOKEN, b"", 422, "invalid_body"),
        ("POST", TOKEN, b"x" * 1_000_001, 413, "body_too_large"),
    ],
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
