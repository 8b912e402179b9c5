"""A freshly committed organization at work: its people, Stripe account and playbook; acts as they would."""

import secrets
from dataclasses import dataclass
from typing import Protocol

from backend.connectors import repository as records
from backend.connectors.credentials import create_connection
from backend.connectors.records import Invoice
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.ids import OrgId, ProposalId, RecordId, RunId, UserId
from backend.playbooks import overdue_invoices
from backend.playbooks import service as playbooks
from backend.playbooks.service import Definition, Playbook
from backend.proposals import decisions
from backend.proposals import repository as proposals
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind
from backend.proposals.views import ProposalView
from backend.runs import repository as runs
from backend.runs.repository import RunView, StepView
from backend.runs.service import RunInputs, request_run
from tenancy.context import Channel, Principal, TenantContext
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Reach, Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tenancy.teams import create_team
from tenancy.tiers import Tier
from tests.definitions import quick
from tests.waiting import eventually
from workflows.client import Workflows


@dataclass(frozen=True)
class Desk:
    """``analyst`` starts runs, ``lead`` decides; both are members of the organization."""

    database: Database
    connectors: Connectors
    workflows: Workflows
    org_id: OrgId
    analyst: Principal
    lead: Principal
    playbook: Playbook

    @property
    def context(self) -> TenantContext:
        """Transactions of the system in this organization."""
        return TenantContext(self.org_id)

    async def start(self, inputs: RunInputs | None = None, *, call: bool = True) -> RunId:
        """Request a run; ``call`` False leaves its start to the relay."""
        async with tenant(self.database, self.analyst.tenant) as session:
            run = await request_run(session, self.analyst, self.playbook.id, inputs or RunInputs())
        if call:
            await self.workflows.start_playbook_run(self.org_id, run.id)
        return run.id

    async def finished(self, run_id: RunId, *, seconds: float = 60) -> RunView:
        """The run when it is over."""

        async def look() -> RunView | None:
            view = await self.run(run_id)
            return view if view.row.state in ("completed", "failed") else None

        return await eventually(look, f"the end of run {run_id}", seconds=seconds)

    async def run(self, run_id: RunId) -> RunView:
        """The run as it is now."""
        async with tenant(self.database, self.context) as session:
            return (await runs.by_ids(session, [run_id]))[run_id]

    async def children(self, run_id: RunId) -> list[RunView]:
        """The runs that look at one invoice each."""
        async with tenant(self.database, self.context) as session:
            return await runs.children_of(session, run_id)

    async def steps(self, run_id: RunId) -> list[StepView]:
        """The trace of a run."""
        async with tenant(self.database, self.context) as session:
            return await runs.steps_of(session, run_id)

    async def invoice(self, child: RunView) -> Invoice:
        """The invoice that a child run is about, as the last sync saw it."""
        assert child.row.subject_id is not None
        async with tenant(self.database, self.context) as session:
            return (await records.invoice(session, RecordId(child.row.subject_id))).invoice

    async def proposed(self, run_id: RunId) -> list[ProposalView]:
        """The proposals of a playbook run's children."""
        found = []
        for child in await self.children(run_id):
            async with tenant(self.database, self.context) as session:
                found += await proposals.of_run(session, RunId(child.row.id))
        return found

    async def one_proposal(self) -> ProposalView:
        """Run the playbook over an account with one overdue invoice; its proposal."""
        run_id = await self.start()
        await self.finished(run_id)
        made = await self.proposed(run_id)
        assert len(made) == 1, [(c.row.outcome, c.row.error) for c in await self.children(run_id)]
        return made[0]

    async def decide(
        self,
        view: ProposalView,
        kind: DecisionKind,
        *,
        reason: str | None = None,
        call: bool = True,
    ) -> Decided:
        """Decide as the lead; ``call`` False leaves the wake-up to the relay."""
        given = DecisionInput(kind, view.row.digest, reason)
        decided = await decisions.decide(
            self.database, self.connectors, self.lead, ProposalId(view.row.id), given
        )
        if decided.wake and call:
            await self.workflows.wake(self.org_id, decided.run_id)
        return decided

    async def proposal(self, view: ProposalView) -> ProposalView:
        """The proposal as it is now."""
        reach = Reach(everything=True, team_ids=frozenset(), user_id=self.lead.user_id)
        async with tenant(self.database, self.context) as session:
            return await proposals.get(session, reach, ProposalId(view.row.id))

    async def executed(self, view: ProposalView) -> ProposalView:
        """The proposal when its effect is confirmed."""

        async def look() -> ProposalView | None:
            now = await self.proposal(view)
            return now if now.row.execution == "executed" else None

        return await eventually(look, f"the effect of {view.row.sentence!r}")


class OpenDesk(Protocol):
    """Opens a desk; by default on the test's account, with the playbook as it is shipped."""

    async def __call__(
        self, secret: str | None = None, definition: Definition | None = None
    ) -> Desk:
        """A fresh organization."""


async def open_desk(
    database: Database,
    connectors: Connectors,
    workflows: Workflows,
    *,
    secret: str,
    definition: Definition | None = None,
) -> Desk:
    """Create all of it, committed."""
    slug = f"org-{secrets.token_hex(6)}"
    org_id = await create_organization(
        database, slug=slug, name="Brindlemoor", is_demo=False, tier=Tier.ENTERPRISE
    )
    analyst, lead = await _person(database, "Ada"), await _person(database, "Ben")
    async with tenant(database, TenantContext(org_id)) as session:
        team = await create_team(session, "Receivables")
        await add_member(session, analyst, Role.MEMBER, team)
        await add_member(session, lead, Role.TEAM_LEAD, team)
        await create_connection(
            session, connectors.keys, vendor="stripe", name="Stripe", secret=secret.encode()
        )
        playbook = await playbooks.install(
            session,
            slug=overdue_invoices.SLUG,
            name=overdue_invoices.NAME,
            definition=definition or quick(),
        )
        return Desk(
            database,
            connectors,
            workflows,
            org_id,
            await load_principal(session, analyst, Channel.REST),
            await load_principal(session, lead, Channel.REST),
            playbook,
        )


async def _person(database: Database, name: str) -> UserId:
    email = f"{name.lower()}-{secrets.token_hex(6)}@brindlemoor.example"
    return await add_user(database, email=email, name=name, password=secrets.token_urlsafe(16))
