"""Answers that Stripe may give and that neither the simulator nor stripe-mock does, from a scripted server."""

import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from backend.connectors.base import UpstreamMalformedError, VendorRequest
from backend.connectors.stripe.adapter import StripeAdapter, opener
from backend.core.settings import StripeSettings

INVOICE: dict[str, Any] = {
    "id": "in_1",
    "object": "invoice",
    "created": 1_780_000_000,
    "currency": "eur",
    "customer": "cus_1",
    "total": 600,
    "amount_remaining": 600,
    "pre_payment_credit_notes_amount": 0,
    "post_payment_credit_notes_amount": 0,
    "status_transitions": {},
}
CHARGE = {"object": "charge", "created": 1_780_000_000, "amount": 600, "currency": "eur"}


def _line(number: int) -> dict[str, Any]:
    return {
        "id": f"il_{number}",
        "object": "line_item",
        "amount": 200,
        "period": {"start": 1, "end": 1},
    }


def _list(*data: object, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": has_more}


class Script:
    """Answers each path (with its query, where that matters) with what the test has written there."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}

    def write(self, answers: Mapping[str, object]) -> None:
        self.answers |= {path: json.dumps(body).encode() for path, body in answers.items()}

    def answer(self, path: str) -> bytes:
        return self.answers.get(path) or self.answers[path.partition("?")[0]]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = script.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
async def stripe(server: str) -> AsyncIterator[StripeAdapter]:
    async with opener(StripeSettings(server, "https://dashboard.example"))(b"sk_1") as adapter:
        assert isinstance(adapter, StripeAdapter)
        yield adapter


async def test_lines_behind_those_in_the_invoice_are_fetched(
    stripe: StripeAdapter, script: Script
) -> None:
    lines = "/v1/invoices/in_1/lines"
    script.write(
        {
            "/v1/invoices/in_1": INVOICE | {"lines": _list(_line(1), has_more=True)},
            f"{lines}?limit=100": _list(_line(1), _line(2), has_more=True),
            f"{lines}?limit=100&starting_after=il_2": _list(_line(3)),
        }
    )

    invoice = await stripe.invoice("in_1")

    assert [line.amount for line in invoice.lines] == [200, 200, 200]


async def test_payments_name_the_invoice_that_their_intent_belongs_to(
    stripe: StripeAdapter, script: Script
) -> None:
    failed = {"id": "ch_2", "status": "failed", "payment_intent": "pi_1", "failure_message": "No."}
    script.write(
        {
            "/v1/charges": _list(
                CHARGE | {"id": "ch_3", "status": "pending", "payment_intent": "pi_2"},
                CHARGE | failed,
                CHARGE | {"id": "ch_1", "status": "succeeded", "payment_intent": None},
            ),
            "/v1/invoice_payments": _list({"id": "inpay_1", "invoice": "in_1"}),
        }
    )

    payments = await stripe.payments("cus_1")

    assert [(one.source_id, one.invoice_source_id) for one in payments] == [
        ("ch_2", "in_1"),
        ("ch_1", None),
    ]


async def test_an_answer_to_a_write_that_cannot_be_read_leaves_the_effect_open(
    stripe: StripeAdapter, script: Script
) -> None:
    script.answers["/v1/invoices/in_1/void"] = b"<html>Sign in to the hotel's network</html>"

    with pytest.raises(UpstreamMalformedError) as unclear:
        await stripe.send(VendorRequest("POST", "/v1/invoices/in_1/void", ""), "key")

    assert unclear.value.retryable


async def test_a_list_that_repeats_its_page_is_given_up(
    stripe: StripeAdapter, script: Script
) -> None:
    script.write({"/v1/invoices": _list(INVOICE | {"lines": _list()}, has_more=True)})

    with pytest.raises(UpstreamMalformedError, match="in_1"):
        _ = [page async for page in stripe.invoices()]
