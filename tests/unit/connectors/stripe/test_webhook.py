"""Stripe's signature in every way in which it can be wrong, and what an event is taken to be about."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from backend.connectors.hooks import Touched, WebhookRefusedError
from backend.connectors.stripe.webhook import StripeHook

OLD, NEW, FOREIGN = b"whsec_the_old_one_0001", b"whsec_the_new_one_0002", b"whsec_somebody_else_3"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BODY = b'{\n  "id": "evt_1"\n}'
HOOK = StripeHook()


def signature(secret: bytes, body: bytes = BODY, *, at: datetime = NOW) -> str:
    stamp = int(at.timestamp())
    digest = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def accepted(
    header: str | None, *, body: bytes = BODY, secrets: Sequence[bytes] = (OLD, NEW)
) -> bool:
    try:
        HOOK.verify(body, header, secrets, NOW)
    except WebhookRefusedError:
        return False
    return True


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_of_two_live_secrets_suffices(secret: bytes) -> None:
    assert accepted(signature(secret))


def test_stripe_signs_with_several_secrets_while_they_are_rolled() -> None:
    stamp, _, good = signature(NEW).partition(",")
    bad = signature(FOREIGN).partition(",")[2]
    assert accepted(f"{stamp},{bad},{good},v0=0f")
    assert accepted(f"{stamp}, {good}, {bad}")


def test_stripes_own_library_accepts_the_same() -> None:
    header = signature(NEW, at=datetime.now(UTC))
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, NEW.decode(), 300)


@pytest.mark.parametrize(
    ("off", "fits"),
    [
        (timedelta(0), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(days=-365), False),
    ],
)
def test_time_stamp_may_be_five_minutes_off_both_ways(off: timedelta, *, fits: bool) -> None:
    assert accepted(signature(NEW, at=NOW + off)) is fits


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=",
        "nonsense",
        signature(NEW).partition(",")[0],
        signature(NEW).partition(",")[2],
        signature(NEW).replace("v1=", "v0="),
        signature(NEW).replace("v1=", "V1="),
        signature(NEW).replace("t=", "t=-"),
        signature(NEW).replace("t=", "t= "),
        signature(NEW).replace("t=", "t=1,t="),
        f"t={'9' * 400},v1=00",
        signature(NEW)[:-1],
        signature(NEW).upper(),
        signature(FOREIGN),
        "t=١٢٣,v1=00",
    ],
)
def test_header_that_proves_nothing_is_refused(header: str | None) -> None:
    assert not accepted(header)


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY.replace(b"\n", b""), b"", BODY.replace(b"1", b"2")]
)
def test_body_that_differs_by_a_byte_is_refused(body: bytes) -> None:
    assert not accepted(signature(NEW), body=body)


def test_time_stamp_is_signed_too() -> None:
    later = int(NOW.timestamp()) + 1
    assert not accepted(f"t={later},{signature(NEW).partition(',')[2]}")


def test_without_secrets_nothing_is_accepted() -> None:
    assert not accepted(signature(b""), secrets=())


def event(kind: str, subject: dict[str, Any], request: object = None) -> bytes:
    body = {"id": "evt_1", "type": kind, "created": 1_700_000_000, "request": request}
    return json.dumps({**body, "data": {"object": subject}, "livemode": False}).encode()


@pytest.mark.parametrize(
    ("kind", "subject", "touched"),
    [
        ("customer.updated", {"object": "customer", "id": "cus_1"}, Touched("customer", "cus_1")),
        ("invoice.paid", {"object": "invoice", "id": "in_1"}, Touched("invoice", "in_1")),
        (
            "charge.failed",
            {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"},
            Touched("payment", "pi_1"),
        ),
        (
            "charge.succeeded",
            {"object": "charge", "id": "ch_1", "payment_intent": {"id": "pi_1"}},
            Touched("payment", "pi_1"),
        ),
        (
            "charge.failed",
            {"object": "charge", "id": "ch_1", "invoice": "in_1", "payment_intent": "pi_1"},
            Touched("invoice", "in_1"),
        ),
        (
            "charge.dispute.created",
            {"object": "dispute", "id": "dp_1", "payment_intent": "pi_1"},
            Touched("payment", "pi_1"),
        ),
        (
            "credit_note.created",
            {"object": "credit_note", "id": "cn_1", "invoice": {"id": "in_1"}},
            Touched("invoice", "in_1"),
        ),
        ("customer.subscription.updated", {"object": "subscription", "id": "sub_1"}, None),
        ("invoice.upcoming", {"object": "invoice"}, None),
        ("charge.succeeded", {"object": "charge", "id": "ch_1", "payment_intent": None}, None),
        ("payout.paid", {"object": "payout", "id": "po_1"}, None),
        ("balance.available", {"object": "balance"}, None),
    ],
)
def test_event_is_about_the_record_that_is_kept_of_it(
    kind: str, subject: dict[str, Any], touched: Touched | None
) -> None:
    notice = HOOK.read(event(kind, subject))
    assert (notice.event_id, notice.kind, notice.touched) == ("evt_1", kind, touched)
    assert notice.occurred_at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        ({"id": "req_1", "idempotency_key": "k-1"}, "k-1"),
        ({"id": "req_1", "idempotency_key": None}, None),
        ({"id": None}, None),
        ("req_1", None),
        (None, None),
    ],
)
def test_event_names_the_key_of_the_request_that_caused_it(
    request_: object, cause: str | None
) -> None:
    subject = {"object": "invoice", "id": "in_1"}
    assert HOOK.read(event("invoice.updated", subject, request_)).cause == cause


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"id": "evt_1"}',
        event("invoice.paid", {"object": "invoice", "id": 7}),
        event("invoice.paid", {}).replace(b"1700000000", b"17000000000000000"),
    ],
)
def test_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRefusedError):
        HOOK.read(body)
