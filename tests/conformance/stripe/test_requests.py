"""Every request of the adapter is one that Stripe's own document allows, judged by Stripe's stripe-mock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from http import HTTPStatus
from inspect import isfunction
from typing import Any

import httpx
import msgspec
import pytest

from backend.connectors.actions import Action
from backend.connectors.records import Customer, Invoice, Record
from backend.connectors.stripe.adapter import API_VERSION, StripeAdapter
from backend.connectors.stripe.catalog import ACTIONS
from backend.core.errors import UpstreamRejectedError
from tests.conformance import stripe_mock

Use = Callable[[StripeAdapter], Awaitable[object]]
EFFECT = "01a20c3b-93e9-7479-a887-7ad8104de44c"
THEN = datetime(2026, 11, 1, tzinfo=UTC)
DETAILS = {
    "duplicate": "cus_2",
    "email": "a@ada.example",
    "phone": "+31 20 1234567",
    "billing_address": {"line1": "Havenstraat 1", "city": "Zwolle", "country": "NL"},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "stripe.credit_note.create": {"amount": 100, "reason": "duplicate", "memo": "Sorry"},
    "stripe.invoice.void": {"duplicate_of": "INV-1"},
    "stripe.customer.merge_details": DETAILS,
    "stripe.customer.restore_details": DETAILS,
    "stripe.credit_note.void": {"credit_note": "cn_1", "amount": 100},
}
INVOICE = Invoice(
    source_id="in_1",
    customer_source_id="cus_1",
    customer_name="Ada Ltd",
    number="INV-2",
    status="open",
    currency="EUR",
    total=1_000,
    balance=1_000,
    credited=0,
    issue_date=date(2026, 1, 1),
    due_date=date(2026, 1, 31),
    paid_at=None,
    created_at=THEN,
    memo=None,
    lines=(),
)

CUSTOMER = Customer(
    source_id="cus_1",
    name="Ada Ltd",
    email=None,
    phone=None,
    currency=None,
    is_active=True,
    created_at=THEN,
)
TARGETS: dict[str, Record] = {"invoice": INVOICE, "customer": CUSTOMER}


async def _all(pages: AsyncIterator[object]) -> list[object]:
    return [page async for page in pages]


def _sending(action: Action) -> Use:
    parameters = msgspec.convert(PARAMETERS.get(action.name, {}), action.parameters)
    request = action.request(TARGETS[action.target_kind], parameters, EFFECT)
    return lambda stripe: stripe.send(request, EFFECT)


def _reading_back(action: Action) -> Use:
    source_id = TARGETS[action.target_kind].source_id
    return lambda stripe: action.read_back(stripe, source_id, EFFECT, THEN)


METHODS: dict[str, Use] = {
    "customers": lambda stripe: _all(stripe.customers()),
    "invoices": lambda stripe: _all(stripe.invoices()),
    "customer": lambda stripe: stripe.customer("cus_1"),
    "invoice": lambda stripe: stripe.invoice("in_1"),
    "record": lambda stripe: stripe.record("customer", "cus_1"),
    "payments": lambda stripe: stripe.payments("cus_1"),
    "invoice_paid_by": lambda stripe: stripe.invoice_paid_by("pi_1"),
    "credit_notes": lambda stripe: stripe.credit_notes("in_1"),
    "refunds": lambda stripe: stripe.refunds("ch_1"),
    "subject_of_event": lambda stripe: stripe.subject_of_event("invoice.voided", EFFECT, THEN),
}
USES = {
    **METHODS,
    **{f"send {action.name}": _sending(action) for action in ACTIONS},
    **{f"read back {action.name}": _reading_back(action) for action in ACTIONS},
}
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES.keys())


class Wire(httpx.AsyncBaseTransport):
    """The real transport with an ear on it; it may misspell the first parameter of each request."""

    def __init__(self, *, misspell: bool) -> None:
        self.statuses: list[int] = []
        self._misspell = misspell
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(
            _misspelt(request) if self._misspell else request
        )
        self.statuses.append(response.status_code)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _misspelt(request: httpx.Request) -> httpx.Request:
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    url, body = request.url, request.content.decode()
    if request.method == "POST":
        body = f"x{body or 'yz=1'}"
    else:
        url = url.copy_with(query=b"x" + (url.query or b"yz=1"))
    return httpx.Request(request.method, url, content=body.encode(), headers=headers)


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with stripe_mock.start(stripe_mock.binary()) as url:
        yield url


@asynccontextmanager
async def _adapter(url: str, wire: Wire) -> AsyncIterator[StripeAdapter]:
    headers = {"Authorization": "Bearer sk_test_1", "Stripe-Version": API_VERSION}
    async with httpx.AsyncClient(base_url=url, headers=headers, transport=wire) as client:
        yield StripeAdapter(client, "https://dashboard.example")


def test_every_public_method_of_the_adapter_is_tried() -> None:
    public = {
        name
        for name, value in vars(StripeAdapter).items()
        if isfunction(value) and not name.startswith("_")
    }
    assert public - {"send", "invoice_url", "customer_url", "record_url"} == set(METHODS)


@every_use
async def test_stripe_accepts_the_request_and_its_answer_is_understood(
    mock_url: str, use: Use
) -> None:
    wire = Wire(misspell=False)
    async with _adapter(mock_url, wire) as stripe:
        await use(stripe)

    assert wire.statuses
    assert set(wire.statuses) == {HTTPStatus.OK}


@every_use
async def test_stripe_refuses_the_request_with_one_parameter_misspelt(
    mock_url: str, use: Use
) -> None:
    wire = Wire(misspell=True)
    async with _adapter(mock_url, wire) as stripe:
        with pytest.raises(UpstreamRejectedError):
            await use(stripe)

    assert wire.statuses == [HTTPStatus.BAD_REQUEST]
