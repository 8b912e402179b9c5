"""What every reply tells a browser, who else may read it, and what a header of the request cannot do."""

from collections.abc import Mapping

import httpx
import pytest

from backend.app import create_app
from backend.core.settings import load
from tests.fixtures.client import running
from tests.fixtures.guest import LOGIN, Guest
from tests.fixtures.people import Office

ME, APP = "/api/v1/me", "https://app.example.com"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        ME,
        "/health/live",
        "/schema",
        "/schema/docs",
        "/branding.css",
        "/api/v1/runs?x=1",
    ],
)
async def test_every_reply_says_what_a_browser_may_do_with_it(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in headers  # the public address is no https here
    assert "access-control-allow-origin" not in headers


async def test_behind_https_browsers_are_told_to_stay_there_and_another_origin_is_let_in_by_name(
    environ: Mapping[str, str], office: Office
) -> None:
    changed = {"PUBLIC_URL": "https://sign.example.com", "CORS_ORIGINS": f"{APP}, http://x:3000"}
    settings = load({**environ, **{f"COUNTERSIGN_{name}": one for name, one in changed.items()}})
    application = create_app(settings)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)  # type: ignore[arg-type]
    bearer = await office.bearer("lead")
    async with (
        running(application),
        httpx.AsyncClient(transport=transport, base_url="https://sign.example.com") as client,
    ):
        own = await client.get(ME, headers=bearer)
        let_in = await client.get(ME, headers={**bearer, "Origin": APP})
        foreign = await client.get(ME, headers={**bearer, "Origin": "https://evil.example"})
        asked = await client.options(ME, headers={**PREFLIGHT, "Origin": APP})
        refused = await client.options(ME, headers={**PREFLIGHT, "Origin": "https://evil.example"})
        cookie = await client.patch(
            ME,
            json={"name": "Taken"},
            headers={**await office.cookie("lead"), "Origin": APP},
        )
    assert own.headers["strict-transport-security"] == "max-age=31536000"
    assert "access-control-allow-origin" not in own.headers
    assert let_in.headers["access-control-allow-origin"] == APP
    assert "retry-after" in let_in.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in let_in.headers
    assert "access-control-allow-origin" not in foreign.headers
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, APP)
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert (cookie.status_code, cookie.json()["code"]) == (403, "foreign_origin")


async def test_no_header_of_a_request_chooses_the_organization(
    client: httpx.AsyncClient, office: Office, stranger: Office, guest: Guest
) -> None:
    theirs = {
        "Host": f"{stranger.slug}.127.0.0.1:8080",
        "X-Forwarded-Host": f"{stranger.slug}.countersign.example",
        "Forwarded": f"host={stranger.slug}.countersign.example",
        "X-Organization": stranger.slug,
        "X-Tenant-Id": str(stranger.org_id),
        "X-Original-URL": "/api/v1/audit",
        "X-HTTP-Method-Override": "DELETE",
    }
    for own in (await office.bearer("admin"), await guest.cookie()):
        me = (await client.get(ME, headers={**theirs, **own})).json()
        assert me["organization"]["slug"] == office.slug
    entered = await client.post(LOGIN, data=guest.login(), headers=theirs)
    assert entered.status_code == 303
    client.cookies.clear()
    nobody = {**theirs, "Host": f"{office.slug}.127.0.0.1:8080"}
    assert (await client.get(ME, headers=nobody)).status_code == 401
