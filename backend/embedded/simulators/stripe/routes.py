"""The route table of the wire API: method, path, parameters, operation."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.embedded.simulators.stripe import events
from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError
from backend.embedded.simulators.stripe.kinds import (
    charges,
    credit_notes,
    customers,
    invoice_payments,
    invoice_states,
    invoiceitems,
    invoices,
    refunds,
    tax_ids,
    webhook_endpoints,
)
from backend.embedded.simulators.stripe.listing import PAGING
from backend.embedded.simulators.stripe.params import TEXTS, Param
from backend.embedded.simulators.stripe.store import Object

Operation = Callable[..., Object]
_READ: dict[str, Param] = {"expand": TEXTS}
_NOTHING: dict[str, Param] = {}


@dataclass(frozen=True)
class Route:
    """One row: `{…}` in the template is the object's id."""

    method: str
    template: str
    params: Mapping[str, Param]
    operation: Operation


def _account(call: Call, _params: Mapping[str, Any]) -> Object:
    account = call.account
    return {
        "id": account.stripe_id,
        "object": "account",
        "business_profile": {"name": account.name, "url": None, "mcc": None},
        "charges_enabled": True,
        "country": account.country,
        "default_currency": account.currency,
        "details_submitted": True,
        "email": None,
        "payouts_enabled": True,
        "type": "standard",
    }


def _event(call: Call, _params: Mapping[str, Any], event_id: str) -> Object:
    return events.get_event(call, event_id)


ROUTES = (
    Route("GET", "/v1/account", _READ, _account),
    Route("GET", "/v1/customers", customers.LIST, customers.list_),
    Route("POST", "/v1/customers", customers.CREATE, customers.create),
    Route("GET", "/v1/customers/{customer}", _READ, customers.get),
    Route("POST", "/v1/customers/{customer}", customers.UPDATE, customers.update),
    Route("DELETE", "/v1/customers/{customer}", _NOTHING, customers.delete),
    Route("GET", "/v1/customers/{customer}/tax_ids", tax_ids.LIST, tax_ids.list_),
    Route("POST", "/v1/customers/{customer}/tax_ids", tax_ids.CREATE, tax_ids.create),
    Route("GET", "/v1/invoices", invoices.LIST, invoices.list_),
    Route("POST", "/v1/invoices", invoices.CREATE, invoices.create),
    Route("GET", "/v1/invoices/{invoice}", _READ, invoices.get),
    Route("POST", "/v1/invoices/{invoice}", invoices.UPDATE, invoices.update),
    Route("GET", "/v1/invoices/{invoice}/lines", PAGING, invoices.list_lines),
    Route(
        "POST",
        "/v1/invoices/{invoice}/finalize",
        invoice_states.FINALIZE,
        invoice_states.finalize,
    ),
    Route("POST", "/v1/invoices/{invoice}/send", _READ, invoice_states.send),
    Route("POST", "/v1/invoices/{invoice}/pay", invoice_states.PAY, invoice_states.pay),
    Route("POST", "/v1/invoices/{invoice}/void", _READ, invoice_states.void),
    Route(
        "POST",
        "/v1/invoices/{invoice}/mark_uncollectible",
        _READ,
        invoice_states.mark_uncollectible,
    ),
    Route("GET", "/v1/invoiceitems", invoiceitems.LIST, invoiceitems.list_),
    Route("POST", "/v1/invoiceitems", invoiceitems.CREATE, invoiceitems.create),
    Route("GET", "/v1/invoiceitems/{invoiceitem}", _READ, invoiceitems.get),
    Route("GET", "/v1/invoice_payments", invoice_payments.LIST, invoice_payments.list_),
    Route("GET", "/v1/invoice_payments/{invoice_payment}", _READ, invoice_payments.get),
    Route("GET", "/v1/credit_notes", credit_notes.LIST, credit_notes.list_),
    Route("POST", "/v1/credit_notes", credit_notes.CREATE, credit_notes.create),
    Route("GET", "/v1/credit_notes/{id}", _READ, credit_notes.get),
    Route("POST", "/v1/credit_notes/{id}", credit_notes.UPDATE, credit_notes.update),
    Route("POST", "/v1/credit_notes/{id}/void", _READ, credit_notes.void),
    Route("GET", "/v1/charges", charges.LIST, charges.list_),
    Route("POST", "/v1/charges", charges.CREATE, charges.create),
    Route("GET", "/v1/charges/{charge}", _READ, charges.get),
    Route("GET", "/v1/refunds", refunds.LIST, refunds.list_),
    Route("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    Route("GET", "/v1/refunds/{refund}", _READ, refunds.get),
    Route("POST", "/v1/refunds/{refund}", refunds.UPDATE, refunds.update),
    Route("GET", "/v1/events", events.LIST, events.list_events),
    Route("GET", "/v1/events/{id}", _READ, _event),
    Route("GET", "/v1/webhook_endpoints", webhook_endpoints.LIST, webhook_endpoints.list_),
    Route("POST", "/v1/webhook_endpoints", webhook_endpoints.CREATE, webhook_endpoints.create),
    Route(
        "GET",
        "/v1/webhook_endpoints/{webhook_endpoint}",
        _READ,
        webhook_endpoints.get,
    ),
    Route(
        "POST",
        "/v1/webhook_endpoints/{webhook_endpoint}",
        webhook_endpoints.UPDATE,
        webhook_endpoints.update,
    ),
    Route(
        "DELETE",
        "/v1/webhook_endpoints/{webhook_endpoint}",
        _NOTHING,
        webhook_endpoints.delete,
    ),
)
_COMPILED = [
    (route, re.compile(re.sub(r"\{\w+\}", r"([^/]+)", route.template))) for route in ROUTES
]


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route of a request and the ids in its path, or Stripe's 404."""
    for route, pattern in _COMPILED:
        match = pattern.fullmatch(path)
        if match and route.method == method:
            return route, match.groups()
    raise StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)
