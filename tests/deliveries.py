"""Deliveries as Stripe makes them, from the events of an account at the simulator."""

import hashlib
import hmac
import json
import time
from typing import Any

from tests.conformance.simulator.process import Api

SECRET = "whsec_tests_0123456789"


def sign(body: bytes, secret: str = SECRET, *, late: int = 0) -> str:
    """The header ``Stripe-Signature`` of somebody who knows the secret, made so many seconds ago."""
    stamp = int(time.time()) - late
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


def events_of(api: Api) -> list[dict[str, Any]]:
    """Everything that has happened to the account, oldest first."""
    return list(api.pages("events"))[::-1]


def body_of(event: dict[str, Any]) -> bytes:
    """The event as it travels."""
    return json.dumps(event, indent=2).encode()


def subscribe(api: Api, url: str) -> str:
    """Have every event of the account sent to the address; the signing secret."""
    made = api.post("webhook_endpoints", {"url": url, "enabled_events[0]": "*"})
    secret: str = made["secret"]
    return secret
