"""The last step of every answer: expanded references, links to this simulator, secrets removed."""

from collections.abc import Sequence
from typing import Any

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError
from backend.embedded.simulators.stripe.kinds import tax_ids
from backend.embedded.simulators.stripe.store import Object

_EXPANDABLE = {
    "invoice": {"customer": "customer"},
    "invoiceitem": {"customer": "customer", "invoice": "invoice"},
    "credit_note": {"customer": "customer", "invoice": "invoice"},
    "charge": {"customer": "customer"},
    "refund": {"charge": "charge"},
    "invoice_payment": {"invoice": "invoice"},
}


def present(
    call: Call, body: Object, expand: Sequence[str], *, keep_secret: bool = False
) -> Object:
    """The document that the client sees; raises Stripe's 400 for what cannot be expanded."""
    shown = finish(body, call.base_url, keep_secret=keep_secret)
    for path in expand:
        _expand(call, shown, path.split("."), path)
    return shown


def finish(body: Object, base_url: str, *, keep_secret: bool = False) -> Object:
    """Links and secrets, recursively through lists and events."""
    if body.get("object") == "list":
        return {**body, "data": [finish(one, base_url) for one in body["data"]]}
    if body.get("object") == "event":
        subject = finish(body["data"]["object"], base_url)
        return {**body, "data": {**body["data"], "object": subject}}
    if body.get("object") == "webhook_endpoint" and not keep_secret:
        return {name: value for name, value in body.items() if name != "secret"}
    if body.get("hosted_invoice_url"):
        # The stored link is a path: the port of a simulator changes from one start to the next.
        return {**body, "hosted_invoice_url": base_url + body["hosted_invoice_url"]}
    return dict(body)


def _expand(call: Call, body: Object, path: Sequence[str], whole: str) -> None:
    head, rest = path[0], path[1:]
    if body.get("object") == "list" and head == "data" and rest:
        for one in body["data"]:
            _expand(call, one, rest, whole)
        return
    if body.get("object") == "customer" and head == "tax_ids":
        if not body.get("deleted"):
            body[head] = tax_ids.of_customer(call, body)
        return
    kind = _EXPANDABLE.get(str(body.get("object")), {}).get(head)
    if kind is None:
        raise StripeError(f"This property cannot be expanded ({whole}).", param="expand")
    value: Any = body.get(head)
    if isinstance(value, str):
        found = call.store.get(call.account, kind, value)
        value = finish(found, call.base_url) if found else value
        body[head] = value
    if rest and isinstance(value, dict):
        _expand(call, value, rest, whole)
