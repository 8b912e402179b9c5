"""Credit notes: they first lower what an open invoice still asks for, the rest goes back."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_fields, with_metadata
from backend.embedded.simulators.stripe.errors import StripeError, wrong_state
from backend.embedded.simulators.stripe.kinds import invoice_payments, invoice_states, refunds
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import (
    INTEGER,
    METADATA,
    RANGE,
    REQUIRED,
    TEXT,
    TEXTS,
    Param,
    choice,
)
from backend.embedded.simulators.stripe.store import Object

_LINE = Param(
    "map",
    fields={
        "amount": INTEGER,
        "description": TEXT,
        "invoice_line_item": TEXT,
        "quantity": INTEGER,
        "type": choice("custom_line_item", "invoice_line_item"),
        "unit_amount": INTEGER,
    },
)
CREATE: dict[str, Param] = {
    "amount": INTEGER,
    "credit_amount": INTEGER,
    "effective_at": INTEGER,
    "expand": TEXTS,
    "invoice": REQUIRED,
    "lines": Param("list", item=_LINE),
    "memo": TEXT,
    "metadata": METADATA,
    "out_of_band_amount": INTEGER,
    "reason": choice("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
    "refund_amount": INTEGER,
}
UPDATE: dict[str, Param] = {"expand": TEXTS, "memo": TEXT, "metadata": METADATA}
LIST: dict[str, Param] = {**PAGING, "created": RANGE, "customer": TEXT, "invoice": TEXT}


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/credit_notes`.

    `pre_payment_amount` lowers the invoice's `amount_due` and `amount_remaining`; the excess must be
    covered exactly by refund, customer balance and out of band together.
    """
    invoice = call.load("invoice", params["invoice"], param="invoice", status=400)
    if invoice["status"] not in {"open", "paid", "uncollectible"}:
        raise wrong_state(
            f"Credit notes can only be created for finalized invoices. This invoice is "
            f"{invoice['status']}.",
        )
    body = _body(call, params, invoice)
    _check_amounts(body, invoice, params)
    if params.get("refund_amount"):
        body["refunds"] = [_refund(call, invoice, params["refund_amount"])]
    call.add("credit_note", body, "credit_note.created")
    if params.get("credit_amount"):
        customer = call.load("customer", invoice["customer"], param="customer")
        lowered = {**customer, "balance": customer["balance"] - params["credit_amount"]}
        call.save("customer", customer, lowered, "customer.updated")
    _apply(call, invoice, body, 1)
    return body


def void(call: Call, _params: Mapping[str, Any], note_id: str) -> Object:
    """`POST …/void`: only while the invoice is open; it then asks for the whole amount again."""
    before = call.load("credit_note", note_id)
    invoice = call.load("invoice", before["invoice"], param="invoice")
    if before["status"] == "void":
        raise wrong_state("This credit note has already been voided.")
    if invoice["status"] != "open":
        raise wrong_state("You can only void a credit note on an open invoice.")
    after = {**before, "status": "void", "voided_at": call.now}
    call.save("credit_note", before, after, "credit_note.voided")
    _apply(call, invoice, before, -1)
    return after


def update(call: Call, params: Mapping[str, Any], note_id: str) -> Object:
    """`POST /v1/credit_notes/{id}`: memo and metadata."""
    before = call.load("credit_note", note_id)
    after = with_fields(before, params, ("memo",))
    return call.save("credit_note", before, after, "credit_note.updated")


def get(call: Call, _params: Mapping[str, Any], note_id: str) -> Object:
    """`GET /v1/credit_notes/{id}`."""
    return call.load("credit_note", note_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/credit_notes`."""
    columns = {"created": "created", "customer": "customer", "invoice": "parent"}
    return page(call, "credit_note", "/v1/credit_notes", params, **columns)


def _apply(call: Call, invoice: Object, note: Object, sign: int) -> None:
    pre, post = sign * note["pre_payment_amount"], sign * note["post_payment_amount"]
    after = {
        **invoice,
        "amount_due": invoice["amount_due"] - pre,
        "amount_remaining": invoice["amount_remaining"] - pre,
        "post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"] + post,
        "pre_payment_credit_notes_amount": invoice["pre_payment_credit_notes_amount"] + pre,
    }
    if invoice["status"] == "open" and after["amount_remaining"] == 0:
        invoice_states.mark_paid(call, after, invoice)
    else:
        call.save("invoice", invoice, after, "invoice.updated")


def _check_amounts(body: Object, invoice: Object, params: Mapping[str, Any]) -> None:
    if body["amount"] < 1:
        raise StripeError("This value must be greater than or equal to 1.", param="amount")
    credited = invoice["pre_payment_credit_notes_amount"]
    credited += invoice["post_payment_credit_notes_amount"]
    if body["amount"] > invoice["total"] - credited:
        raise StripeError(
            f"The credit note's amount ({body['amount']}) is greater than what is left to credit "
            f"on the invoice ({invoice['total'] - credited}).",
            param="amount",
        )
    given = ("refund_amount", "credit_amount", "out_of_band_amount")
    covered = sum(params.get(name) or 0 for name in given)
    if covered != body["post_payment_amount"]:
        raise StripeError(
            f"The sum of refund_amount, credit_amount and out_of_band_amount ({covered}) must "
            f"equal the post payment amount of the credit note ({body['post_payment_amount']}).",
            param="amount",
        )


def _refund(call: Call, invoice: Object, amount: int) -> Object:
    charge = invoice_payments.charge_of(call, invoice["id"])
    if charge is None:
        raise StripeError("This invoice was not paid by a charge.", param="refund_amount")
    refund = refunds.create(call, {"charge": charge, "amount": amount})
    return {
        "amount_refunded": amount,
        "payment_record_refund": None,
        "refund": refund["id"],
        "type": "refund",
    }


def _body(call: Call, params: Mapping[str, Any], invoice: Object) -> Object:
    note_id = call.new_id("cn")
    lines = _lines(call, params, invoice)
    amount = sum(line["amount"] for line in lines)
    pre = min(amount, invoice["amount_remaining"])
    earlier = call.store.select(call.account, "credit_note", "AND parent = ?", (invoice["id"],))
    kind = "pre_payment" if pre == amount else "mixed" if pre else "post_payment"
    nothing = ("customer_account", "customer_balance_transaction", "shipping_cost", "voided_at")
    return {
        "id": note_id,
        "object": "credit_note",
        **dict.fromkeys(nothing),
        **dict.fromkeys(("amount", "subtotal", "subtotal_excluding_tax"), amount),
        **dict.fromkeys(("total", "total_excluding_tax"), amount),
        "amount_shipping": 0,
        "created": call.now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": params.get("effective_at", call.now),
        "invoice": invoice["id"],
        "lines": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/credit_notes/{note_id}/lines",
        },
        "livemode": False,
        "memo": params.get("memo"),
        "metadata": with_metadata({}, params),
        "number": f"{invoice['number']}-CN-{len(earlier) + 1:02d}",
        "out_of_band_amount": params.get("out_of_band_amount"),
        "pdf": "",
        "post_payment_amount": amount - pre,
        "pre_payment_amount": pre,
        "pretax_credit_amounts": [],
        "reason": params.get("reason"),
        "refunds": [],
        "status": "issued",
        "total_taxes": [],
        "type": kind,
    }


def _lines(call: Call, params: Mapping[str, Any], invoice: Object) -> list[Object]:
    if "lines" not in params and "amount" not in params:
        raise StripeError("You must specify one of: amount, lines.", code="parameter_missing")
    wanted = params.get("lines") or [{"type": "custom_line_item", "amount": params["amount"]}]
    return [_line(call, one, invoice) for one in wanted]


def _line(call: Call, sent: Mapping[str, Any], invoice: Object) -> Object:
    quantity = sent.get("quantity")
    unit = sent.get("unit_amount")
    source = None
    if sent.get("type") == "invoice_line_item":
        known = {line["id"]: line for line in invoice["lines"]["data"]}
        source = known.get(sent.get("invoice_line_item") or "")
        if source is None:
            raise StripeError("No such invoice line item", code="resource_missing", param="lines")
    amount = sent.get("amount", unit * (quantity or 1) if unit is not None else None)
    if amount is None:
        amount = source["amount"] if source else 0
    body = {
        "id": call.new_id("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": sent.get("description") or (source or {}).get("description"),
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": sent.get("type") or "custom_line_item",
        "unit_amount": unit,
        "unit_amount_decimal": None if unit is None else str(unit),
    }
    return {**body, "invoice_line_item": source["id"]} if source else body
