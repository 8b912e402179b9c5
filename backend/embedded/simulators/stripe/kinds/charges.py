"""Charges: one attempt to take money from a card; Stripe's test cards decide how it ends."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_metadata
from backend.embedded.simulators.stripe.errors import StripeError, missing_param
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import INTEGER, METADATA, RANGE, TEXT, TEXTS, Param
from backend.embedded.simulators.stripe.store import Object

CREATE: dict[str, Param] = {
    "amount": INTEGER,
    "currency": TEXT,
    "customer": TEXT,
    "description": TEXT,
    "expand": TEXTS,
    "metadata": METADATA,
    "source": TEXT,
}
LIST: dict[str, Param] = {**PAGING, "created": RANGE, "customer": TEXT}
_GENERIC = ("card_declined", "generic_decline", "Your card was declined.")
# Stripe's published test cards: https://docs.stripe.com/testing
_DECLINES = {
    "pm_card_chargeCustomerFail": _GENERIC,
    "pm_card_visa_chargeDeclined": _GENERIC,
    "tok_chargeCustomerFail": _GENERIC,
    "tok_visa_chargeDeclined": _GENERIC,
    "pm_card_visa_chargeDeclinedInsufficientFunds": (
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    "pm_card_visa_chargeDeclinedLostCard": (
        "card_declined",
        "lost_card",
        "Your card was declined.",
    ),
    "pm_card_visa_chargeDeclinedStolenCard": (
        "card_declined",
        "stolen_card",
        "Your card was declined.",
    ),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None, "Your card has expired."),
    "pm_card_chargeDeclinedProcessingError": (
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
    ),
}
_NULL = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "calculated_statement_descriptor",
    "customer",
    "description",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "payment_intent",
    "payment_method_details",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def template(charge_id: str, created: int) -> Object:
    """A succeeded charge of nothing."""
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    billing = {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}
    return {
        "id": charge_id,
        "object": "charge",
        **dict.fromkeys(_NULL),
        "amount": 0,
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": billing,
        "captured": True,
        "created": created,
        "currency": "usd",
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "outcome": _outcome(None, "approved_by_network", "authorized", "Payment complete."),
        "paid": True,
        "payment_method": None,
        "refunded": False,
        "status": "succeeded",
    }


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/charges`."""
    for name in ("amount", "currency"):
        if params.get(name) is None:
            raise missing_param(name)
    method = params.get("source")
    if params.get("customer"):
        customer = call.load("customer", params["customer"], param="customer", status=400)
        method = method or customer["invoice_settings"]["default_payment_method"]
    if not method:
        raise StripeError("Must provide source or customer.", code="parameter_missing")
    charge = attempt(
        call,
        amount=params["amount"],
        currency=params["currency"].lower(),
        customer=params.get("customer"),
        method=method,
        description=params.get("description"),
        metadata=with_metadata({}, params),
    )
    if charge["status"] == "failed":
        raise declined(charge)
    return charge


def attempt(
    call: Call,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    method: str,
    description: str | None,
    metadata: dict[str, str] | None = None,
) -> Object:
    """Charge a card; the charge is kept whether it succeeds or fails."""
    if amount < 1:
        raise StripeError("This value must be greater than or equal to 1.", param="amount")
    body = template(call.new_id("ch"), call.now) | {
        "amount": amount,
        "amount_captured": amount,
        "currency": currency,
        "customer": customer,
        "description": description,
        "metadata": metadata or {},
        "payment_method": method,
    }
    if method not in _DECLINES:
        return call.add("charge", body, "charge.succeeded")
    code, decline_code, message = _DECLINES[method]
    body |= {
        "amount_captured": 0,
        "captured": False,
        "failure_code": code,
        "failure_message": message,
        "outcome": _outcome(
            decline_code or code,
            "declined_by_network",
            "issuer_declined",
            "The bank did not return any further details with this decline.",
        ),
        "paid": False,
        "status": "failed",
    }
    return call.add("charge", body, "charge.failed")


def declined(charge: Object) -> StripeError:
    """The 402 that tells of a failed charge."""
    code, decline_code, message = _DECLINES[charge["payment_method"]]
    return StripeError(
        message,
        status=402,
        kind="card_error",
        code=code,
        charge=charge["id"],
        decline_code=decline_code,
    )


def get(call: Call, _params: Mapping[str, Any], charge_id: str) -> Object:
    """`GET /v1/charges/{id}`."""
    return call.load("charge", charge_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/charges`."""
    return page(call, "charge", "/v1/charges", params, created="created", customer="customer")


def _outcome(reason: str | None, network: str, kind: str, seller: str) -> Object:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "seller_message": seller,
        "type": kind,
    }
