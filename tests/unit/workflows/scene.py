"""Facts as the tools tell them, for the offline rules: one overdue invoice, changed by each test."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflows.agents.invoice_facts import InvoiceFacts, LineFacts, PlaybookLimits
from workflows.agents.receivables.facts import (
    CustomerFacts,
    PaymentHistory,
    SimilarInvoice,
    SimilarInvoices,
)
from workflows.agents.receivables.wording import Facts

TODAY = date(2026, 11, 24)
CREATED = datetime(2026, 9, 15, 9, tzinfo=UTC)
LINES = [LineFacts("Deck coating", 12_000, 1, date(2026, 9, 1), date(2026, 9, 3))]


def facts(*, history: PaymentHistory | None = None, **invoice: Any) -> Facts:  # noqa: ANN401
    """An invoice of EUR 120.00, 40 days overdue, of a customer without a history."""
    plain = InvoiceFacts(
        record_id="in_1",
        number="BM-0001",
        status="open",
        currency="EUR",
        total=12_000,
        balance=12_000,
        credited=0,
        issue_date=CREATED.date(),
        due_date=TODAY - timedelta(days=40),
        today=TODAY,
        days_overdue=40,
        created_at=CREATED,
        memo=None,
        lines=LINES,
        custom_fields={},
        limits=PlaybookLimits(["stripe.invoice.void"], 5_000, 4, 180),
        refusals=[],
    )
    return Facts(
        invoice=replace(plain, **invoice),
        customer=CustomerFacts(
            "cus_1", "Halvorsen Marine", None, None, is_active=True, custom_fields={}
        ),
        history=history or PaymentHistory("cus_1", 0, None, [], []),
        similar=SimilarInvoices([]),
    )


def beside(scene: Facts, **other: Any) -> Facts:  # noqa: ANN401
    """The same scene with another invoice of the customer, by default a twin made an hour earlier."""
    twin = SimilarInvoice(
        record_id="in_0",
        number="BM-0000",
        status="open",
        currency="EUR",
        total=12_000,
        balance=12_000,
        created_at=CREATED - timedelta(hours=1),
        lines=LINES,
    )
    return replace(scene, similar=SimilarInvoices([replace(twin, **other)]))
