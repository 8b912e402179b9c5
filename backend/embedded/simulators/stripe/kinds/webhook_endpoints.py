"""Webhook endpoints: where events are delivered; the secret is told once, at creation."""

from collections.abc import Mapping
from typing import Any

from backend.embedded.simulators.stripe.call import Call, with_fields, with_metadata
from backend.embedded.simulators.stripe.errors import StripeError
from backend.embedded.simulators.stripe.listing import PAGING, page
from backend.embedded.simulators.stripe.params import (
    BOOLEAN,
    METADATA,
    REQUIRED,
    TEXT,
    TEXTS,
    Param,
)
from backend.embedded.simulators.stripe.store import Object

_NAMES = Param("list", required=True, item=TEXT)
CREATE: dict[str, Param] = {
    "api_version": TEXT,
    "description": TEXT,
    "enabled_events": _NAMES,
    "expand": TEXTS,
    "metadata": METADATA,
    "url": REQUIRED,
}
UPDATE: dict[str, Param] = {
    "description": TEXT,
    "disabled": BOOLEAN,
    "enabled_events": TEXTS,
    "expand": TEXTS,
    "metadata": METADATA,
    "url": TEXT,
}
LIST: dict[str, Param] = PAGING


def create(call: Call, params: Mapping[str, Any]) -> Object:
    """`POST /v1/webhook_endpoints`."""
    _check(params["url"])
    body = {
        "id": call.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": call.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": with_metadata({}, params),
        "secret": call.new_id("whsec", 32),
        "status": "enabled",
        "url": params["url"],
    }
    return call.add("webhook_endpoint", body)


def update(call: Call, params: Mapping[str, Any], endpoint_id: str) -> Object:
    """`POST /v1/webhook_endpoints/{id}`."""
    before = call.load("webhook_endpoint", endpoint_id)
    after = with_fields(before, params, ("description", "enabled_events", "url"))
    _check(after["url"])
    if "disabled" in params:
        after["status"] = "disabled" if params["disabled"] else "enabled"
    return call.save("webhook_endpoint", before, after)


def get(call: Call, _params: Mapping[str, Any], endpoint_id: str) -> Object:
    """`GET /v1/webhook_endpoints/{id}`."""
    return call.load("webhook_endpoint", endpoint_id)


def delete(call: Call, _params: Mapping[str, Any], endpoint_id: str) -> Object:
    """`DELETE /v1/webhook_endpoints/{id}`."""
    before = call.load("webhook_endpoint", endpoint_id)
    call.save("webhook_endpoint", before, {**before, "deleted": True})
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def list_(call: Call, params: Mapping[str, Any]) -> Object:
    """`GET /v1/webhook_endpoints`."""
    return page(call, "webhook_endpoint", "/v1/webhook_endpoints", params)


def _check(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise StripeError("Not a valid URL", code="url_invalid", param="url")
