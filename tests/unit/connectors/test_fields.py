"""What a person can edit of an action's parameters: single values, each in a field of its kind."""

from backend.connectors.fields import fields_of
from backend.connectors.stripe.actions.create_credit_note import CreditNoteParameters
from backend.connectors.stripe.actions.customer_details import DetailsParameters


def test_fields_when_parameters_are_single_values_then_each_has_its_kind() -> None:
    values = {"amount": 12_000, "reason": "duplicate", "memo": "Paid twice"}

    found = fields_of(CreditNoteParameters, values)

    assert [(one.name, one.kind, one.value) for one in found] == [
        ("amount", "money", 12_000),
        ("reason", "enum", "duplicate"),
        ("memo", "text", "Paid twice"),
    ]


def test_fields_when_a_parameter_has_parts_then_it_is_left_out() -> None:
    values = {"duplicate": "cus_2", "email": None, "billing_address": {"city": "Leiden"}}

    found = fields_of(DetailsParameters, values)

    assert [one.name for one in found] == ["duplicate", "email", "phone"]
