"""Stripe's OpenAPI document agrees with every shape and every parameter of the simulator."""

from typing import Any

import pytest

from backend.embedded.simulators.stripe.params import Param
from backend.embedded.simulators.stripe.routes import ROUTES, Route
from tests.conformance.simulator import official
from tests.conformance.simulator.process import Api

# Enumerations where Stripe's document also lists the empty word that unsets.
_KINDS = {"integer": "integer", "boolean": "boolean", "list": "array", "map": "object"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_every_parameter_is_one_of_stripes(route: Route) -> None:
    theirs = official.parameters(route.method, route.template)
    assert set(route.params) <= set(theirs)
    for name, param in route.params.items():
        assert _agrees(param, theirs[name]), name
    required = {name for name, schema in theirs.items() if schema["required"]}
    assert required == {name for name, param in route.params.items() if param.required}


def test_every_object_has_stripes_shape(api: Api) -> None:
    """`Api` checks each answer; this walks through every kind of object and list."""
    customer = api.customer(payment_method="pm_card_visa", **{"address[city]": "Zwolle"})
    invoice = api.invoice(9000, customer=customer["id"], description="memo", **{"metadata[a]": "b"})
    api.post(f"customers/{customer['id']}/tax_ids", {"type": "eu_vat", "value": "NL123456789B01"})
    charge = api.post("charges", {"amount": 5, "currency": "eur", "source": "tok_visa"})
    api.refused(
        402, "charges", {"amount": 5, "currency": "eur", "source": "tok_chargeCustomerFail"}
    )
    refund = api.post("refunds", {"charge": charge["id"], "amount": 2})
    note = api.post("credit_notes", {"invoice": invoice["id"], "amount": 100, "memo": "sorry"})
    api.post(f"invoices/{invoice['id']}/pay")
    line = {"type": "custom_line_item", "description": "Late", "quantity": 2, "unit_amount": 25}
    flat = {f"lines[0][{name}]": value for name, value in line.items()}
    api.post("credit_notes", {"invoice": invoice["id"], "credit_amount": 50, **flat})
    endpoint = api.post(
        "webhook_endpoints", {"url": "http://127.0.0.1:9/", "enabled_events[]": "invoice.paid"}
    )
    for path in (
        f"customers/{customer['id']}",
        f"customers/{customer['id']}/tax_ids",
        f"invoices/{invoice['id']}",
        f"invoices/{invoice['id']}/lines",
        f"charges/{charge['id']}",
        f"refunds/{refund['id']}",
        f"credit_notes/{note['id']}",
        f"webhook_endpoints/{endpoint['id']}",
        "account",
    ):
        api.get(path)
    for kind in ("customers", "invoices", "invoiceitems", "credit_notes", "charges", "refunds"):
        api.get(kind)
    for kind in ("invoice_payments", "events", "webhook_endpoints"):
        page = api.get(kind)
        api.get(f"{kind}/{page['data'][0]['id']}")
    api.get("invoices", {"expand[]": "data.customer"})
    api.get("customers", {"expand[]": "data.tax_ids"})


def test_the_judge_sees_a_wrong_shape(api: Api) -> None:
    customer = api.customer()
    wrong = {**customer, "created": "yesterday"}
    del wrong["livemode"]
    found = official.violations("POST", "/v1/customers", 200, wrong)
    assert len(found) == 2


def _agrees(param: Param, schema: dict[str, Any]) -> bool:
    branches = schema.get("anyOf", [schema])
    if param.kind == "choice" and schema["type"] == "string":
        return set(param.choices) == set(schema["enum"])
    if param.kind == "range":
        return {"integer", "object"} == {one["type"] for one in branches}
    wanted = _KINDS.get(param.kind, "string")
    if param.kind in {"metadata", "map"}:
        return any(one["type"] == "object" for one in branches) and _fields_agree(param, branches)
    return any(one["type"] == wanted or one["type"] == "boolean" for one in branches)


def _fields_agree(param: Param, branches: list[dict[str, Any]]) -> bool:
    theirs: dict[str, Any] = {}
    for one in branches:
        theirs |= one.get("properties", {})
    return all(
        name in theirs and _agrees(ours, theirs[name]) for name, ours in param.fields.items()
    )
