"""Every POST that changes something can be sent again under its ``Idempotency-Key``."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from litestar import Litestar

from backend.api.contract import is_kept
from backend.app import create_app
from backend.core.settings import Settings
from tests.fixtures.client import running
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.routes import handlers

UNKEPT = {
    "POST /api/v1/auth/token": "a password's reply holds tokens, which are kept nowhere",
    "POST /api/v1/auth/refresh": "so does this one, and the token itself works once",
    "POST /api/v1/proposals/bulk/preview": "changes nothing",
    "POST /api/v1/api-keys": "the reply holds the key, which is kept nowhere",
    "POST /api/v1/api-keys/{key_id:uuid}/rotate": "so does this one",
    "POST /api/v1/me/totp": "the reply holds the secret of the second factor",
    "POST /api/v1/me/totp/confirm": "the reply holds its recovery codes",
    "POST /api/v1/me/totp/recovery-codes": "so does this one",
    "POST /api/v1/me/totp/disable": "done again it is as done",
    "POST /api/v1/me/password": "a body with passwords leaves no fingerprint",
    "POST /api/v1/auth/password-reset": "nobody is signed in who could have a key",
    "POST /api/v1/auth/password-reset/confirm": "nor here, and its token works once",
    "POST /auth/reset-link": "a browser's form",
    "POST /auth/reset": "a browser's form",
    "POST /auth/invite": "a browser's form",
    "POST /auth/login": "a browser's form",
    "POST /auth/logout": "a browser's form",
    "POST /auth/switch": "a browser's form",
    "POST /auth/password": "a browser's form",
    "POST /auth/second-factor": "a browser's form",
    "POST /auth/second-factor/end": "a browser's form",
    "POST /webhooks/{vendor:str}/{connection_id:uuid}": "the vendor's event id makes it once",
}
VIEW = {"name": "Mine", "filter": {}, "sort": "-risk", "columns": [{"id": "status"}]}


def test_post_when_it_changes_something_then_its_reply_is_kept(app: Litestar) -> None:
    posts = {name: handler for name, handler in handlers(app) if name.startswith("POST ")}
    assert {name for name, handler in posts.items() if not is_kept(handler)} == set(UNKEPT)


@pytest.fixture
async def writes(proposer: Proposer) -> Mapping[str, Mapping[str, Any]]:
    """Acts that would be refused or come out otherwise the second time."""
    unknown = await proposer.unknown()
    return {
        "/api/v1/views": VIEW,
        f"/api/v1/proposals/{unknown.row.id}/effect": {
            "kind": "mark_not_done",
            "reason": "Nothing is there",
        },
        "/api/v1/notifications/read": {},
        "/api/v1/me/sessions/revoke-others": {},
    }


async def test_post_when_sent_again_then_the_first_reply_comes_and_nothing_happens(
    client: httpx.AsyncClient, office: Office, writes: Mapping[str, Mapping[str, Any]]
) -> None:
    headers = await office.bearer("lead")
    for number, (url, body) in enumerate(writes.items()):
        keyed = headers | {"Idempotency-Key": f"write-{number}"}
        first = await client.post(url, json=body, headers=keyed)
        assert first.is_success, first.text
        assert "idempotent-replayed" not in first.headers
        again = await client.post(url, json=body, headers=keyed)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotent-replayed"] == "true"
    views = (await client.get("/api/v1/views", headers=headers)).json()["items"]
    assert [view["name"] for view in views] == ["Mine"]


async def test_post_when_its_key_comes_with_another_body_then_refused(
    client: httpx.AsyncClient, office: Office, writes: Mapping[str, Mapping[str, Any]]
) -> None:
    headers = await office.bearer("lead")
    for number, (url, body) in enumerate(writes.items()):
        keyed = headers | {"Idempotency-Key": f"write-{number}"}
        assert (await client.post(url, json=body, headers=keyed)).is_success
        other = await client.post("/api/v1/views", json=VIEW | {"name": "Else"}, headers=keyed)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_key_when_the_server_is_another_process_by_now_then_still_known(
    settings: Settings, office: Office, proposer: Proposer
) -> None:
    unknown = await proposer.unknown()
    url = f"/api/v1/proposals/{unknown.row.id}/effect"
    body = {"kind": "mark_done", "reason": "It is in the dashboard"}
    headers = await office.bearer("lead") | {"Idempotency-Key": "mark"}
    replies = []
    for _ in range(2):
        app = create_app(settings)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with (
            running(app),
            httpx.AsyncClient(transport=transport, base_url="http://x") as client,
        ):
            replies.append(await client.post(url, json=body, headers=headers))
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[1].content == replies[0].content
    assert replies[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_key_when_unfit_then_422(client: httpx.AsyncClient, office: Office, key: str) -> None:
    headers = await office.bearer("lead") | {"Idempotency-Key": key}
    answer = await client.post("/api/v1/views", json=VIEW, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
