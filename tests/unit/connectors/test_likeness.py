"""Two records of one customer are found by what they share; a like name alone never makes a duplicate."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.connectors.likeness import likeness, pairs
from backend.connectors.records import Address, Customer

QUAY = Address(line1="Havenstraat 12", postal_code="3011 AB", city="Rotterdam", country="NL")
ADA = Customer(
    source_id="cus_1",
    name="Halvorsen Marine B.V.",
    email="billing@halvorsen.example",
    phone="+31 20 1234567",
    currency="EUR",
    is_active=True,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    billing_address=QUAY,
    tax_ids=("NL 123.456",),
)


def other(**changed: Any) -> Customer:  # noqa: ANN401 - any field of a customer
    """Another customer that shares nothing but what is named."""
    stranger = replace(
        ADA,
        source_id="cus_2",
        name="Quist Timber AB",
        email="hello@quist.example",
        phone="+46 8 7654321",
        billing_address=None,
        tax_ids=(),
    )
    return replace(stranger, **changed)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": "halvorsen marine bv", "email": " Billing+old@Halvorsen.example "}, "mailbox"),
        ({"name": "Halvorsen Marine", "phone": "0031 (20) 12 345 67"}, "phone"),
        ({"tax_ids": ("nl123456",), "name": "H. Marine"}, "tax number"),
        ({"name": "Halvorsen-Marine BV", "billing_address": QUAY}, "address"),
    ],
)
def test_duplicate_when_something_distinctive_is_shared_then_likely(
    changed: dict[str, Any], reason: str
) -> None:
    like = likeness(ADA, other(**changed))
    assert like.is_duplicate, like
    assert any(reason in one for one in like.reasons)


@pytest.mark.parametrize(
    ("changed", "against"),
    [
        (
            {"name": "Anna Kuiper", "email": "anna@halvorsen.example", "phone": ADA.phone},
            "the names differ",
        ),
        (
            {"name": ADA.name, "phone": ADA.phone, "tax_ids": ("NL999",)},
            "a tax number of its own",
        ),
        (
            {
                "name": ADA.name,
                "phone": ADA.phone,
                "billing_address": replace(QUAY, line1="Kade 1", city="Gent"),
            },
            "in different cities, Rotterdam and Gent",
        ),
    ],
    ids=["two people in one company", "two subsidiaries", "two cities"],
)
def test_trap_when_something_speaks_against_it_then_no_duplicate(
    changed: dict[str, Any], against: str
) -> None:
    like = likeness(ADA, other(**changed))
    assert like.score > 0
    assert not like.is_duplicate
    assert any(against in one for one in like.against)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ADA.name},
        {"name": ADA.name, "billing_address": replace(QUAY, line1="Kade 1", city="Gent")},
        {"email": "info@halvorsen.example"},
    ],
    ids=["the name", "the name in another city", "the mail domain"],
)
def test_pair_when_only_one_weak_thing_is_shared_then_nobody_looks(changed: dict[str, Any]) -> None:
    assert pairs([ADA, other(**changed)]) == []


def test_pairs_when_a_phone_serves_many_then_it_links_nobody() -> None:
    crowd = [
        other(source_id=f"cus_{n}", name=f"Tenant {n}", email=f"a@t{n}.example", phone=ADA.phone)
        for n in range(2, 9)
    ]
    assert pairs([ADA, *crowd]) == []


def test_pairs_when_several_then_the_likest_first() -> None:
    same_mailbox = other(source_id="cus_2", name=ADA.name, email=ADA.email)
    same_all = replace(ADA, source_id="cus_3")
    found = pairs([ADA, same_mailbox, same_all])
    assert {found[0][0].source_id, found[0][1].source_id} == {"cus_1", "cus_3"}
    assert [like.score for _, _, like in found] == sorted(
        (like.score for _, _, like in found), reverse=True
    )
