"""One Stripe account on the wire API: reads records, carries out writes, finds writes again. Decides nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from backend.connectors.base import (
    Adapter,
    Outcome,
    Payment,
    UpstreamMalformedError,
    UpstreamNotFoundError,
    VendorRequest,
)
from backend.connectors.http import exchange, open_client
from backend.connectors.paging import Page, walk
from backend.connectors.records import Customer, Invoice, Record
from backend.connectors.registry import Opener
from backend.connectors.stripe import form
from backend.connectors.stripe.errors import raise_for_status
from backend.connectors.stripe.mapping import Raw, parse, to_customer, to_invoice, to_payment
from backend.connectors.stripe.objects import (
    ChargeObject,
    CreditNoteObject,
    EventObject,
    InvoiceObject,
    InvoicePaymentObject,
    Listing,
    Named,
    RefundObject,
)
from backend.core.errors import UpstreamRejectedError
from backend.core.settings import StripeSettings

API_VERSION = "2026-08-26.dahlia"
PAGE_SIZE = 100
PAYMENTS_SHOWN = 25
_FORM = "application/x-www-form-urlencoded"
_CLOCK_SKEW = timedelta(seconds=60)

T = TypeVar("T")


class StripeAdapter:
    """Stripe behind one secret key. The key's account is the only one that it sees."""

    vendor: ClassVar[str] = "stripe"

    def __init__(self, client: httpx.AsyncClient, dashboard_url: str) -> None:
        self._client = client
        self._dashboard_url = dashboard_url

    async def customers(self) -> AsyncIterator[Sequence[Customer]]:
        """All customers that are not deleted, newest first."""
        async for page in self._list("/v1/customers", {"expand": ["data.tax_ids"]}):
            yield [to_customer(raw) for raw in page]

    async def invoices(self) -> AsyncIterator[Sequence[Invoice]]:
        """All invoices, newest first."""
        async for page in self._list("/v1/invoices", {}):
            yield [await self._invoice(raw) for raw in page]

    async def customer(self, source_id: str) -> Customer:
        """One customer. Raises :class:`UpstreamNotFoundError`, also for a deleted one."""
        path = f"/v1/customers/{_segment(source_id)}"
        raw = await self._get(path, {"expand": ["tax_ids"]}, dict[str, Any])
        if raw.get("deleted") is True:
            raise UpstreamNotFoundError(f"Stripe: the customer {source_id} was deleted")
        return to_customer(raw)

    async def invoice(self, source_id: str) -> Invoice:
        """One invoice with the customer's present name."""
        path = f"/v1/invoices/{_segment(source_id)}"
        return await self._invoice(await self._get(path, {"expand": ["customer"]}, dict[str, Any]))

    async def record(self, kind: str, source_id: str) -> Record:
        """The invoice or customer as it is now."""
        if kind == Invoice.kind:
            return await self.invoice(source_id)
        return await self.customer(source_id)

    async def payments(self, customer_source_id: str) -> Sequence[Payment]:
        """The newest charges of a customer that have ended, at most ``PAYMENTS_SHOWN``."""
        query: dict[str, form.Value] = {"customer": customer_source_id, "limit": PAYMENTS_SHOWN}
        listing = await self._get("/v1/charges", query, Listing)
        charges = [parse(raw, ChargeObject) for raw in listing.data]
        ended = [charge for charge in charges if charge.status != "pending"]
        intents = {charge.payment_intent for charge in ended if charge.payment_intent}
        invoice_ids = await asyncio.gather(*map(self.invoice_paid_by, intents))
        paid = dict(zip(intents, invoice_ids, strict=True))
        return [to_payment(one, paid.get(one.payment_intent or "")) for one in ended]

    async def credit_notes(self, invoice_source_id: str) -> Sequence[CreditNoteObject]:
        """All credit notes of an invoice, newest first."""
        return await self._collect(
            "/v1/credit_notes", {"invoice": invoice_source_id}, CreditNoteObject
        )

    async def refunds(self, charge_source_id: str) -> Sequence[RefundObject]:
        """All refunds of a charge, newest first."""
        return await self._collect("/v1/refunds", {"charge": charge_source_id}, RefundObject)

    async def subject_of_event(self, kind: str, key: str, dispatched_at: datetime) -> str | None:
        """The object that an event of this kind tells of, if the request with this idempotency key caused it.

        Stripe keeps events for 30 days.
        """
        since = int((dispatched_at - _CLOCK_SKEW).timestamp())
        query: dict[str, form.Value] = {"type": kind, "created": {"gte": since}}
        async for page in self._list("/v1/events", query):
            for event in (parse(raw, EventObject) for raw in page):
                if event.request and event.request.idempotency_key == key:
                    return event.data.object.id
        return None

    async def send(self, request: VendorRequest, key: str) -> Outcome:
        """Carry out a write. A missing target is a refusal here: nothing was done and nothing will be."""
        headers = {"Idempotency-Key": key, "Content-Type": _FORM}
        call = self._client.build_request(
            request.method, request.path, content=request.body.encode(), headers=headers
        )
        response = await exchange(self._client, call)
        try:
            raise_for_status(response)
        except UpstreamNotFoundError as error:
            raise UpstreamRejectedError(error.message, **error.extra) from error
        made = _decode(response, Named)
        if made.object == Customer.kind:
            return Outcome(made.id, self.customer_url(made.id))
        return Outcome(made.id, self.invoice_url(made.invoice or made.id))

    def invoice_url(self, source_id: str) -> str:
        """The invoice in Stripe's dashboard; its credit notes are listed there."""
        return f"{self._dashboard_url}/invoices/{_segment(source_id)}"

    def customer_url(self, source_id: str) -> str:
        """The customer in Stripe's dashboard."""
        return f"{self._dashboard_url}/customers/{_segment(source_id)}"

    def record_url(self, kind: str, source_id: str) -> str:
        """The invoice or customer in Stripe's dashboard."""
        return self.invoice_url(source_id) if kind == Invoice.kind else self.customer_url(source_id)

    async def _invoice(self, raw: Raw) -> Invoice:
        found = parse(raw, InvoiceObject)
        lines = list(found.lines.data)
        if found.lines.has_more:
            path = f"/v1/invoices/{_segment(found.id)}/lines"
            lines = [line async for page in self._list(path, {}) for line in page]
        return to_invoice(found, lines, raw)

    async def invoice_paid_by(self, payment_source_id: str) -> str | None:
        """The invoice of a payment intent."""
        # A charge has not named its invoice since API version 2025-03-31; attempts on one invoice share an intent.
        payment = {"type": "payment_intent", "payment_intent": payment_source_id}
        listing = await self._get("/v1/invoice_payments", {"payment": payment}, Listing)
        return parse(listing.data[0], InvoicePaymentObject).invoice if listing.data else None

    async def _collect(
        self, path: str, query: Mapping[str, form.Value], kind: type[T]
    ) -> Sequence[T]:
        return [parse(raw, kind) async for page in self._list(path, query) for raw in page]

    def _list(
        self, path: str, query: Mapping[str, form.Value]
    ) -> AsyncIterator[Sequence[dict[str, Any]]]:
        return walk(partial(self._page, path, query))

    async def _page(
        self, path: str, query: Mapping[str, form.Value], cursor: str | None
    ) -> Page[dict[str, Any]]:
        paging = {"limit": PAGE_SIZE, "starting_after": cursor}
        listing = await self._get(path, {**query, **paging}, Listing)
        has_next = listing.has_more and listing.data
        return Page(listing.data, parse(listing.data[-1], Named).id if has_next else None)

    async def _get(self, path: str, query: Mapping[str, form.Value], kind: type[T]) -> T:
        call = self._client.build_request("GET", f"{path}?{form.encode(query)}")
        response = await exchange(self._client, call)
        raise_for_status(response)
        return _decode(response, kind)


def opener(settings: StripeSettings) -> Opener:
    """How a connection's secret key becomes an open adapter."""

    @asynccontextmanager
    async def opened(secret: bytes) -> AsyncIterator[Adapter]:
        headers = {"Authorization": f"Bearer {secret.decode()}", "Stripe-Version": API_VERSION}
        async with open_client(settings.base_url, headers) as client:
            yield StripeAdapter(client, settings.dashboard_url)

    return opened


def _decode(response: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as error:
        path = response.request.url.path
        raise UpstreamMalformedError(
            f"Stripe: the answer of {path} is not as documented: {error}"
        ) from error


def _segment(source_id: str) -> str:
    return quote(source_id, safe="")
