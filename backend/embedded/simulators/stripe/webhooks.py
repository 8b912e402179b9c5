"""Delivers events to webhook endpoints: signed, in order, retried, or as badly as was planned."""

import asyncio
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from backend.embedded.simulators.stripe import events
from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.faults import WEBHOOK_FAULTS, Faults
from backend.embedded.simulators.stripe.render import finish
from backend.embedded.simulators.stripe.store import Object, Store

MAX_ATTEMPTS = 6
_TIMEOUT = 5


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    attempts: int
    secret_key: str
    url: str
    secret: str
    event: Object


def signature(secret: str, body: bytes, moment: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over `<t>.<body>`."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={digest.hexdigest()}"


class Deliverer:
    """Sends what waits in the delivery table until it is received or given up."""

    def __init__(
        self, in_store: Callable[..., Awaitable[Any]], faults: Faults, base_url: str
    ) -> None:
        self._in_store = in_store
        self._faults = faults
        self._base_url = base_url
        self._woken = asyncio.Event()
        self._not_before: dict[int, float] = {}
        self._met: set[int] = set()

    def wake(self) -> None:
        """Something may have been queued."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._woken.clear()
            waiting: list[Delivery] = await self._in_store(_waiting, self._base_url)
            now = time.monotonic()
            for delivery in waiting:
                if self._not_before.get(delivery.id, 0) <= now:
                    await self._deliver(delivery)
            pause = 0.1 if waiting else None
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    async def _deliver(self, delivery: Delivery) -> None:
        fault = None
        if delivery.id not in self._met:
            # A delivery meets one fault at most; its retries are honest.
            self._met.add(delivery.id)
            kind = delivery.event["type"]
            fault = self._faults.take(WEBHOOK_FAULTS, delivery.secret_key, "POST", kind)
        if fault and fault.fault in {"late", "reorder"}:
            # Held back: what comes after it in the queue is delivered first.
            self._not_before[delivery.id] = time.monotonic() + fault.seconds
            return
        is_forged = fault is not None and fault.fault == "wrong-signature"
        copies = 2 if fault and fault.fault == "duplicate" else 1
        secret = "whsec_wrong" if is_forged else delivery.secret
        received = [await asyncio.to_thread(_post, delivery, secret) for _ in range(copies)]
        if all(received) and not is_forged:
            await self._in_store(_settle, delivery.id)
            self._met.discard(delivery.id)
            self._not_before.pop(delivery.id, None)
            return
        pause = 0.25 * 2**delivery.attempts
        self._not_before[delivery.id] = time.monotonic() + pause
        await self._in_store(_failed, delivery.id)


def _post(delivery: Delivery, secret: str) -> bool:
    """One attempt; True if the endpoint answered 2xx."""
    body = json.dumps(delivery.event, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(secret, body, int(time.time())),
        "User-Agent": "Stripe/1.0 (Stripe simulator)",
    }
    request = urllib.request.Request(delivery.url, body, headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT):  # noqa: S310
            return True
    except OSError:  # refused, timed out, or an HTTPError: an answer other than 2xx
        return False


def _waiting(store: Store, base_url: str) -> list[Delivery]:
    accounts = {one.row: one for one in store.accounts()}
    found = []
    rows = store.db.execute("SELECT * FROM delivery WHERE done = 0 ORDER BY id LIMIT 100")
    for row in rows.fetchall():
        account = accounts[row["account"]]
        endpoint = store.get(account, "webhook_endpoint", row["endpoint"])
        event = events.find(Call(store=store, account=account, now=0), row["event"])
        if event is None or endpoint is None or not _is_active(endpoint):
            _settle(store, row["id"])
            continue
        found.append(
            Delivery(
                row["id"],
                row["attempts"],
                account.secret_key,
                endpoint["url"],
                endpoint["secret"],
                finish(event, base_url),
            )
        )
    return found


def _is_active(endpoint: Object) -> bool:
    return endpoint["status"] == "enabled" and not endpoint.get("deleted")


def _settle(store: Store, delivery_id: int) -> None:
    store.db.execute("UPDATE delivery SET done = 1 WHERE id = ?", (delivery_id,))


def _failed(store: Store, delivery_id: int) -> None:
    store.db.execute(
        "UPDATE delivery SET attempts = attempts + 1, done = (attempts + 1 >= ?) WHERE id = ?",
        (MAX_ATTEMPTS, delivery_id),
    )
