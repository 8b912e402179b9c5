"""Tax ids: the numbers under which a customer is known to the authorities, part of it when asked for."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.listing import PAGING, envelope, page
from backend.embedded.simulators.stripe.params import REQUIRED, TEXTS, Param
from backend.embedded.simulators.stripe.store import Object

CREATE: dict[str, Param] = {"expand": TEXTS, "type": REQUIRED, "value": REQUIRED}
LIST: dict[str, Param] = PAGING
_SHOWN = 10


def create(call: Call, params: Mapping[str, Any], customer_id: str) -> Object:
    """`POST /v1/customers/{id}/tax_ids`: kept as it is said; nothing verifies it here."""
    call.load("customer", customer_id)
    body = {
        "id": call.new_id("txi"),
        "object": "tax_id",
        "country": params["type"][:2].upper(),
        "created": call.now,
        "customer": customer_id,
        "customer_account": None,
        "livemode": False,
        "owner": {"type": "customer", "customer": customer_id},
        "type": params["type"],
        "value": params["value"],
        "verification": {"status": "unavailable", "verified_address": None, "verified_name": None},
    }
    return call.add("tax_id", body, "customer.tax_id.created")


def list_(call: Call, params: Mapping[str, Any], customer_id: str) -> Object:
    """`GET /v1/customers/{id}/tax_ids`."""
    call.load("customer", customer_id)
    sent = {**params, "customer": customer_id}
    return page(call, "tax_id", _url(customer_id), sent, customer="customer")


def of_customer(call: Call, customer: Object) -> Object:
    """The list that an expanded customer shows."""
    where = "AND customer = ? ORDER BY created DESC, seq DESC LIMIT ?"
    rows = call.store.select(call.account, "tax_id", where, (customer["id"], _SHOWN + 1))
    return envelope(_url(customer["id"]), rows, _SHOWN, {})


def _url(customer_id: str) -> str:
    return f"/v1/customers/{customer_id}/tax_ids"
