"""One account at the Stripe simulator: sets the scene, plans misfortune, and counts what was really done."""

import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from tests.waiting import eventually

_DAY = 86_400
_COMPLAINT = {"description": "It arrived damaged.", "metadata[disputed_amount]": "4500"}


@dataclass(frozen=True)
class Done:
    """Every change that was carried out since the scene was set: by idempotency key, and in total."""

    by_key: Counter[str]
    total: int


class Account:
    """Everything here goes past the product."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.key = f"sk_test_{secrets.token_hex(12)}"
        self._http = http
        self._before = 0

    async def open(self, invoices: int, *, contested: bool) -> None:
        """Create it with so many overdue invoices; the customer contests every second one, or the first as well."""
        sent = {"key": self.key, "name": "Brindlemoor", "currency": "eur"}
        (await self._http.post("/_sim/accounts", json=sent)).raise_for_status()
        for number in range(invoices):
            await self._overdue_invoice(_COMPLAINT if contested or number % 2 else {})
        self._before = (await self.done()).total

    async def delay(self, method: str, path: str, seconds: float) -> None:
        """The next such call is carried out so much later. Plans are used in the order in which they were made."""
        await self._plan("delay", method, path, seconds)

    async def forget(self) -> None:
        """No misfortune any more."""
        await self._http.delete("/_sim/faults", params={"key": self.key})

    async def done(self) -> Done:
        """As soon as the simulator answers."""

        async def look() -> dict[str, Any] | None:
            try:
                found = await self._http.get("/_sim/counts", params={"key": self.key})
            except httpx.TransportError:
                return None
            counts: dict[str, Any] = found.raise_for_status().json()
            return counts

        counts = await eventually(look, "the simulator answers", seconds=60)
        return Done(Counter(counts["executed"]), len(counts["executions"]) - self._before)

    async def _plan(self, fault: str, method: str, path: str, seconds: float) -> None:
        plan = {"fault": fault, "key": self.key, "method": method, "path_regex": path}
        planned = await self._http.post("/_sim/faults", json={**plan, "seconds": seconds})
        planned.raise_for_status()

    async def _overdue_invoice(self, more: dict[str, str]) -> None:
        then = {"X-Sim-Now": str(int(time.time()) - 70 * _DAY)}
        customer = await self._post(
            "customers", {"name": "Halvorsen Marine", "email": "a@b.example"}
        )
        terms = {"collection_method": "send_invoice", "days_until_due": "30"}
        draft = await self._post("invoices", {"customer": customer, **terms, **more}, then)
        line = {"invoice": draft, "amount": "12000", "description": "Deck coating"}
        await self._post("invoiceitems", line, then)
        await self._post(f"invoices/{draft}/finalize", {}, then)

    async def _post(
        self, path: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> str:
        bearer = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        made = await self._http.post(f"/v1/{path}", data=form, headers=bearer)
        return str(made.raise_for_status().json()["id"])
