"""From Stripe's objects to canonical records. Pure functions; every payload is checked strictly before it is used."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import msgspec

from backend.connectors.base import Payment, UpstreamMalformedError
from backend.connectors.records import Address, Customer, Invoice, InvoiceLine
from backend.connectors.stripe.objects import (
    AddressObject,
    ChargeObject,
    CustomerObject,
    InvoiceObject,
    LineObject,
    Party,
    TaxIdObject,
)

T = TypeVar("T")
Raw = Mapping[str, Any]
CREATE_MARK = "effect_id"
UPDATE_MARK = "cs_"
TAX_NUMBER = "tax_number"


def parse(raw: object, kind: type[T]) -> T:
    """A payload as one of ``objects``. Raises :class:`UpstreamMalformedError` that names the object and the path."""
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        name = raw.get("id", "an object") if isinstance(raw, Mapping) else "an answer"
        raise UpstreamMalformedError(f"Stripe: {name} is not as documented: {error}") from error


def to_customer(raw: Raw) -> Customer:
    """A customer without a name goes by its mail address, else by its id."""
    found = parse(raw, CustomerObject)
    settings = found.invoice_settings
    return Customer(
        source_id=found.id,
        name=found.name or found.email or found.id,
        email=found.email,
        phone=found.phone,
        currency=found.currency.upper() if found.currency else None,
        is_active=True,
        created_at=_moment(found.created),
        billing_address=_address(found.address),
        tax_ids=_tax_numbers(found),
        has_card=bool(found.default_source or (settings and settings.default_payment_method)),
        custom_fields=_custom_fields(found.metadata),
        raw=raw,
    )


def to_invoice(found: InvoiceObject, lines: Sequence[Raw], raw: Raw) -> Invoice:
    """An invoice with all of its lines; a draft, which has no number yet, goes by its id."""
    moments = found.status_transitions
    issued = found.effective_at or moments.finalized_at
    customer_id, current_name = _party(found.customer)
    return Invoice(
        source_id=found.id,
        customer_source_id=customer_id,
        customer_name=current_name or found.customer_name or customer_id,
        number=found.number or found.id,
        status=found.status or "draft",
        currency=found.currency.upper(),
        total=found.total,
        balance=found.amount_remaining,
        credited=found.pre_payment_credit_notes_amount + found.post_payment_credit_notes_amount,
        issue_date=_day(issued) if issued else None,
        due_date=_day(found.due_date) if found.due_date else None,
        paid_at=_moment(moments.paid_at) if moments.paid_at else None,
        created_at=_moment(found.created),
        memo=found.description,
        payment_attempts=found.attempt_count,
        lines=tuple(_line(parse(line, LineObject)) for line in lines),
        custom_fields=_custom_fields(found.metadata),
        raw=raw,
    )


def to_payment(charge: ChargeObject, invoice_source_id: str | None) -> Payment:
    """A charge that has ended; ``invoice_source_id`` is not part of it and comes from elsewhere."""
    return Payment(
        source_id=charge.id,
        invoice_source_id=invoice_source_id,
        at=_moment(charge.created),
        amount=charge.amount,
        currency=charge.currency.upper(),
        status=charge.status,
        failure=charge.failure_message,
        failure_code=_failure_code(charge),
    )


def _tax_numbers(customer: CustomerObject) -> tuple[str, ...]:
    """Stripe's tax ids, and the number that many keep in a custom field instead."""
    listed = customer.tax_ids.data if customer.tax_ids else []
    numbers = [parse(raw, TaxIdObject).value for raw in listed]
    kept = (customer.metadata or {}).get(TAX_NUMBER)
    return tuple(numbers if kept is None or kept in numbers else [*numbers, kept])


def _failure_code(charge: ChargeObject) -> str | None:
    """The issuer's decline code where there is one: ``card_declined`` says less than ``insufficient_funds``."""
    if charge.status != "failed":
        return None
    return (charge.outcome.reason if charge.outcome else None) or charge.failure_code


def _address(address: AddressObject | None) -> Address | None:
    parts = (
        {name: value or None for name, value in msgspec.structs.asdict(address).items()}
        if address
        else {}
    )
    return Address(**parts) if any(parts.values()) else None


def _party(customer: str | Party) -> tuple[str, str | None]:
    if isinstance(customer, str):
        return customer, None
    return customer.id, customer.name or customer.email


def _line(line: LineObject) -> InvoiceLine:
    # An item that was billed once has the moment of its creation as start and as end: that is no period.
    has_period = line.period.start != line.period.end
    return InvoiceLine(
        description=line.description or "",
        amount=line.amount,
        quantity=1 if line.quantity is None else line.quantity,
        period_start=_day(line.period.start) if has_period else None,
        period_end=_day(line.period.end) if has_period else None,
    )


def _custom_fields(metadata: Mapping[str, str] | None) -> dict[str, str]:
    return {
        key: value
        for key, value in (metadata or {}).items()
        if key != CREATE_MARK and not key.startswith(UPDATE_MARK)
    }


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _day(seconds: int) -> date:
    return _moment(seconds).date()
