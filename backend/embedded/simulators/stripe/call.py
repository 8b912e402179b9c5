"""One request on its way through the simulator: whose it is, its clock, its ids, what it reads."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.embedded.simulators.stripe import events
from backend.embedded.simulators.stripe.errors import missing_object
from backend.embedded.simulators.stripe.params import merge_metadata
from backend.embedded.simulators.stripe.store import Account, Object, Store

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NOUNS = {"credit_note": "credit note", "invoiceitem": "invoiceitem"}


@dataclass
class Call:
    """The context of every operation. `now` is the clock of this request, in Unix seconds."""

    store: Store
    account: Account
    now: int
    request_id: str | None = None
    idempotency_key: str | None = None
    base_url: str = ""
    rng: random.Random = field(default_factory=random.SystemRandom)
    events_since: int = 0

    def new_id(self, prefix: str, length: int = 24) -> str:
        """`in_1…`: a new id in Stripe's form."""
        return f"{prefix}_{''.join(self.rng.choices(_ALPHABET, k=length))}"

    def load(self, kind: str, object_id: str, *, param: str = "id", status: int = 404) -> Object:
        """An object that exists and is not deleted, or Stripe's `resource_missing`."""
        body = self.store.get(self.account, kind, object_id)
        if body is None or body.get("deleted"):
            raise missing_object(_NOUNS.get(kind, kind), object_id, param, status=status)
        return body

    def add(self, kind: str, body: Object, event: str | None = None) -> Object:
        """Keep a new object and tell the event stream."""
        self.store.insert(self.account, kind, body)
        if event:
            events.emit(self, event, body)
        return body

    def save(self, kind: str, before: Object, after: Object, *happened: str) -> Object:
        """Replace an object; the named events happen in order, the last with what changed."""
        if after == before and not happened:
            return after
        self.store.update(self.account, kind, after)
        for name in happened:
            events.emit(self, name, after, before if name.endswith(".updated") else None)
        return after


def with_metadata(body: Object, params: Mapping[str, Any]) -> dict[str, str]:
    """The object's metadata after this request."""
    current: dict[str, str] = body.get("metadata") or {}
    return merge_metadata(current, params["metadata"]) if "metadata" in params else current


def with_fields(body: Object, params: Mapping[str, Any], names: tuple[str, ...]) -> Object:
    """A copy of the object with those of the named parameters that were sent, and its metadata."""
    sent = {name: params[name] for name in names if name in params}
    return {**body, **sent, "metadata": with_metadata(body, params)}
