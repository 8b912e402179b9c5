"""Asks the outside system itself: what is true there, whoever says otherwise."""

import time
from types import TracebackType
from typing import Any, Self

import httpx

_DAY = 86_400


class Outside:
    """One account at Stripe (the simulator), met with its own key."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, auth=(key, ""), timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def invoice(self, source_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._get(f"/v1/invoices/{source_id}")
        return found

    def events_under(self, key: str) -> list[str]:
        """The kinds of events that carry this idempotency key."""
        events = self._get("/v1/events", limit=100)["data"]
        return [e["type"] for e in events if (e["request"] or {}).get("idempotency_key") == key]

    def notes_of(self, source_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/v1/credit_notes", invoice=source_id)["data"]
        return found

    def change_behind_our_back(self, source_id: str) -> None:
        """Somebody credits a part of the invoice in Stripe itself."""
        form = {"invoice": source_id, "amount": "100", "reason": "order_change"}
        self._http.post("/v1/credit_notes", data=form).raise_for_status()

    def overdue_invoice(self, *, days: int, customer: str = "Fjordline Ferries") -> str:
        """Somebody bills a new customer in Stripe itself; nobody pays in time."""
        then = {"X-Sim-Now": str(int(time.time()) - (days + 30) * _DAY)}
        billed = self._post("/v1/customers", {}, name=customer, email="f@f.example")
        terms = {"collection_method": "send_invoice", "days_until_due": "30"}
        draft = self._post("/v1/invoices", then, customer=billed, **terms)
        self._post("/v1/invoiceitems", then, invoice=draft, amount="64000", description="Paint")
        return self._post(f"/v1/invoices/{draft}/finalize", then)

    def _post(self, path: str, headers: dict[str, str], **form: str) -> str:
        """What a write has made or changed."""
        reply = self._http.post(path, data=form, headers=headers).raise_for_status()
        return str(reply.json()["id"])

    def _get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 - JSON
        return self._http.get(path, params=params).raise_for_status().json()
