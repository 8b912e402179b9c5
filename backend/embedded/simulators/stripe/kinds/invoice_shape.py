"""The shape of an invoice and of its lines: every field that Stripe's document requires."""

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.store import Object

_ZERO = (
    "amount_due",
    "amount_overpaid",
    "amount_paid",
    "amount_paid_off_stripe",
    "amount_remaining",
    "amount_shipping",
    "post_payment_credit_notes_amount",
    "pre_payment_credit_notes_amount",
    "starting_balance",
    "subtotal",
    "subtotal_excluding_tax",
    "total",
    "total_excluding_tax",
)
_NULL = (
    "account_tax_ids",
    "application",
    "automatically_finalizes_at",
    "custom_fields",
    "customer_account",
    "default_payment_method",
    "default_source",
    "description",
    "due_date",
    "effective_at",
    "ending_balance",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "next_payment_attempt",
    "number",
    "on_behalf_of",
    "parent",
    "receipt_number",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "test_clock",
    "total_pretax_credit_amounts",
    "total_taxes",
    "webhooks_delivered_at",
)


def draft(call: Call, customer: Object) -> Object:
    """A draft of this customer with no lines."""
    invoice_id = call.new_id("in")
    lines = {"object": "list", "data": [], "has_more": False}
    return {
        "id": invoice_id,
        "object": "invoice",
        **dict.fromkeys(_ZERO, 0),
        **dict.fromkeys(_NULL),
        "account_country": call.account.country,
        "account_name": call.account.name,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "created": call.now,
        "currency": customer["currency"] or call.account.currency,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": {**lines, "url": f"/v1/invoices/{invoice_id}/lines"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": call.now,
        "period_start": call.now,
        "rendering": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "total_discount_amounts": [],
    }


def line(call: Call, invoice_id: str, item: Object) -> Object:
    """The line that an invoice item becomes."""
    copied = ("amount", "currency", "description", "discountable", "metadata", "period")
    return {
        "id": call.new_id("il"),
        "object": "line_item",
        **{name: item[name] for name in copied},
        "discount_amounts": [],
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "parent": {
            "invoice_item_details": {
                "invoice_item": item["id"],
                "proration": False,
                "proration_details": None,
                "subscription": None,
            },
            "subscription_item_details": None,
            "type": "invoice_item_details",
        },
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": item["quantity"],
        "quantity_decimal": item["quantity_decimal"],
        "subscription": None,
        "subtotal": item["amount"],
        "taxes": [],
    }
