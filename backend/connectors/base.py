"""What an adapter of a vendor offers and how its calls and failures look."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from backend.connectors.records import Customer, Invoice, Record
from backend.core.errors import NotFoundError, UpstreamError, UpstreamRejectedError


@dataclass(frozen=True, slots=True)
class VendorRequest:
    """One write: ``body`` is kept byte for byte, so that a retry sends the same."""

    method: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write has made or changed: the vendor's id and where a person can look at it."""

    object_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment attempt of a customer. ``status``: succeeded or failed; ``failure`` in the vendor's words.

    ``failure_code`` is the vendor's code of the decline, such as insufficient_funds.
    """

    source_id: str
    invoice_source_id: str | None
    at: datetime
    amount: int
    currency: str
    status: str
    failure: str | None
    failure_code: str | None = None

    def is_for(self, invoice: Invoice) -> bool:
        """Whether it names the invoice; one that names none counts if it has its exact amount and came after it."""
        if self.invoice_source_id is not None:
            return self.invoice_source_id == invoice.source_id
        same = (self.currency, self.amount) == (invoice.currency, invoice.balance)
        return same and self.at >= invoice.created_at


class UpstreamNotFoundError(NotFoundError):
    """The outside system has no such object."""

    code = "upstream_not_found"


class UpstreamAuthenticationError(UpstreamRejectedError):
    """The outside system does not accept the connection's credentials."""

    code = "upstream_authentication"


class UpstreamRateLimitedError(UpstreamError):
    """The outside system asks to wait; ``extra["retry_after"]`` in seconds where it says so."""

    code = "upstream_rate_limited"


class UpstreamBusyError(UpstreamError):
    """A request with the same idempotency key is still running (409)."""

    code = "upstream_busy"


class UpstreamUnreachableError(UpstreamError):
    """No answer: it is not known whether the request was carried out."""

    code = "upstream_unreachable"


class UpstreamMalformedError(UpstreamError):
    """The answer is not what the vendor documents; after a write it is not known what was done."""

    code = "upstream_malformed"


class Adapter(Protocol):
    """One vendor's account behind one connection. Opened and closed as an async context by the registry."""

    vendor: ClassVar[str]

    def customers(self) -> AsyncIterator[Sequence[Customer]]:
        """All customers, page by page."""

    def invoices(self) -> AsyncIterator[Sequence[Invoice]]:
        """All invoices, page by page."""

    async def customer(self, source_id: str) -> Customer:
        """One customer as it is now. Raises :class:`UpstreamNotFoundError`, also for a deleted one."""

    async def invoice(self, source_id: str) -> Invoice:
        """One invoice as it is now. Raises :class:`UpstreamNotFoundError`."""

    async def record(self, kind: str, source_id: str) -> Record:
        """The record of this kind as it is now. Raises :class:`UpstreamNotFoundError`."""

    async def invoice_paid_by(self, payment_source_id: str) -> str | None:
        """The source id of the invoice that a payment is for, if it is for one."""

    async def payments(self, customer_source_id: str) -> Sequence[Payment]:
        """Payment attempts of a customer, newest first."""

    async def send(self, request: VendorRequest, key: str) -> Outcome:
        """Carry out a write under an idempotency key.

        Raises :class:`UpstreamRejectedError` when refused for good, :class:`UpstreamError` when it is not known.
        """

    def record_url(self, kind: str, source_id: str) -> str:
        """Where a person sees the record."""
