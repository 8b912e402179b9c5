from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.connectors.base import UpstreamMalformedError
from backend.connectors.records import Invoice
from backend.connectors.stripe.mapping import parse, to_customer, to_invoice
from backend.connectors.stripe.objects import InvoiceObject

ISSUED = 1_780_000_000
LINE = {
    "amount": 500,
    "description": "Monthly retainer",
    "period": {"start": ISSUED, "end": ISSUED + 30 * 86_400},
    "quantity": 2,
}
INVOICE: dict[str, Any] = {
    "id": "in_1",
    "object": "invoice",
    "created": ISSUED - 60,
    "currency": "eur",
    "customer": "cus_1",
    "customer_name": "Ada Ltd",
    "number": "INV-1",
    "status": "open",
    "total": 1_000,
    "amount_remaining": 700,
    "pre_payment_credit_notes_amount": 200,
    "post_payment_credit_notes_amount": 100,
    "due_date": ISSUED + 86_400,
    "effective_at": None,
    "description": None,
    "metadata": {},
    "status_transitions": {"finalized_at": ISSUED, "paid_at": None},
    "lines": {"data": [LINE], "has_more": False},
    "hosted_invoice_url": "https://changes.every.day",
}
CUSTOMER: dict[str, Any] = {
    "id": "cus_1",
    "object": "customer",
    "created": ISSUED,
    "name": "Ada Ltd",
    "email": "a@ada.example",
    "phone": None,
    "currency": "eur",
    "metadata": {"tax_number": "DE1"},
}


def _invoice(**changed: object) -> Invoice:
    raw = INVOICE | changed
    found = parse(raw, InvoiceObject)
    return to_invoice(found, found.lines.data, raw)


def test_an_open_invoice_becomes_a_canonical_one() -> None:
    invoice = _invoice()

    assert (invoice.source_id, invoice.number, invoice.status) == ("in_1", "INV-1", "open")
    assert (invoice.total, invoice.balance, invoice.credited) == (1_000, 700, 300)
    assert invoice.issue_date == date(2026, 5, 28)
    assert invoice.due_date == date(2026, 5, 29)
    assert invoice.created_at == datetime(2026, 5, 28, 20, 25, 40, tzinfo=UTC)
    assert invoice.raw["hosted_invoice_url"] == "https://changes.every.day"


def test_a_currency_without_decimals_keeps_its_minor_units() -> None:
    invoice = _invoice(currency="jpy", total=184_220)
    assert invoice.money(invoice.total).text() == "JPY\N{NO-BREAK SPACE}184,220"


def test_an_invoice_may_have_no_due_date() -> None:
    assert _invoice(due_date=None).due_date is None


def test_a_draft_goes_by_its_id_and_has_not_been_issued() -> None:
    draft = _invoice(
        number=None, status="draft", status_transitions={"finalized_at": None, "paid_at": None}
    )
    assert (draft.number, draft.status, draft.issue_date) == ("in_1", "draft", None)


def test_a_printed_date_goes_before_the_date_of_finalization() -> None:
    assert _invoice(effective_at=ISSUED - 10 * 86_400).issue_date == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("customer", "name_on_invoice", "expected"),
    [
        ("cus_1", "Ada Ltd", "Ada Ltd"),
        ("cus_1", None, "cus_1"),
        ({"id": "cus_1", "name": "Ada GmbH", "email": None}, "Ada Ltd", "Ada GmbH"),
        ({"id": "cus_1", "name": None, "email": "a@ada.example"}, "Ada Ltd", "a@ada.example"),
        ({"id": "cus_1", "object": "customer", "deleted": True}, "Ada Ltd", "Ada Ltd"),
    ],
)
def test_the_customer_may_be_expanded_and_the_present_name_wins(
    customer: object, name_on_invoice: str | None, expected: str
) -> None:
    invoice = _invoice(customer=customer, customer_name=name_on_invoice)
    assert (invoice.customer_source_id, invoice.customer_name) == ("cus_1", expected)


def test_our_own_marks_are_not_free_fields() -> None:
    metadata = {"reminders_sent": "2", "effect_id": "e", "cs_01a20c3b": "e", "cso": "kept"}
    assert _invoice(metadata=metadata).custom_fields == {"reminders_sent": "2", "cso": "kept"}
    assert _invoice(metadata=None).custom_fields == {}


def test_a_line_of_a_single_moment_has_no_period() -> None:
    once = LINE | {
        "period": {"start": ISSUED, "end": ISSUED},
        "quantity": None,
        "description": None,
    }
    lines = _invoice(lines={"data": [LINE, once], "has_more": False}).lines

    assert [(line.period_start, line.period_end) for line in lines] == [
        (date(2026, 5, 28), date(2026, 6, 27)),
        (None, None),
    ]
    assert [(line.quantity, line.description) for line in lines] == [
        (2, "Monthly retainer"),
        (1, ""),
    ]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"total": "1000"}, "$.total"),
        ({"status": "forgiven"}, "$.status"),
        ({"customer": None}, "$.customer"),
        ({"status_transitions": {"paid_at": "yesterday"}}, "$.status_transitions.paid_at"),
        ({"lines": {"data": [{**LINE, "amount": 1.5}], "has_more": False}}, "$.amount"),
    ],
)
def test_an_undocumented_shape_is_refused_with_the_object_or_path_named(
    changed: dict[str, object], path: str
) -> None:
    with pytest.raises(UpstreamMalformedError) as refused:
        _invoice(**changed)

    assert path in refused.value.message


def test_a_customer_becomes_a_canonical_one() -> None:
    customer = to_customer(CUSTOMER)

    assert (customer.name, customer.email, customer.currency) == ("Ada Ltd", "a@ada.example", "EUR")
    assert customer.custom_fields == {"tax_number": "DE1"}
    assert customer.is_active


@pytest.mark.parametrize(
    ("changed", "name"),
    [({"name": None}, "a@ada.example"), ({"name": "", "email": None}, "cus_1")],
)
def test_a_customer_without_a_name_goes_by_mail_address_or_id(
    changed: dict[str, object], name: str
) -> None:
    assert to_customer(CUSTOMER | changed | {"currency": None}).name == name
