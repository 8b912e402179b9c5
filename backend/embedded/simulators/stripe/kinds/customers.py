"""Customers: who is billed, with the card that Stripe would charge."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_fields, with_metadata
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import METADATA, RANGE, TEXT, TEXTS, Param, choice
from backend.embedded.simulators.stripe.store import Object

_ADDRESS = Param(
    "map",
    fields=dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), TEXT),
    can_unset=True,
)
_WRITABLE: dict[str, Param] = {
    "address": _ADDRESS,
    "description": TEXT,
    "email": TEXT,
    "expand": TEXTS,
    "invoice_prefix": TEXT,
    "invoice_settings": Param("map", fields={"default_payment_method": TEXT, "footer": TEXT}),
    "metadata": METADATA,
    "name": TEXT,
    "phone": TEXT,
    "preferred_locales": TEXTS,
    "tax_exempt": choice("none", "exempt", "reverse", ""),
}
CREATE = {**_WRITABLE, "payment_method": TEXT}
UPDATE = _WRITABLE
LIST: dict[str, Param] = {**PAGING, "created": RANGE, "email": TEXT}
_FIELDS = ("description", "email", "invoice_prefix", "name", "phone", "preferred_locales")


def template(customer_id: str, prefix: str, created: int) -> Object:
    """A customer with nothing but its defaults."""
    return {
        "id": customer_id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/customers`."""
    prefix = "".join(call.rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=8))
    blank = template(call.new_id("cus", 14), prefix, call.now)
    return call.add("customer", _changed(blank, params), "customer.created")


def update(call: Call, params: Mapping[str, Any], customer_id: str) -> Object:
    """`POST /v1/customers/{id}`."""
    before = call.load("customer", customer_id)
    return call.save("customer", before, _changed(before, params), "customer.updated")


def get(call: Call, _params: Mapping[str, Any], customer_id: str) -> Object:
    """`GET /v1/customers/{id}`; a deleted customer is still answered, as its stub."""
    body = call.store.get(call.account, "customer", customer_id)
    return body if body and body.get("deleted") else call.load("customer", customer_id)


def delete(call: Call, _params: Mapping[str, Any], customer_id: str) -> Object:
    """`DELETE /v1/customers/{id}`: lists forget it, `get` answers that it is deleted."""
    before = call.load("customer", customer_id)
    stub = {"id": customer_id, "object": "customer", "deleted": True}
    call.save("customer", before, {**before, "deleted": True}, "customer.deleted")
    call.store.update(call.account, "customer", {**stub, "created": before["created"]})
    return stub


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/customers`."""
    return page(call, "customer", "/v1/customers", params, created="created", email="email")


def _changed(body: Object, params: Mapping[str, Any]) -> Object:
    changed = with_fields(body, params, _FIELDS)
    changed["metadata"] = with_metadata(body, params)
    if "address" in params:
        sent = params["address"]
        changed["address"] = sent and {**dict.fromkeys(_ADDRESS.fields), **sent}
    if "tax_exempt" in params:
        changed["tax_exempt"] = params["tax_exempt"] or "none"
    settings = dict(changed["invoice_settings"])
    settings.update(params.get("invoice_settings", {}))
    if params.get("payment_method") and not settings["default_payment_method"]:
        settings["default_payment_method"] = params["payment_method"]
    changed["invoice_settings"] = settings
    return changed
