"""A fresh organization on a running stack, and its people's acts: through REST, again and again until answered."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from backend.connectors.installed import install
from backend.core.db import connect
from backend.core.ids import UserId
from backend.core.settings import Settings, load
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.tokens import issue_tokens
from tests.chaos.account import Account
from tests.chaos.ledger import Ledger
from tests.chaos.victims import Target, Victims
from tests.desk import Desk, open_desk
from tests.stack import Stack
from tests.waiting import eventually
from workflows.client import Workflows

_FINAL = ("completed", "failed", "cancelled")
_UNANSWERED = 500
_PATIENCE = 90

Json = dict[str, Any]


@dataclass
class Scene:
    """Every POST has an idempotency key of its own: whoever gets no answer asks again."""

    desk: Desk
    ledger: Ledger
    account: Account
    victims: Victims
    http: httpx.AsyncClient
    stripe_port: int
    analyst: Mapping[str, str]
    lead: Mapping[str, str]
    run_id: str = ""
    answered: set[str] = field(default_factory=set)

    async def request(self) -> None:
        """The analyst asks for a run of the playbook."""
        path = f"/playbooks/{self.desk.playbook.id}/runs"

        async def ask() -> Json | None:
            return await self._post(path, self.analyst, "run", {"inputs": {}})

        self.run_id = (await eventually(ask, "the run is accepted", seconds=_PATIENCE))["id"]

    async def proposals(self) -> list[Json]:
        """All that the run has proposed, as soon as it has looked at every invoice."""
        if not self.run_id:
            await self.request()

        async def look() -> bool:
            run = await self._get(f"/runs/{self.run_id}")
            return run is not None and run["state"] in _FINAL

        await eventually(look, "the run has looked at every invoice", seconds=_PATIENCE)

        async def find() -> list[Json] | None:
            page = await self._get("/proposals?limit=200&sort=createdAt")
            return None if page is None else list(page["items"])

        return await eventually(find, "there are proposals", seconds=_PATIENCE)

    async def approve(self) -> None:
        """The lead approves everything, until each approval is answered."""
        for proposal in await self.proposals():

            async def ask(proposal_id: str = proposal["id"]) -> bool:
                return await self.try_to_approve(proposal_id)

            await eventually(ask, f"an answer about {proposal['id']}", seconds=_PATIENCE)

    async def try_to_approve(self, proposal_id: str) -> bool:
        """The lead approves one, once; whether there was an answer."""
        card = await self._get(f"/proposals/{proposal_id}")
        if card is None:
            return False
        given = {"kind": "approve", "digest": card["digest"]}
        key = f"approve-{proposal_id}"
        reply = await self._post(f"/proposals/{proposal_id}/decisions", self.lead, key, given)
        if reply is not None:
            self.answered.add(proposal_id)
        return reply is not None

    async def card(self, proposal_id: str) -> Json:
        """The card of a proposal."""

        async def look() -> Json | None:
            return await self._get(f"/proposals/{proposal_id}")

        return await eventually(look, f"the card of {proposal_id}", seconds=_PATIENCE)

    async def try_to_lower(self, card: Json) -> bool:
        """The lead takes one cent off what this card credits, once; whether there was an answer."""
        parameters = {**card["parameters"], "amount": card["parameters"]["amount"] - 1}
        edit = {"digest": card["digest"], "parameters": parameters, "reason": "One cent less"}
        path, key = f"/proposals/{card['id']}/revisions", f"edit-{card['id']}"
        return await self._post(path, self.lead, key, edit) is not None

    async def try_to_ask(self, proposal_id: str) -> bool:
        """The lead asks the agent, once; whether there was an answer."""
        path, key = f"/proposals/{proposal_id}/questions", f"ask-{proposal_id}"
        asked = {"text": "Is it still to be paid?"}
        return await self._post(path, self.lead, key, asked) is not None

    async def finish(self) -> None:
        """Do what is still to be done, and wait until every run has ended."""
        await self.approve()

        async def look() -> bool:
            run = await self._get(f"/runs/{self.run_id}")
            return run is not None and all(one["state"] in _FINAL for one in run["children"])

        await eventually(look, "every run has ended", seconds=_PATIENCE)

    async def step(self, key: str) -> None:
        """Wait until the trace of some run of the organization has this step."""

        async def look() -> bool:
            query = "SELECT count(*) FROM run_step WHERE key = $1"
            return bool(await self.ledger.value(query, key))

        await eventually(look, f"the step {key}", seconds=40)

    async def steps(self) -> int:
        """How many steps the organization's runs have taken."""
        found = await self.ledger.value("SELECT count(*) FROM run_step")
        assert isinstance(found, int)
        return found

    async def outside_called(self) -> None:
        """Wait until the worker waits for an answer of the outside system."""

        async def look() -> bool:
            return self.victims.calls(Target.WORKER, self.stripe_port)

        await eventually(look, "the worker calls the outside system", seconds=40)

    async def dispatched(self) -> None:
        """Wait until the effect has been sent and its answer has not come."""

        async def look() -> bool:
            query = "SELECT count(*) FROM effect WHERE state = 'dispatched'"
            return bool(await self.ledger.value(query))

        await eventually(look, "the effect is dispatched", seconds=40)
        await self.outside_called()

    async def _get(self, path: str) -> Json | None:
        return await self._answer(self.http.build_request("GET", path, headers=self.lead))

    async def _post(self, path: str, who: Mapping[str, str], key: str, body: Json) -> Json | None:
        headers = {**who, "Idempotency-Key": f"{self.desk.org_id}-{key}"}
        return await self._answer(self.http.build_request("POST", path, headers=headers, json=body))

    async def _answer(self, request: httpx.Request) -> Json | None:
        """None when nobody answers or the answer is that something else is away."""
        try:
            reply = await self.http.send(request)
        except httpx.TransportError:
            return None
        if reply.status_code >= _UNANSWERED:
            return None
        assert reply.is_success, f"{request.method} {request.url}: {reply.text}"
        found: Json = reply.json()
        return found


@asynccontextmanager
async def scene(
    stack: Stack, victims: Victims, *, invoices: int = 1, contested: bool = False
) -> AsyncIterator[Scene]:
    """An organization with two people, its own Stripe account and so many overdue invoices."""
    demo = stack.demo
    port = httpx.URL(demo.stripe_url).port
    assert port is not None
    settings = _settings(stack)
    api = f"{demo.api_url}/api/v1"
    async with (
        httpx.AsyncClient(base_url=demo.stripe_url, timeout=30) as stripe,
        httpx.AsyncClient(base_url=api, timeout=30) as http,
    ):
        account = Account(stripe)
        await account.open(invoices, contested=contested)
        desk, analyst, lead = await _people(settings, account.key)
        ledger = Ledger(settings.database.app, settings.database.system, UUID(str(desk.org_id)))
        yield Scene(desk, ledger, account, victims, http, port, analyst, lead)


async def _people(settings: Settings, secret: str) -> tuple[Desk, Json, Json]:
    database = connect(settings.database, pool_size=2)
    try:
        desk = await open_desk(database, install(settings), Workflows(settings), secret=secret)

        async def bearer(user_id: UserId) -> Json:
            tokens = await issue_tokens(database, settings.keys, user_id, desk.org_id, None)
            return {"Authorization": f"Bearer {tokens.access}"}

        return desk, await bearer(desk.analyst.user_id), await bearer(desk.lead.user_id)
    finally:
        await database.close()


def _settings(stack: Stack) -> Settings:
    postgres, demo = EmbeddedPostgres(stack.state / "postgres"), stack.demo
    return load(
        {
            "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("app_system"),
            "COUNTERSIGN_SEALER_DATABASE_URL": postgres.dsn("app_sealer"),
            "COUNTERSIGN_MASTER_KEY_FILE": str(stack.state / "master.key"),
            "COUNTERSIGN_PUBLIC_URL": demo.web_url,
            "COUNTERSIGN_STRIPE_BASE": demo.stripe_url,
            "COUNTERSIGN_TEMPORAL_ADDRESS": demo.temporal_address,
        }
    )
