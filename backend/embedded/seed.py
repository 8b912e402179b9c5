"""The demo tenants: organizations, people, connections and the playbooks; then runs, started through the REST API.

No row of proposals, runs or decisions is written here: the agents make them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.credentials import create_connection
from backend.core.db import Database
from backend.core.ids import TeamId, UserId
from backend.core.settings import Settings
from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_cast import (
    ORGANIZATIONS,
    PEOPLE,
    DemoOrganization,
    DemoPerson,
    DemoRole,
)
from backend.embedded.demo_file import DemoFile
from backend.playbooks import overdue_invoices
from backend.playbooks.service import Playbook, install, list_playbooks, publish
from backend.playbooks.shipped import SHIPPED
from tenancy.context import TenantContext
from tenancy.lookup import organization_by_slug, user_by_email
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Role
from tenancy.session import tenant
from tenancy.teams import create_team
from tenancy.tiers import Tier

ROLES: dict[DemoRole, Role] = {
    "analyst": Role.MEMBER,
    "approver": Role.TEAM_LEAD,
    "admin": Role.ORG_ADMIN,
    "viewer": Role.VIEWER,
}
_IN_TEAM: frozenset[DemoRole] = frozenset({"analyst", "approver"})
_FIRST_RUN = {"minDaysOverdue": 60}
_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _Household:
    """One demo organization with everything that belongs to it."""

    organization: DemoOrganization
    people: tuple[DemoPerson, ...]
    passwords: dict[str, str]
    stripe_key: str


async def seed_tenants(database: Database, settings: Settings, demo: DemoFile) -> None:
    """Create what is missing of the demo organizations; a half-finished earlier seed is completed."""
    for organization in ORGANIZATIONS:
        household = _Household(
            organization,
            tuple(person for person in PEOPLE if person.organization == organization.slug),
            {user.email: user.password for user in demo.users},
            demo.stripe_keys[organization.slug],
        )
        await _complete(database, settings, household)


async def seed_runs(demo: DemoFile, say: Callable[[str], None]) -> None:
    """Start the first run of each organization by REST and wait until it has proposed something."""
    async with httpx.AsyncClient(base_url=demo.api_url, timeout=30) as http:
        await asyncio.gather(*(_first_run(http, demo, o.slug, say) for o in ORGANIZATIONS))


async def _complete(database: Database, settings: Settings, household: _Household) -> None:
    organization = household.organization
    org_id = await organization_by_slug(database, organization.slug)
    if org_id is None:
        org_id = await create_organization(
            database,
            slug=organization.slug,
            name=organization.name,
            is_demo=True,
            tier=Tier.ENTERPRISE,
        )
    async with tenant(database, TenantContext(org_id)) as session:
        if playbooks := await list_playbooks(session):
            await _follow_model(session, playbooks, settings.model.name)
            await _install_shipped(session, settings.model.name)
            return
    users = {person: await _user(database, household, person) for person in household.people}
    async with tenant(database, TenantContext(org_id)) as session:
        team = await create_team(session, "Receivables")
        for person, user_id in users.items():
            await add_member(session, user_id, ROLES[person.role], _team(person.role, team))
        await create_connection(
            session,
            settings.keys,
            vendor="stripe",
            name="Stripe (simulator)",
            secret=household.stripe_key.encode(),
        )
        await _install_shipped(session, settings.model.name)


async def _install_shipped(session: AsyncSession, model: str) -> None:
    """Add the playbooks that are missing; those that are there stay as they are."""
    for one in SHIPPED:
        await install(session, slug=one.slug, name=one.name, definition=one.definition(model))


async def _follow_model(session: AsyncSession, playbooks: Sequence[Playbook], model: str) -> None:
    """Another model in the settings becomes the next version of the demo's playbooks."""
    for playbook in playbooks:
        if playbook.definition.model != model:
            await publish(session, playbook, replace(playbook.definition, model=model))


async def _user(database: Database, household: _Household, person: DemoPerson) -> UserId:
    return await user_by_email(database, person.email) or await add_user(
        database,
        email=person.email,
        name=person.name,
        password=household.passwords[person.email],
    )


def _team(role: DemoRole, team: TeamId) -> TeamId | None:
    return team if role in _IN_TEAM else None


async def _first_run(
    http: httpx.AsyncClient, demo: DemoFile, slug: str, say: Callable[[str], None]
) -> None:
    starter = next(user for user in demo.users if user.organization == slug)
    api = await DemoApi.log_in(http, starter.email, starter.password)
    if (await api.get("/runs"))["total"]:
        return
    run = await api.run_playbook(overdue_invoices.SLUG, _FIRST_RUN)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        proposals = await api.first_proposals(run, at_least=1)
    say(f"{slug}: the first run has proposed ({proposals} so far)")
