"""Each playbook takes its own inputs and says so; how many there are is said in the right noun."""

import pytest

from backend.core.errors import InvalidInputError
from backend.playbooks.candidates import SOURCES
from backend.playbooks.shipped import SHIPPED


def test_shipped_when_installed_then_every_source_and_agent_exists_once() -> None:
    definitions = [one.definition("rules:default") for one in SHIPPED]
    assert {one.candidates for one in definitions} == set(SOURCES)
    assert len({one.slug for one in SHIPPED}) == len(SHIPPED)


@pytest.mark.parametrize(
    ("source", "given", "kept"),
    [
        ("overdue_invoices", {}, {"min_days_overdue": 1, "max_invoices": None}),
        ("overdue_invoices", {"max_invoices": 3}, {"min_days_overdue": 1, "max_invoices": 3}),
        ("duplicate_customers", {"max_pairs": 2}, {"max_pairs": 2}),
        ("failed_payments", {}, {"max_invoices": None}),
    ],
)
def test_inputs_when_the_playbook_takes_them_then_complete(
    source: str, given: dict[str, int | None], kept: dict[str, int | None]
) -> None:
    assert SOURCES[source].accept(given) == kept


@pytest.mark.parametrize(
    ("source", "given", "field", "said"),
    [
        ("duplicate_customers", {"min_days_overdue": 3}, "inputs.minDaysOverdue", "takes maxPairs"),
        ("failed_payments", {"min_days_overdue": 3}, "inputs.minDaysOverdue", "maxInvoices"),
        ("overdue_invoices", {"max_pairs": 3}, "inputs.maxPairs", "minDaysOverdue, maxInvoices"),
        ("overdue_invoices", {"min_days_overdue": 0}, "inputs.minDaysOverdue", "at least 1"),
    ],
)
def test_inputs_when_they_do_not_fit_then_refused_with_the_name(
    source: str, given: dict[str, int | None], field: str, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said) as refused:
        SOURCES[source].accept(given)
    assert refused.value.extra["field"] == field


def test_count_when_one_or_more_then_the_right_noun() -> None:
    said = [SOURCES[name].count(number) for name in SOURCES for number in (1, 2)]
    assert said == [
        "1 invoice",
        "2 invoices",
        "1 pair of customers",
        "2 pairs of customers",
        "1 invoice",
        "2 invoices",
    ]
