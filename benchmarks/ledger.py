"""A scratch organization of the running stack whose matrix has 100,000 rows: one real proposal, and copies of it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, update

from backend.connectors.credentials import create_connection
from backend.connectors.installed import install as installed
from backend.core import db
from backend.core.db import Database
from backend.core.ids import OrgId, UserId
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks import overdue_invoices, service
from backend.proposals.models import ProposalTable
from backend.runs.service import RunInputs, request_run
from tenancy import changes
from tenancy.changes import Change, EventKind
from tenancy.context import Channel, TenantContext
from tenancy.lookup import organization_by_slug, user_by_email
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tenancy.sessions import open_session
from tenancy.teams import create_team
from tenancy.tiers import Tier
from tests.definitions import quick
from tests.stack import Stack
from tests.waiting import eventually
from workflows.client import Workflows

SLUG, NAME = "bench-ui", "Benchmark of the matrix (made up)"
_PENDING = 5_000  # the newest; what is older was rejected
_VARIED = {
    "id": "gen_random_uuid()",
    "party": "'Customer ' || i",
    "amount_minor": "CASE WHEN t.amount_minor IS NULL THEN NULL ELSE 100 + (i * 7919) % 900000 END",
    "risk_score": "(i * 31) % 101",
    "created_at": "t.created_at - i * interval '20 seconds'",
    "updated_at": "t.created_at - i * interval '20 seconds'",
    "due_at": "now() + (i % 5000 + 60) * interval '1 minute'",
    "remind_at": "NULL",
    "escalate_at": "NULL",
}
"""What differs between copies; everything else is the real proposal's."""


@dataclass(frozen=True)
class Ledger:
    """The organization at work. ``reader`` sees all of it."""

    database: Database
    org_id: OrgId
    reader: UserId

    async def cookie(self) -> str:
        """A new session of the reader."""
        return await open_session(
            self.database, self.reader, self.org_id, replaces=None, request_id=None
        )

    async def count(self) -> int:
        """How many proposals there are."""
        async with tenant(self.database, TenantContext(self.org_id)) as session:
            return await session.scalar(select(func.count()).select_from(ProposalTable)) or 0

    async def newest(self, limit: int) -> list[UUID]:
        """The rows at the top of the matrix."""
        order = select(ProposalTable.id).order_by(ProposalTable.created_at.desc()).limit(limit)
        async with tenant(self.database, TenantContext(self.org_id)) as session:
            return list(await session.scalars(order))

    async def change(self, proposal: UUID, risk: int) -> None:
        """Give a proposal another risk and tell of it, as every change of the product does."""
        row = update(ProposalTable).where(ProposalTable.id == proposal)
        async with tenant(self.database, TenantContext(self.org_id)) as session:
            await session.execute(row.values(risk_score=risk, updated_at=func.clock_timestamp()))
            changes.record(session, Change(proposal, EventKind.PROPOSAL_CHANGED))


@asynccontextmanager
async def ledger(stack: Stack, rows: int) -> AsyncIterator[Ledger]:
    """Open it, filled at first; it stays in the stack under its own name."""
    database = db.connect(stack.settings.database, pool_size=5)
    try:
        org_id = await organization_by_slug(database, SLUG)
        if org_id is None:
            org_id = await _found(database, stack)
        reader = await user_by_email(database, f"reader@{SLUG}.example")
        if reader is None:
            raise LookupError(f"{SLUG} has lost its reader")
        opened = Ledger(database, org_id, reader)
        await _fill(stack, org_id, max(0, rows - await opened.count()))
        yield opened
    finally:
        await database.close()


async def _found(database: Database, stack: Stack) -> OrgId:
    """Create it with one proposal that the playbook has really made, on the demo's own account."""
    org_id = await create_organization(
        database, slug=SLUG, name=NAME, is_demo=True, tier=Tier.ENTERPRISE
    )
    password = secrets.token_urlsafe(16)
    reader, analyst = [
        await add_user(database, email=f"{one}@{SLUG}.example", name=one.title(), password=password)
        for one in ("reader", "analyst")
    ]
    key = stack.demo.stripe_keys[stack.demo.users[0].organization]
    async with tenant(database, TenantContext(org_id)) as session:
        team = await create_team(session, "Receivables")
        await add_member(session, reader, Role.ORG_ADMIN, team)
        await add_member(session, analyst, Role.MEMBER, team)
        keys = installed(stack.settings).keys
        await create_connection(session, keys, vendor="stripe", name="Stripe", secret=key.encode())
        playbook = await service.install(
            session, slug=overdue_invoices.SLUG, name=overdue_invoices.NAME, definition=quick()
        )
        principal = await load_principal(session, analyst, Channel.REST)
    async with tenant(database, principal.tenant) as session:
        run = await request_run(session, principal, playbook.id, RunInputs(max_invoices=5))
    await Workflows(stack.settings).start_playbook_run(org_id, run.id)
    opened = Ledger(database, org_id, reader)
    await eventually(opened.count, "a proposal to copy", seconds=120)
    return org_id


async def _fill(stack: Stack, org_id: OrgId, rows: int) -> None:
    """Copy the oldest proposal and its first revision so often, as the owner of the tables."""
    owner = await asyncpg.connect(EmbeddedPostgres(stack.state / "postgres").dsn("app_owner"))
    try:
        columns = await owner.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'proposal' "
            "AND is_generated = 'NEVER' ORDER BY ordinal_position"
        )
        names = [str(column["column_name"]) for column in columns]
        values = [_VARIED.get(name, f't."{name}"') for name in names]
        model: datetime = await owner.fetchval(
            "SELECT min(created_at) FROM proposal WHERE org_id = $1", org_id
        )
        await owner.execute(
            f"""WITH made AS (
                INSERT INTO proposal ({", ".join(f'"{name}"' for name in names)})
                SELECT {", ".join(values)} FROM proposal t, generate_series(1, $3) i
                WHERE t.org_id = $1 AND t.created_at = $2 RETURNING *)
            INSERT INTO proposal_revision
                (org_id, proposal_id, revision, digest, sentence, parameters, changes, amount_minor)
            SELECT org_id, id, revision, digest, sentence, parameters, changes, amount_minor FROM made""",  # noqa: S608 - names of columns
            org_id,
            model,
            rows,
            timeout=600,
        )
        await owner.execute(
            "UPDATE proposal SET decision = 'rejected' WHERE org_id = $1 AND decision = 'pending' "
            "AND created_at < (SELECT created_at FROM proposal WHERE org_id = $1 "
            "ORDER BY created_at DESC OFFSET $2 LIMIT 1)",
            org_id,
            _PENDING,
            timeout=600,
        )
        await owner.execute("VACUUM ANALYZE proposal")
    finally:
        await owner.close()
