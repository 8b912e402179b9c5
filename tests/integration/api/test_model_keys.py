from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import select

from backend.app import create_app
from backend.core.settings import load
from backend.playbooks.model_keys import open_keys
from backend.playbooks.models import ModelKeyRow
from tenancy.models.change import AuditEvent, StoredReply
from tenancy.session import tenant
from tests.fixtures.client import running
from tests.fixtures.people import Office

URL = "/api/v1/model-keys"
KEY = "sk-live-do-not-tell-wxyz"


async def test_key_is_kept_sealed_and_comes_back_by_its_ends_alone(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("admin")
    once = {**headers, "Idempotency-Key": "key"}
    answers = [
        await client.put(f"{URL}/openai", headers=once, json={"key": KEY}),
        await client.put(f"{URL}/openai", headers=once, json={"key": KEY}),
        await client.get(URL, headers=await office.bearer("analyst")),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[1].headers["idempotent-replayed"] == "true"
    [shown] = answers[2].json()["items"]
    assert (shown["provider"], shown["hint"], shown["baseUrl"]) == ("openai", "sk-…wxyz", None)
    assert shown["createdBy"]["name"] == "admin One"
    async with tenant(office.database, office.context) as session:
        opened = await open_keys(session, office.settings.keys)
        row = await session.scalar(select(ModelKeyRow))
        replies = list(await session.scalars(select(StoredReply.body)))
        audited = list(await session.scalars(select(AuditEvent.details)))
    assert opened["openai"].api_key == KEY
    assert row is not None
    assert KEY.encode() not in row.sealed
    seen = [answer.text for answer in answers] + [str(replies), str(audited)]
    assert not any(KEY in text for text in seen)
    assert {"provider": "openai", "baseUrl": None} in audited


async def test_key_is_replaced_and_removed(client: httpx.AsyncClient, office: Office) -> None:
    headers = await office.bearer("admin")
    for key in (KEY, "sk-another-key-for-it-abcd"):
        answer = await client.put(f"{URL}/anthropic", headers=headers, json={"key": key})
    [shown] = answer.json()["items"]
    assert shown["hint"] == "sk-…abcd"
    gone = await client.delete(f"{URL}/anthropic", headers=headers)
    assert (gone.status_code, gone.json()["items"]) == (200, [])
    again = await client.delete(f"{URL}/anthropic", headers=headers)
    assert (again.status_code, again.json()["code"]) == (404, "model_key_not_found")


async def test_key_of_one_organization_is_nothing_to_another(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    body = {"key": KEY}
    await client.put(f"{URL}/openai", headers=await office.bearer("admin"), json=body)
    theirs = await stranger.bearer("admin")
    assert (await client.get(URL, headers=theirs)).json()["items"] == []
    assert (await client.delete(f"{URL}/openai", headers=theirs)).status_code == 404
    async with tenant(stranger.database, stranger.context) as session:
        assert await open_keys(session, stranger.settings.keys) == {}


async def test_key_that_makes_no_sense_is_refused_without_being_repeated(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("admin")
    for path, body, status in (
        ("openai", {"key": "short"}, 422),
        ("openai", {"key": f"{KEY}\r\nX-Other: 1"}, 422),
        ("openai", {"key": KEY, "baseUrl": "ftp://models.example.com"}, 422),
        ("mistral", {"key": KEY}, 404),
    ):
        answer = await client.put(f"{URL}/{path}", headers=headers, json=body)
        assert answer.status_code == status
        assert KEY not in answer.text


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("http://models.example.com/v1", "https://"),
        ("https://127.0.0.1/v1", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://localhost:8420", "private network"),
    ],
)
async def test_address_of_a_key_leads_outside_in_production(
    environ: Mapping[str, str], office: Office, base_url: str, words: str
) -> None:
    application = create_app(load({**environ, "COUNTERSIGN_ENVIRONMENT": "production"}))
    transport = httpx.ASGITransport(application)  # type: ignore[arg-type]
    async with (
        running(application),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        body = {"key": KEY, "baseUrl": base_url}
        headers = await office.bearer("admin")
        answer = await client.put(f"{URL}/openai", headers=headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    assert words in answer.json()["detail"]
