"""What the tools tell: plain values about the two customers of the run and how alike they are.

Every ``record_id`` is the record's id at the source: what evidence cites and what a person finds there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.connectors.likeness import are_linked, likeness
from backend.connectors.records import Customer, Invoice
from backend.playbooks.service import Definition
from backend.proposals.memory import Memory


@dataclass(frozen=True)
class AddressFacts:
    """A billing address, part by part."""

    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    state: str | None
    country: str | None


@dataclass(frozen=True)
class CustomerFacts:
    """One of the two as the outside system has it now."""

    record_id: str
    name: str
    email: str | None
    phone: str | None
    billing_address: AddressFacts | None
    tax_ids: list[str]
    created_at: datetime
    paid_invoices: int
    open_invoices: int


@dataclass(frozen=True)
class RefusalFacts:
    """A person rejected this action on the surviving customer, for this duplicate, before."""

    action: str
    by: str
    reason: str
    days_ago: int


@dataclass(frozen=True)
class Comparison:
    """How alike the two are, what the surviving one lacks, and what this playbook may do.

    ``score`` runs from 0 to 100; anything ``against`` outweighs it. ``missing`` names the fields that are empty in the
    surviving customer and known of the duplicate.
    """

    score: int
    is_likely: bool
    reasons: list[str]
    against: list[str]
    missing: list[str]
    is_linked: bool
    actions: list[str]
    refusals: list[RefusalFacts]


def of_customer(customer: Customer, invoices: Sequence[Invoice]) -> CustomerFacts:
    """A customer read live, with how many invoices the last sync has seen."""
    address = customer.billing_address
    return CustomerFacts(
        record_id=customer.source_id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        billing_address=AddressFacts(
            address.line1,
            address.line2,
            address.postal_code,
            address.city,
            address.state,
            address.country,
        )
        if address
        else None,
        tax_ids=list(customer.tax_ids),
        created_at=customer.created_at,
        paid_invoices=sum(one.status == "paid" for one in invoices),
        open_invoices=sum(one.status == "open" for one in invoices),
    )


def of_pair(
    survivor: Customer, duplicate: Customer, memory: Memory, today: date, definition: Definition
) -> Comparison:
    """The two side by side."""
    like = likeness(survivor, duplicate)
    fields = ("email", "phone", "billing_address")
    return Comparison(
        score=like.score,
        is_likely=like.is_duplicate,
        reasons=list(like.reasons),
        against=list(like.against),
        missing=[
            name for name in fields if getattr(duplicate, name) and not getattr(survivor, name)
        ],
        is_linked=are_linked(survivor, duplicate),
        actions=list(definition.actions),
        refusals=[
            RefusalFacts(one.action, one.by, one.reason, (today - one.at.date()).days)
            for one in memory.refusals
            if one.parameters.get("duplicate") == duplicate.source_id
        ],
    )
