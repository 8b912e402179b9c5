"""The invoice state machine: draft → open → paid, void or uncollectible, and uncollectible → paid or void."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError, wrong_state
from backend.embedded.simulators.stripe.kinds import charges, invoice_payments
from backend.embedded.simulators.stripe.params import BOOLEAN, TEXT, TEXTS, Param
from backend.embedded.simulators.stripe.store import Object

ONLY_EXPAND: dict[str, Param] = {"expand": TEXTS}
FINALIZE: dict[str, Param] = {"auto_advance": BOOLEAN, "expand": TEXTS}
PAY: dict[str, Param] = {
    "expand": TEXTS,
    "off_session": BOOLEAN,
    "paid_out_of_band": BOOLEAN,
    "payment_method": TEXT,
}


def finalize(call: Call, params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST …/finalize`: number it and open it; nothing to pay means paid at once."""
    before = call.load("invoice", invoice_id)
    if before["status"] != "draft":
        raise wrong_state(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            "invoice_not_editable",
        )
    customer = call.load("customer", before["customer"], param="customer")
    after = {
        **before,
        "auto_advance": params.get("auto_advance", before["auto_advance"]),
        "effective_at": before["effective_at"] or call.now,
        "ending_balance": 0,
        "hosted_invoice_url": f"/dashboard/invoices/{invoice_id}",
        "number": before["number"] or _next_number(call, customer, before["currency"]),
        "status": "open",
        "status_transitions": {**before["status_transitions"], "finalized_at": call.now},
    }
    call.save("invoice", before, after, "invoice.finalized", "invoice.updated")
    return after if after["amount_remaining"] else mark_paid(call, after)


def send(call: Call, _params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST …/send`: the mail (here only the event); a draft is finalized first."""
    body = call.load("invoice", invoice_id)
    if body["collection_method"] != "send_invoice":
        raise wrong_state(
            "You can only manually send an invoice if its collection method is 'send_invoice'."
        )
    if body["status"] == "draft":
        body = finalize(call, {}, invoice_id)
    _require(body, ("open", "paid", "uncollectible"))
    if not body["customer_email"]:
        raise wrong_state(
            "Missing email. In order to create invoices that are sent to the customer, the "
            "customer must have a valid email."
        )
    return call.save("invoice", body, body, "invoice.sent")


def pay(call: Call, params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST …/pay`: out of band, or by card; a declined card is remembered before its 402."""
    body = call.load("invoice", invoice_id)
    if body["status"] == "paid":
        raise wrong_state("Invoice is already paid")
    if body["status"] == "draft":
        body = finalize(call, {}, invoice_id)
    _require(body, ("open", "uncollectible"))
    if params.get("paid_out_of_band"):
        paid_before = body["amount_paid_off_stripe"]
        off = {**body, "amount_paid_off_stripe": paid_before + body["amount_remaining"]}
        return mark_paid(call, off, body)
    return _pay_by_card(call, params, body)


def void(call: Call, _params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST …/void`: final, the amounts stay readable."""
    before = call.load("invoice", invoice_id)
    _require(before, ("open", "uncollectible"))
    after = _moved(call, before, "void", "voided_at")
    return call.save("invoice", before, after, "invoice.voided", "invoice.updated")


def mark_uncollectible(call: Call, _params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST …/mark_uncollectible`: bad debt; it can still be paid or voided."""
    before = call.load("invoice", invoice_id)
    _require(before, ("open",))
    after = _moved(call, before, "uncollectible", "marked_uncollectible_at")
    return call.save("invoice", before, after, "invoice.marked_uncollectible", "invoice.updated")


def mark_paid(call: Call, body: Object, before: Object | None = None) -> Object:
    """Settle what remains. `before` is the stored state where `body` already differs from it."""
    after = {
        **_moved(call, body, "paid", "paid_at"),
        "amount_paid": body["amount_paid"] + body["amount_remaining"],
        "amount_remaining": 0,
        "attempted": True,
        "next_payment_attempt": None,
    }
    happened = ("invoice.paid", "invoice.payment_succeeded", "invoice.updated")
    return call.save("invoice", before or body, after, *happened)


def _pay_by_card(call: Call, params: Mapping[str, Any], body: Object) -> Object:
    method = params.get("payment_method") or body["default_payment_method"]
    if not method:
        customer = call.load("customer", body["customer"], param="customer")
        method = customer["invoice_settings"]["default_payment_method"]
    if not method:
        raise StripeError(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method.",
            code="resource_missing",
        )
    attempted = {**body, "attempted": True, "attempt_count": body["attempt_count"] + 1}
    charge = charges.attempt(
        call,
        amount=body["amount_remaining"],
        currency=body["currency"],
        customer=body["customer"],
        method=method,
        description=f"Payment for Invoice {body['number']}",
    )
    if charge["status"] == "failed":
        call.save("invoice", body, attempted, "invoice.payment_failed", "invoice.updated")
        raise charges.declined(charge)
    invoice_payments.record(call, body, charge)
    return mark_paid(call, attempted, body)


def _require(body: Object, allowed: tuple[str, ...]) -> None:
    if body["status"] not in allowed:
        raise wrong_state(
            f"You can only pass in {allowed[0]} invoices. This invoice isn't {allowed[0]}."
        )


def _moved(call: Call, body: Object, status: str, moment: str) -> Object:
    transitions = {**body["status_transitions"], moment: call.now}
    return {**body, "auto_advance": False, "status": status, "status_transitions": transitions}


def _next_number(call: Call, customer: Object, currency: str) -> str:
    sequence = customer["next_invoice_sequence"]
    billed = {"next_invoice_sequence": sequence + 1, "currency": customer["currency"] or currency}
    call.save("customer", customer, {**customer, **billed})
    return f"{customer['invoice_prefix']}-{sequence:04d}"
