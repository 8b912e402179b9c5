"""The product's own turns over REST on a running stack: a run is asked for, a decision given, the effect confirmed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from temporalio.client import Client

from backend.embedded.demo_api import DemoApi
from backend.playbooks import overdue_invoices
from benchmarks.timeline import Timeline
from tests.waiting import eventually

_PATIENCE = 300


class Patient(httpx.AsyncHTTPTransport):
    """Waits as told when the API says 429; ``refused`` counts how often it did."""

    refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and ask again."""
        while (reply := await super().handle_async_request(request)).status_code == 429:
            self.refused += 1
            await reply.aclose()
            await asyncio.sleep(float(reply.headers["Retry-After"]))
        return reply


@dataclass(frozen=True)
class Decided:
    """Milliseconds of one approval. All but ``recorded_resumed`` count from the moment the request was sent.

    The policy's hold, in which an approval can be taken back, is not counted.
    """

    answered: float
    resumed: float
    recorded_resumed: float
    claimed: float
    confirmed: float


class Product:
    """``asking`` starts runs, ``signing`` approves."""

    def __init__(self, client: Client, asking: DemoApi, signing: DemoApi) -> None:
        self._client = client
        self._asking = asking
        self._signing = signing
        self._playbook = ""

    async def whole_account(self) -> dict[str, Any]:
        """One run over all overdue invoices, when it has ended; comes before everything else."""
        run = await self._asking.run_playbook(overdue_invoices.SLUG, {})
        ended = await self._ended(run)
        self._playbook = ended["playbookId"]
        return ended

    async def starts(self, rounds: int, parallel: int) -> list[float]:
        """Milliseconds from the request for a run to its first step; each round begins when the last has ended."""
        found: list[float] = []
        for _ in range(rounds):
            begun = await asyncio.gather(*(self._start() for _ in range(parallel)))
            for run, began in begun:
                ended = await self._ended(run)
                timeline = await Timeline.of(self._client, ended["workflowId"])
                found.append(1000 * (timeline.first().began - began))
        return found

    async def decisions(self, rounds: int, parallel: int) -> list[Decided]:
        """Approve so many waiting proposals at a time; each round begins when the last has had its effects."""
        found: list[Decided] = []
        for _ in range(rounds):
            cards = await self._to_sign(parallel)
            sent = await asyncio.gather(*(self._approve(card) for card in cards))
            for card, (began, answered, recorded) in zip(cards, sent, strict=True):
                found.append(await self._decided(card, began, answered, recorded))
        return found

    async def _start(self) -> tuple[str, float]:
        began = time.time()
        body = {"inputs": {"maxInvoices": 1}}
        run = await self._asking.post(f"/playbooks/{self._playbook}/runs", body)
        return run["id"], began

    async def _ended(self, run: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            found: dict[str, Any] = await self._asking.get(f"/runs/{run}")
            return found if found["state"] in ("completed", "failed") else None

        return await eventually(look, f"the end of run {run}", seconds=_PATIENCE)

    async def _to_sign(self, count: int) -> Sequence[dict[str, Any]]:
        page = await self._signing.get("/proposals", decision="pending", limit=200)
        rows = [row for row in page["items"] if row["yourTurn"] and row["requiredSignatures"] == 1]
        return [await self._card(row["id"]) for row in rows[:count]]

    async def _card(self, proposal: str) -> dict[str, Any]:
        card: dict[str, Any] = await self._signing.get(f"/proposals/{proposal}")
        return card

    async def _approve(self, card: dict[str, Any]) -> tuple[float, float, float]:
        began = time.time()
        given = {"kind": "approve", "digest": card["digest"]}
        decision = await self._signing.post(f"/proposals/{card['id']}/decisions", given)
        return began, time.time(), datetime.fromisoformat(decision["at"]).timestamp()

    async def _decided(
        self, card: dict[str, Any], began: float, answered: float, recorded: float
    ) -> Decided:
        run = await self._ended(card["runId"])
        timeline = await Timeline.of(self._client, run["workflowId"])
        resumed = timeline.after_signal().began
        sent = began + card["policy"]["holdSeconds"]
        return Decided(
            1000 * (answered - began),
            1000 * (resumed - began),
            1000 * (resumed - recorded),
            1000 * (timeline.after_signal("claim_effect").began - sent),
            1000 * (timeline.after_signal("carry_out_effect").ended - sent),
        )
