"""The offline rules of the agent for duplicates: merge what is missing, and leave every trap alone with its reason."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.connectors.records import Address, Customer
from backend.playbooks import duplicate_customers
from backend.proposals.memory import Memory, Refusal
from workflows.agents.customers.facts import of_customer, of_pair
from workflows.agents.customers.judgement import Pair, answers
from workflows.agents.customers.models import Answer, MergeDetails, Nothing

TODAY = date(2026, 11, 24)
DEFINITION = duplicate_customers.definition("rules:default")
KEPT = Customer(
    source_id="cus_1",
    name="Halvorsen Marine B.V.",
    email="billing@halvorsen.example",
    phone=None,
    currency="EUR",
    is_active=True,
    created_at=datetime(2025, 1, 1, tzinfo=UTC),
)
DOUBLE = replace(
    KEPT,
    source_id="cus_2",
    name="Halvorsen Marine",
    phone="+31 20 1234567",
    billing_address=Address(line1="Havenstraat 12", city="Zwolle", country="NL"),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def best(
    survivor: Customer = KEPT,
    memory: Memory | None = None,
    **changed: Any,  # noqa: ANN401 - any field of a customer
) -> Answer:
    """The first answer about the survivor and its double, changed by the test."""
    double = replace(DOUBLE, **changed)
    known = memory or Memory([], [])
    pair = Pair(
        survivor=of_customer(survivor, []),
        duplicate=of_customer(double, []),
        comparison=of_pair(survivor, double, known, TODAY, DEFINITION),
    )
    return next(answers(pair))


def test_double_when_the_survivor_lacks_something_then_just_that_is_merged() -> None:
    answer = best()
    assert isinstance(answer, MergeDetails)
    assert (answer.duplicate, answer.email, answer.phone) == ("cus_2", None, "+31 20 1234567")
    assert answer.billing_address is not None
    assert answer.billing_address.city == "Zwolle"
    assert {one.record_id for one in answer.evidence} == {"cus_1", "cus_2"}
    assert "the same mailbox billing@halvorsen.example" in answer.reasoning
    assert "it is the older one" in answer.reasoning


def test_double_when_nothing_is_missing_then_the_two_are_only_linked() -> None:
    complete = replace(KEPT, phone="+31 20 7", billing_address=DOUBLE.billing_address)
    answer = best(complete)
    assert isinstance(answer, MergeDetails)
    assert (answer.email, answer.phone, answer.billing_address) == (None, None, None)


@pytest.mark.parametrize(
    ("survivor", "changed", "reason"),
    [
        (KEPT, {"name": "Anna Kuiper"}, "the names differ"),
        (
            replace(KEPT, tax_ids=("NL1",)),
            {"tax_ids": ("NL2",)},
            "each has a tax number of its own",
        ),
        (
            replace(KEPT, billing_address=Address(line1="Kade 1", city="Gent")),
            {"email": "office@halvorsen.example"},
            "different cities, Gent and Zwolle",
        ),
        (KEPT, {"email": "office@halvorsen.example"}, "they share too little"),
        (replace(KEPT, custom_fields={"duplicate_cus_2": "linked"}), {}, "linked already"),
    ],
    ids=["two people", "two subsidiaries", "two cities", "name and domain", "linked"],
)
def test_trap_when_something_speaks_against_it_then_nothing_with_the_reason(
    survivor: Customer, changed: dict[str, Any], reason: str
) -> None:
    answer = best(survivor, **changed)
    assert isinstance(answer, Nothing)
    assert reason in answer.summary


def test_pair_when_a_person_rejected_it_lately_then_it_is_not_asked_again() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    action, parameters = "stripe.customer.merge_details", {"duplicate": "cus_2"}
    this = Memory([], [Refusal(action, "Ben", "Two branches", at, parameters)])
    another = Memory([], [Refusal(action, "Ben", "Two branches", at, {"duplicate": "cus_9"})])

    answer = best(memory=this)

    assert isinstance(answer, Nothing)
    assert answer.summary == "Ben rejected this 4 days ago"
    assert isinstance(best(memory=another), MergeDetails)
