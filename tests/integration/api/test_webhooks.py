"""Webhooks in over HTTP: who gets in, what is kept, and what the organization sees of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.connectors.webhook_models import InboundEvent, WebhookSecrets
from backend.core.ids import ConnectionId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import WakeKind
from tenancy.models.change import AuditEvent, Outbox
from tenancy.organizations import suspend
from tenancy.session import system, tenant
from tests.deliveries import SECRET, sign
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

NEXT = "whsec_tests_9876543210"


def event(number: int = 1, *, kind: str = "invoice.paid", **subject: object) -> bytes:
    about = {"object": kind.partition(".")[0], "id": f"in_{number}", **subject}
    body = {"id": f"evt_{number}", "type": kind, "created": 1_700_000_000, "request": None}
    return json.dumps({**body, "data": {"object": about}}, indent=2).encode()


@dataclass(frozen=True)
class Post:
    """The vendor and the organization's administrator at one connection."""

    client: httpx.AsyncClient
    office: Office
    connection_id: ConnectionId

    @property
    def address(self) -> str:
        return f"/webhooks/stripe/{self.connection_id}"

    @property
    def own(self) -> str:
        return f"/api/v1/connections/{self.connection_id}"

    async def secrets(
        self, *secrets: str, by: str = "admin", key: str | None = None
    ) -> httpx.Response:
        headers = await self.office.bearer(by) | ({"Idempotency-Key": key} if key else {})
        sent = {"secrets": list(secrets)}
        return await self.client.put(f"{self.own}/webhook-secrets", headers=headers, json=sent)

    async def deliver(self, body: bytes, header: str | None = None) -> httpx.Response:
        sent = {"Stripe-Signature": header if header is not None else sign(body)}
        return await self.client.post(self.address, content=body, headers=sent)

    async def listed(self, **query: str | int) -> dict[str, Any]:
        headers = await self.office.bearer("admin")
        answer = await self.client.get(f"{self.own}/events", headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def kept(self) -> Sequence[InboundEvent]:
        async with tenant(self.office.database, self.office.context) as session:
            return (await session.scalars(select(InboundEvent).order_by(InboundEvent.id))).all()

    async def woken(self) -> int:
        async with system(self.office.database) as session:
            rows = await session.scalars(
                select(Outbox.subject_id).where(
                    Outbox.org_id == self.office.org_id, Outbox.kind == WakeKind.APPLY_EVENTS
                )
            )
            found = rows.all()
        assert set(found) <= {self.connection_id}
        return len(found)


@pytest.fixture
async def post(client: httpx.AsyncClient, office: Office, proposer: Proposer) -> Post:
    made = Post(client, office, proposer.connection_id)
    assert (await made.secrets(SECRET)).status_code == 200
    return made


async def test_event_is_kept_before_the_answer_and_its_application_asked_for(post: Post) -> None:
    body = event()
    answer = await post.deliver(body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    [row] = await post.kept()
    assert (row.source_event_id, row.kind, row.state) == ("evt_1", "invoice.paid", "waiting")
    assert body not in row.body
    assert await post.woken() == 1


async def test_event_for_a_suspended_organization_is_kept_all_the_same(post: Post) -> None:
    await suspend(post.office.database, post.office.slug, "unpaid")
    assert (await post.deliver(event())).status_code == 200
    [row] = await post.kept()
    assert row.state == "waiting"
    assert await post.woken() == 1


async def test_event_that_comes_again_is_kept_once(post: Post) -> None:
    for _ in range(3):
        assert (await post.deliver(event())).status_code == 200
    assert len(await post.kept()) == 1
    assert await post.woken() == 1


async def test_event_about_nothing_that_is_kept_is_stored_and_ignored(post: Post) -> None:
    assert (await post.deliver(event(kind="payout.paid"))).status_code == 200
    [row] = await post.kept()
    assert row.state == "ignored"
    assert await post.woken() == 0


@pytest.mark.parametrize(
    "header_of",
    [
        lambda _: "",
        lambda _: "t=1,v1=00",
        lambda body: sign(body, "whsec_somebody_elses_00"),
        lambda body: sign(body, late=301),
        lambda body: sign(body, late=-310),
        lambda _: sign(event(2)),
    ],
    ids=["empty", "made up", "of somebody else", "too old", "too new", "of another body"],
)
async def test_delivery_that_is_not_provably_stripes_is_refused(
    post: Post, header_of: Callable[[bytes], str]
) -> None:
    answer = await post.deliver(event(), header_of(event()))
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_refused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert await post.kept() == []


async def test_delivery_without_the_header_is_refused(post: Post) -> None:
    answer = await post.client.post(post.address, content=event())
    assert answer.status_code == 400
    assert await post.kept() == []


async def test_signed_delivery_that_is_no_event_is_refused(post: Post) -> None:
    assert (await post.deliver(b'{"id": 5}')).status_code == 400
    assert await post.kept() == []


async def test_delivery_above_the_limit_is_refused(post: Post) -> None:
    answer = await post.deliver(event(padding="x" * 256 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_where_nothing_is_taken_in_the_answer_tells_nothing(
    post: Post, stranger: Office
) -> None:
    del stranger
    body = event()
    headers = {"Stripe-Signature": sign(body)}
    answers = [
        await post.client.post(path, content=body, headers=headers)
        for path in (
            f"/webhooks/stripe/{new_uuid()}",
            f"/webhooks/stripe/{post.office.org_id}",
            f"/webhooks/paypal/{post.connection_id}",
        )
    ]
    await post.secrets()
    answers.append(await post.deliver(body))
    told = {(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers}
    assert told == {(404, "connection_not_found", "there is nothing at this address")}


async def test_secrets_take_over_from_each_other_without_a_gap(post: Post) -> None:
    answer = await post.secrets(SECRET, NEXT)
    assert answer.json() == {
        "url": f"http://127.0.0.1:8080{post.address}",
        "secrets": 2,
    }
    for number, secret in enumerate((SECRET, NEXT)):
        body = event(number)
        assert (await post.deliver(body, sign(body, secret))).status_code == 200
    await post.secrets(NEXT)
    assert (await post.deliver(event(3))).status_code == 400


async def test_secrets_are_sealed_and_their_setting_is_audited(post: Post) -> None:
    async with tenant(post.office.database, post.office.context) as session:
        row = await session.scalar(select(WebhookSecrets))
        action = AuditEvent.action == AuditAction.WEBHOOK_SECRETS_SET
        [entry] = (await session.scalars(select(AuditEvent).where(action))).all()
    assert row is not None
    assert SECRET.encode() not in row.sealed
    assert (entry.actor_id, entry.details) == (post.office.people["admin"], {"secrets": 1})


@pytest.mark.parametrize("secrets", [("a" * 16, "b" * 16, "c" * 16), ("short",), ("é" * 20,)])
async def test_secrets_that_make_no_sense_are_refused(post: Post, secrets: tuple[str, ...]) -> None:
    answer = await post.secrets(*secrets)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "secrets"
    assert not any(secret in answer.text for secret in secrets)


@pytest.mark.parametrize("who", ["lead", "analyst"])
async def test_who_may_update_connectors_of_a_team_has_no_say_over_the_houses(
    post: Post, who: str
) -> None:
    assert (await post.secrets(NEXT, by=who)).status_code == 404


async def test_same_key_sets_the_secrets_once(post: Post) -> None:
    first = await post.secrets(SECRET, NEXT, key="rotate-1")
    again = await post.secrets(SECRET, NEXT, key="rotate-1")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert (await post.secrets(NEXT, key="rotate-1")).status_code == 422


async def test_list_shows_what_came_in_page_by_page_and_newest_first(post: Post) -> None:
    for number in range(5):
        await post.deliver(event(number))
    first = await post.listed(limit=2)
    assert [item["sourceEventId"] for item in first["items"]] == ["evt_4", "evt_3"]
    second = await post.listed(limit=2, cursor=first["nextCursor"])
    last = await post.listed(limit=2, cursor=second["nextCursor"])
    assert [item["sourceEventId"] for item in last["items"]] == ["evt_0"]
    assert last["nextCursor"] is None
    assert last["items"][0]["state"] == "waiting"


async def test_replay_lets_an_event_wait_again_and_is_audited(post: Post) -> None:
    await post.deliver(event())
    [row] = await post.kept()
    async with tenant(post.office.database, post.office.context) as session:
        failed = await session.get(InboundEvent, (row.org_id, row.id))
        assert failed is not None
        failed.state, failed.attempts, failed.error = "failed", 20, "Stripe: no such key"
    headers = await post.office.bearer("admin")
    answer = await post.client.post(f"{post.own}/events/{row.id}/replay", headers=headers)
    assert answer.status_code == 202
    [item] = (await post.listed())["items"]
    assert (item["state"], item["attempts"], item["error"]) == ("waiting", 0, None)
    assert await post.woken() == 2
    async with tenant(post.office.database, post.office.context) as session:
        action = AuditEvent.action == AuditAction.INBOUND_EVENT_REPLAYED
        [entry] = (await session.scalars(select(AuditEvent).where(action))).all()
    assert entry.subject_id == row.id
    unknown = await post.client.post(f"{post.own}/events/{new_uuid()}/replay", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "inbound_event_not_found")


async def test_deliveries_have_a_limit_of_their_own(post: Post) -> None:
    answer = await post.deliver(event())
    assert answer.headers["ratelimit-policy"] == '"webhook-address";q=100;w=1'
