"""Refunds: money back on a charge, never more than it still holds."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_fields, with_metadata
from backend.embedded.simulators.stripe.errors import StripeError, missing_param
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import (
    INTEGER,
    METADATA,
    RANGE,
    TEXT,
    TEXTS,
    Param,
    choice,
)
from backend.embedded.simulators.stripe.store import Object

CREATE: dict[str, Param] = {
    "amount": INTEGER,
    "charge": TEXT,
    "expand": TEXTS,
    "metadata": METADATA,
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
}
UPDATE: dict[str, Param] = {"expand": TEXTS, "metadata": METADATA}
LIST: dict[str, Param] = {**PAGING, "charge": TEXT, "created": RANGE}
_NULL = (
    "balance_transaction",
    "customer_account",
    "payment_intent",
    "payment_method",
    "receipt_number",
    "source_transfer_reversal",
    "transfer_reversal",
)


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/refunds`."""
    if not params.get("charge"):
        raise missing_param("charge")
    charge = call.load("charge", params["charge"], param="charge", status=400)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if charge["refunded"]:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} did not succeed.", param="charge")
    if amount < 1:
        raise StripeError("This value must be greater than or equal to 1.", param="amount")
    if amount > left:
        raise StripeError(
            f"Refund amount ({_money(amount)}) is greater than unrefunded amount on charge "
            f"({_money(left)})",
            param="amount",
        )
    refund = give_back(call, charge, amount, params.get("reason"), with_metadata({}, params))
    call.save("charge", charge, _after(charge, amount), "charge.refunded", "charge.updated")
    return refund


def give_back(
    call: Call, charge: Object, amount: int, reason: str | None, metadata: dict[str, str]
) -> Object:
    """Keep the refund itself; the caller changes the charge."""
    body = {
        "id": call.new_id("re"),
        "object": "refund",
        **dict.fromkeys(_NULL),
        "amount": amount,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "metadata": metadata,
        "reason": reason,
        "status": "succeeded",
    }
    return call.add("refund", body, "refund.created")


def update(call: Call, params: Mapping[str, Any], refund_id: str) -> Object:
    """`POST /v1/refunds/{id}`: metadata only."""
    before = call.load("refund", refund_id)
    after = with_fields(before, params, ())
    return call.save("refund", before, after, "refund.updated") if after != before else before


def get(call: Call, _params: Mapping[str, Any], refund_id: str) -> Object:
    """`GET /v1/refunds/{id}`."""
    return call.load("refund", refund_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/refunds`."""
    return page(call, "refund", "/v1/refunds", params, charge="parent", created="created")


def _after(charge: Object, amount: int) -> Object:
    refunded = charge["amount_refunded"] + amount
    is_all = refunded == charge["amount_captured"]
    return {**charge, "amount_refunded": refunded, "refunded": is_all}


def _money(amount: int) -> str:
    return f"${amount // 100}.{amount % 100:02d}"
