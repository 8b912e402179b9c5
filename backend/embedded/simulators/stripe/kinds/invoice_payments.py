"""Invoice payments: which charge settled which invoice (an invoice itself no longer names it)."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import RANGE, TEXT, Param
from backend.embedded.simulators.stripe.store import Object

LIST: dict[str, Param] = {**PAGING, "created": RANGE, "invoice": TEXT}


def record(call: Call, invoice: Object, charge: Object) -> Object:
    """Keep that a charge settled an invoice."""
    body = {
        "id": call.new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": charge["amount"],
        "amount_requested": charge["amount"],
        "created": call.now,
        "currency": charge["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "charge", "charge": charge["id"]},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": call.now},
    }
    return call.add("invoice_payment", body, "invoice_payment.paid")


def charge_of(call: Call, invoice_id: str) -> str | None:
    """The charge that settled an invoice, if a card did."""
    paid = call.store.select(call.account, "invoice_payment", "AND parent = ?", (invoice_id,))
    return paid[0]["payment"]["charge"] if paid else None


def get(call: Call, _params: Mapping[str, Any], payment_id: str) -> Object:
    """`GET /v1/invoice_payments/{id}`."""
    return call.load("invoice_payment", payment_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/invoice_payments`."""
    url = "/v1/invoice_payments"
    return page(call, "invoice_payment", url, params, created="created", invoice="parent")
