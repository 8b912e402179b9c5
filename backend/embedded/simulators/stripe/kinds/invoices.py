"""Invoices: drafts, their lines, changes and lists; `invoice_states` moves them on."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_fields, with_metadata
from backend.embedded.simulators.stripe.errors import (
    StripeError,
    missing_object,
    missing_param,
    wrong_state,
)
from backend.embedded.simulators.stripe.kinds.invoice_shape import draft, line
from backend.embedded.simulators.stripe.listing import PAGING, envelope, page, page_size
from backend.embedded.simulators.stripe.params import (
    BOOLEAN,
    INTEGER,
    METADATA,
    RANGE,
    TEXT,
    TEXTS,
    Param,
    choice,
)
from backend.embedded.simulators.stripe.store import Object

_COLLECTION = choice("charge_automatically", "send_invoice")
_CUSTOM_FIELDS = Param("list", item=Param("map", fields={"name": TEXT, "value": TEXT}))
UPDATE: dict[str, Param] = {
    "auto_advance": BOOLEAN,
    "collection_method": _COLLECTION,
    "custom_fields": _CUSTOM_FIELDS,
    "days_until_due": INTEGER,
    "default_payment_method": TEXT,
    "description": TEXT,
    "due_date": INTEGER,
    "effective_at": INTEGER,
    "expand": TEXTS,
    "footer": TEXT,
    "metadata": METADATA,
    "number": TEXT,
    "statement_descriptor": TEXT,
}
CREATE: dict[str, Param] = {
    **UPDATE,
    "currency": TEXT,
    "customer": TEXT,
    "pending_invoice_items_behavior": choice("exclude", "include"),
}
LIST: dict[str, Param] = {
    **PAGING,
    "collection_method": _COLLECTION,
    "created": RANGE,
    "customer": TEXT,
    "due_date": RANGE,
    "status": choice("draft", "open", "paid", "uncollectible", "void"),
}
_ALWAYS = ("auto_advance", "default_payment_method", "description")
_DRAFT_ONLY = (
    "collection_method",
    "custom_fields",
    "due_date",
    "effective_at",
    "footer",
    "number",
    "statement_descriptor",
)


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/invoices`: a draft; with `include` it takes the customer's pending items."""
    if not params.get("customer"):
        raise missing_param("customer")
    customer = call.load("customer", params["customer"], param="customer", status=400)
    body = draft(call, customer)
    if params.get("currency"):
        body["currency"] = params["currency"].lower()
    body = _changed(body, params, is_new=True)
    call.add("invoice", body, "invoice.created")
    if params.get("pending_invoice_items_behavior") == "include":
        pending = call.store.select(
            call.account,
            "invoiceitem",
            "AND customer = ? AND parent IS NULL ORDER BY created, seq",
            (customer["id"],),
        )
        body = add_lines(
            call, body, [one for one in pending if one["currency"] == body["currency"]]
        )
    return body


def update(call: Call, params: Mapping[str, Any], invoice_id: str) -> Object:
    """`POST /v1/invoices/{id}`: drafts freely, finalized ones only where money is not touched."""
    before = call.load("invoice", invoice_id)
    frozen = [name for name in (*_DRAFT_ONLY, "days_until_due") if name in params]
    if frozen and before["status"] != "draft":
        raise wrong_state(
            f"Finalized invoices can't be updated in this way: {frozen[0]}.",
            "invoice_not_editable",
        )
    after = _changed(before, params, is_new=False)
    return call.save("invoice", before, after, "invoice.updated") if after != before else before


def get(call: Call, _params: Mapping[str, Any], invoice_id: str) -> Object:
    """`GET /v1/invoices/{id}`."""
    return call.load("invoice", invoice_id)


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/invoices`."""
    columns = {"collection_method": "collection", "due_date": "due"}
    same = {name: name for name in ("created", "customer", "status")}
    return page(call, "invoice", "/v1/invoices", params, **columns, **same)


def list_lines(call: Call, params: Mapping[str, Any], invoice_id: str) -> Object:
    """`GET /v1/invoices/{id}/lines`."""
    lines = call.load("invoice", invoice_id)["lines"]
    rows, limit = lines["data"], page_size(params)
    ids = [one["id"] for one in rows]
    for name in ("starting_after", "ending_before"):
        if params.get(name) is not None and params[name] not in ids:
            raise missing_object("line item", params[name], name, status=400)
    if params.get("starting_after"):
        rows = rows[ids.index(params["starting_after"]) + 1 :]
    if params.get("ending_before"):
        # `envelope` wants the nearest first and turns them round.
        rows = rows[: ids.index(params["ending_before"])][::-1]
    return envelope(lines["url"], rows, limit, params)


def add_lines(call: Call, before: Object, items: Sequence[Object]) -> Object:
    """Turn items into lines of a draft and add it up again."""
    for item in items:
        if item["invoice"] is None:
            call.save("invoiceitem", item, {**item, "invoice": before["id"]})
    lines = [*before["lines"]["data"], *(line(call, before["id"], item) for item in items)]
    total = sum(one["amount"] for one in lines)
    due = max(total, 0)
    after = {**before, "lines": {**before["lines"], "data": lines}}
    after |= dict.fromkeys(("subtotal", "subtotal_excluding_tax"), total)
    after |= dict.fromkeys(("total", "total_excluding_tax"), total)
    after |= dict.fromkeys(("amount_due", "amount_remaining"), due)
    return call.save("invoice", before, after, "invoice.updated") if items else before


def _changed(body: Object, params: Mapping[str, Any], *, is_new: bool) -> Object:
    changed = with_fields(body, params, (*_ALWAYS, *_DRAFT_ONLY))
    changed["metadata"] = with_metadata(body, params)
    is_sent = changed["collection_method"] == "send_invoice"
    terms = [name for name in ("days_until_due", "due_date") if params.get(name) is not None]
    if terms and not is_sent:
        raise StripeError(
            f"You can only set `{terms[0]}` if `collection_method` is `send_invoice`.",
            param=terms[0],
        )
    if len(terms) > 1:
        raise StripeError("You may only specify one of: days_until_due, due_date.")
    if is_sent and is_new and not terms:
        raise StripeError(
            "You must specify either `days_until_due` or `due_date` if `collection_method` is "
            "`send_invoice`.",
            code="parameter_missing",
            param="days_until_due",
        )
    if "days_until_due" in terms:
        changed["due_date"] = body["created"] + params["days_until_due"] * 86_400
    return changed
