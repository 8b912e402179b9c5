"""Invoice items: the lines of an invoice, pending on the customer until an invoice takes them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_metadata
from backend.embedded.simulators.stripe.errors import StripeError, missing_param, wrong_state
from backend.embedded.simulators.stripe.kinds import invoices
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import (
    BOOLEAN,
    INTEGER,
    METADATA,
    PERIOD,
    RANGE,
    TEXT,
    TEXTS,
    Param,
)
from backend.embedded.simulators.stripe.store import Object

CREATE: dict[str, Param] = {
    "amount": INTEGER,
    "currency": TEXT,
    "customer": TEXT,
    "description": TEXT,
    "expand": TEXTS,
    "invoice": TEXT,
    "metadata": METADATA,
    "period": PERIOD,
    "quantity": INTEGER,
    "unit_amount_decimal": TEXT,
}
LIST: dict[str, Param] = {
    **PAGING,
    "created": RANGE,
    "customer": TEXT,
    "invoice": TEXT,
    "pending": BOOLEAN,
}


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/invoiceitems`: a line of the named draft, or pending on the customer."""
    invoice = None
    if params.get("invoice"):
        invoice = call.load("invoice", params["invoice"], param="invoice", status=400)
        if invoice["status"] != "draft":
            raise wrong_state(
                "You can only add invoice items to draft invoices.", "invoice_not_editable"
            )
    customer_id = params.get("customer") or (invoice and invoice["customer"])
    if not customer_id:
        raise missing_param("customer")
    if invoice and invoice["customer"] != customer_id:
        raise StripeError("The invoice belongs to another customer.", param="customer")
    call.load("customer", customer_id, param="customer", status=400)
    body = _body(call, params, invoice, customer_id)
    if invoice and body["currency"] != invoice["currency"]:
        raise StripeError(
            f"The currency of the invoice item ({body['currency']}) must be the invoice's "
            f"({invoice['currency']}).",
            param="currency",
        )
    call.add("invoiceitem", body, "invoiceitem.created")
    if invoice:
        invoices.add_lines(call, invoice, [body])
    return body


def get(call: Call, _params: Mapping[str, Any], item_id: str) -> Object:
    """`GET /v1/invoiceitems/{id}`."""
    return call.load("invoiceitem", item_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/invoiceitems`; `pending` keeps those that no invoice has taken yet."""
    sent = dict(params)
    pending = sent.pop("pending", None)
    columns = {"created": "created", "customer": "customer", "invoice": "parent"}
    if pending is not None:
        sent["pending"] = int(pending)
        columns["pending"] = "(parent IS NULL)"
    return page(call, "invoiceitem", "/v1/invoiceitems", sent, **columns)


def _body(
    call: Call, params: Mapping[str, Any], invoice: Object | None, customer_id: str
) -> Object:
    quantity = params.get("quantity", 1)
    currency = params.get("currency") or (invoice or {}).get("currency") or call.account.currency
    amount, unit = _amount(params, quantity)
    return {
        "id": call.new_id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency.lower(),
        "customer": customer_id,
        "customer_account": None,
        "date": call.now,
        "description": params.get("description"),
        "discountable": True,
        "discounts": [],
        "invoice": invoice and invoice["id"],
        "livemode": False,
        "metadata": with_metadata({}, params),
        "net_amount": amount,
        "parent": None,
        "period": {"start": call.now, "end": call.now, **params.get("period", {})},
        "pricing": {"type": "price_details", "unit_amount_decimal": unit},
        "proration": False,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def _amount(params: Mapping[str, Any], quantity: int) -> tuple[int, str]:
    """(total, unit price) in minor units; Stripe takes one of `amount` and `unit_amount_decimal`."""
    if params.get("unit_amount_decimal") is None:
        if "amount" not in params:
            raise missing_param("amount")
        return params["amount"], str(params["amount"])
    if "amount" in params:
        raise StripeError("You may only specify one of: amount, unit_amount_decimal.")
    try:
        unit = Decimal(params["unit_amount_decimal"])
    except InvalidOperation as invalid:
        raise StripeError("Invalid decimal", param="unit_amount_decimal") from invalid
    total = (unit * quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(total), params["unit_amount_decimal"]
