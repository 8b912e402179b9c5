"""What a card shows as evidence: the agent's claim beside facts read from the records, never from the model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean

from backend.connectors.base import Payment
from backend.connectors.records import Customer, Invoice, Record, guard, version
from backend.core.clock import iso
from backend.core.money import Money

_LATE_GRACE_DAYS = 1
_VERSION_LENGTH = 12
_CHARGES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class EvidenceClaim:
    """What the agent cites: ``kind`` is invoice, customer, payment_history or payment_attempts."""

    kind: str
    record_id: str
    claim: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One cited record at a version, with the facts read from it."""

    kind: str
    title: str
    record_id: str
    version: str | None
    url: str | None
    claim: str
    facts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Links:
    """Where a person sees the records at the vendor, by source id."""

    urls: Mapping[str, str] = field(default_factory=dict)

    def get(self, source_id: str) -> str | None:
        """The address of a record, as far as it is known."""
        return self.urls.get(source_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """One record read live, whom it concerns, and the kept records beside it that may be cited or named.

    ``payments`` are the customer's as the vendor tells them, where somebody cites them.
    """

    record: Record
    customer: Customer
    siblings: Sequence[Record]
    links: Links
    payments: Sequence[Payment] = ()

    @property
    def records(self) -> Sequence[Record]:
        """All of them, the record that was read live first."""
        return (self.record, self.customer, *self.siblings)


def known_ids(subject: Subject) -> frozenset[str]:
    """Every source id that evidence may cite."""
    return frozenset(one.source_id for one in subject.records)


def gather(subject: Subject, claims: Iterable[EvidenceClaim]) -> list[Evidence]:
    """The evidence of a card. Claims on unknown records do not get here: verification refuses them."""
    by_id = {one.source_id: one for one in reversed(subject.records)}
    found = []
    for claim in claims:
        cited = by_id.get(claim.record_id, subject.customer)
        if claim.kind == "payment_history":
            customer = cited if isinstance(cited, Customer) else subject.customer
            found.append(_history(subject, customer, claim))
        elif claim.kind == "payment_attempts":
            found.append(_attempts(subject, claim))
        elif isinstance(cited, Invoice):
            found.append(_invoice(subject, cited, claim))
        else:
            found.append(_customer(subject, cited, claim))
    return found


def _invoice(subject: Subject, invoice: Invoice, claim: EvidenceClaim) -> Evidence:
    facts = [
        ("Status", invoice.status),
        ("Total", invoice.money(invoice.total).text()),
        ("Still to pay", invoice.money(invoice.balance).text()),
        ("Issued", iso(invoice.created_at)),
        ("Due", invoice.due_date.isoformat() if invoice.due_date else "none"),
    ]
    facts += [("For", line.description) for line in invoice.lines[:3]]
    facts += [("Memo", invoice.memo)] if invoice.memo else []
    facts += [(name.replace("_", " ").capitalize(), value) for name, value in _notes(invoice)]
    return Evidence(
        kind="invoice",
        title=f"Invoice {invoice.number}",
        record_id=invoice.source_id,
        version=version(guard(invoice, ("status", "balance", "credited")))[:_VERSION_LENGTH],
        url=subject.links.get(invoice.source_id),
        claim=claim.claim,
        facts=facts,
    )


def _notes(invoice: Invoice) -> list[tuple[str, str]]:
    shown = ("reminders_sent", "email_bounced", "promised_date")
    return [(name, invoice.custom_fields[name]) for name in shown if name in invoice.custom_fields]


def _customer(subject: Subject, customer: Customer, claim: EvidenceClaim) -> Evidence:
    facts = [
        ("E-mail", customer.email or "none"),
        ("Phone", customer.phone or "none"),
        ("Customer since", iso(customer.created_at)),
    ]
    if customer.billing_address:
        facts.append(("Billing address", customer.billing_address.text()))
    facts += [("Tax number", number) for number in customer.tax_ids]
    if subject.record.kind == Customer.kind:
        facts.append(("Paid invoices", str(len(_paid(subject, customer)))))
    return Evidence(
        kind="customer",
        title=customer.name,
        record_id=customer.source_id,
        version=None,
        url=subject.links.get(customer.source_id),
        claim=claim.claim,
        facts=facts,
    )


def _history(subject: Subject, customer: Customer, claim: EvidenceClaim) -> Evidence:
    invoices = _invoices_of(subject, customer)
    delays = [_days_late(invoice) for invoice in invoices]
    paid = [days for days in delays if days is not None]
    late = [days for days in paid if days > _LATE_GRACE_DAYS]
    still_open = [invoice for invoice in invoices if invoice.status == "open"]
    facts = [
        ("Paid invoices", str(len(paid))),
        ("Paid late", f"{len(late)} of {len(paid)}"),
        ("Average delay", f"{mean(paid):.0f} days" if paid else "unknown"),
        ("Other open invoices", str(len(still_open))),
    ]
    return Evidence(
        kind="payment_history",
        title=f"Payment history of {customer.name}",
        record_id=customer.source_id,
        version=None,
        url=subject.links.get(customer.source_id),
        claim=claim.claim,
        facts=facts,
    )


def _invoices_of(subject: Subject, customer: Customer) -> list[Invoice]:
    return [
        one
        for one in subject.siblings
        if isinstance(one, Invoice) and one.customer_source_id == customer.source_id
    ]


def _paid(subject: Subject, customer: Customer) -> list[Invoice]:
    return [one for one in _invoices_of(subject, customer) if one.status == "paid"]


def _attempts(subject: Subject, claim: EvidenceClaim) -> Evidence:
    record = subject.record
    charges = [
        one for one in subject.payments if isinstance(record, Invoice) and one.is_for(record)
    ]
    return Evidence(
        kind="payment_attempts",
        title=f"Attempts to charge the card for {record.label}",
        record_id=subject.customer.source_id,
        version=None,
        url=subject.links.get(subject.customer.source_id),
        claim=claim.claim,
        facts=[(one.at.date().isoformat(), _outcome(one)) for one in charges[:_CHARGES_SHOWN]],
    )


def _outcome(payment: Payment) -> str:
    amount = Money(payment.currency, payment.amount).text()
    if payment.status != "failed":
        return f"{amount} went through"
    code = (payment.failure_code or "declined").replace("_", " ")
    return f"{amount} declined, {code}" + (f": {payment.failure}" if payment.failure else "")


def _days_late(invoice: Invoice) -> int | None:
    if invoice.paid_at is None or invoice.due_date is None:
        return None
    return (invoice.paid_at.date() - invoice.due_date).days
