"""What rights cost: the check itself, reading them with each request, and row-level security beside a plain filter.

Usage: ``python -m benchmarks.permissions [--times 2000] [--organizations 20] [--rows 2000]``. Starts a database in a
temporary folder. The person has a role that their organization has made, and is in three teams that have roles. The
list is read as ``app_rw`` under its policies and, in turns with that, as a role without any, with the organization
in the query.
"""

import argparse
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from backend.core import db
from backend.core.db import Database, sqlalchemy_dsn
from backend.core.ids import OrgId, RunId, UserId
from backend.core.settings import load
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks import overdue_invoices
from backend.playbooks.service import install
from backend.runs.models import RunRow
from backend.runs.service import RunInputs, request_run
from benchmarks.installation import copy_runs, installation
from benchmarks.report import busyness, carry_out, heading, p95
from tenancy import directory
from tenancy.apikeys import Wanted, authenticate_key, create_api_key
from tenancy.context import Channel, Principal, TenantContext
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Right, Role, authorize
from tenancy.principals import load_principal
from tenancy.roles import create_role, role_to_give
from tenancy.session import tenant
from tenancy.teams import create_team
from tenancy.tiers import Tier
from tests.definitions import quick

_PAGE = 50


@dataclass(frozen=True)
class Place:
    """An organization with an admin, and somebody whose rights come from several roles."""

    org_id: OrgId
    admin: UserId
    person: UserId
    run: RunId


async def main(times: int, organizations: int, rows: int) -> None:
    """Measure and print the figures."""
    print(heading())
    async with installation() as (postgres, environ):
        database = db.connect(load(environ).database, pool_size=2)
        places = [await _place(database) for _ in range(organizations)]
        await copy_runs(postgres, [place.run for place in places], rows)
        principal = await _principal(database, places[0].org_id, places[0].person)
        _check(principal, times)
        await _reading(database, places[0], times)
        await _lists(database, postgres, places, times)
        await database.close()
    print(f"\n{busyness()}")


def _check(principal: Principal, times: int) -> None:
    """The check of a request and of one row, without a database."""
    roles = 1 + len(principal.team_grants)
    took = []
    for _ in range(10 * times):
        began = time.perf_counter_ns()
        reach = authorize(principal, Right.PROPOSALS_READ)
        reach.covers(owner=None, team=None)
        took.append((time.perf_counter_ns() - began) / 1000)
    print("\n| µs | p50 | p95 | p99 | n |\n|---|---|---|---|---|")
    _line(f"warm check, {roles} roles", took)


async def _reading(database: Database, place: Place, times: int) -> None:
    async def nothing() -> None:
        async with tenant(database, TenantContext(place.org_id)) as session:
            await session.execute(text("SELECT 1"))

    async def admin() -> None:
        await _principal(database, place.org_id, place.admin)

    async def person() -> None:
        await _principal(database, place.org_id, place.person)

    principal = await _principal(database, place.org_id, place.admin)
    async with tenant(database, principal.tenant) as session:
        wanted = Wanted("Benchmark", ("*:read:org",))
        key = (await create_api_key(session, principal, wanted)).token

    async def by_key() -> None:
        await authenticate_key(database, key, None)

    print("\n| ms | p50 | p95 | p99 | n |\n|---|---|---|---|---|")
    ways = {
        "a transaction that reads nothing": nothing,
        "rights of a system role": admin,
        "rights of own and three teams' roles": person,
        "API key with the rights of its author": by_key,
    }
    for name, took in zip(ways, await _in_turns(times, *ways.values()), strict=True):
        _line(name, took)


async def _lists(
    database: Database, postgres: EmbeddedPostgres, places: Sequence[Place], times: int
) -> None:
    """The newest runs of an organization, all columns."""
    newest = select(RunRow).order_by(RunRow.id.desc()).limit(_PAGE)
    bind = text("SELECT set_config('app.org_id', :org_id, true)")
    org_id = places[len(places) // 2].org_id
    print("\n| newest 50 runs, ms | p50 | p95 | p99 | n |\n|---|---|---|---|---|")
    async with _without_policies(postgres) as plain:

        async def under_policies() -> None:
            async with database.app.begin() as connection:
                await connection.execute(bind, {"org_id": str(org_id)})
                await _rows(connection, newest)

        async def with_filter() -> None:
            async with plain.begin() as connection:
                await connection.execute(text("SELECT 1"))  # a round trip as the other's binding
                await _rows(connection, newest.where(RunRow.org_id == org_id))

        found = await _in_turns(times, under_policies, with_filter)
    for name, took in zip(("app_rw under policies", "no policies"), found, strict=True):
        _line(name, took)
    print(f"difference of p50 {median(found[0]) - median(found[1]):.2f} ms")


async def _rows(connection: AsyncConnection, query: Select[RunRow]) -> None:
    found = (await connection.execute(query)).all()
    if len(found) != _PAGE:
        raise RuntimeError(f"{len(found)} rows instead of {_PAGE}")


async def _in_turns(times: int, *acts: Callable[[], Awaitable[None]]) -> list[list[float]]:
    """Milliseconds of each, taking turns so that all meet the same machine; the first fifty are not counted."""
    took: list[list[float]] = [[] for _ in acts]
    for turn in range(times + 50):
        for index, act in enumerate(acts):
            began = time.perf_counter()
            await act()
            if turn >= 50:
                took[index].append(1000 * (time.perf_counter() - began))
    return took


def _line(name: str, took: Sequence[float]) -> None:
    figures = (median(took), p95(took), quantiles(took, n=100)[98])
    print(f"| {name} | {' | '.join(f'{one:.2f}' for one in figures)} | {len(took)} |")


async def _principal(database: Database, org_id: OrgId, who: UserId) -> Principal:
    async with tenant(database, TenantContext(org_id)) as session:
        return await load_principal(session, who, Channel.REST)


async def _place(database: Database) -> Place:
    slug = f"org-{secrets.token_hex(6)}"
    org_id = await create_organization(
        database, slug=slug, name=slug, is_demo=False, tier=Tier.ENTERPRISE
    )
    people = [
        await add_user(
            database, email=f"{name}@{slug}.example", name=name, password=secrets.token_urlsafe(16)
        )
        for name in ("admin", "person")
    ]
    context = TenantContext(org_id)
    async with tenant(database, context) as session:
        for person in people:
            await add_member(session, person, Role.ORG_ADMIN, None)
        playbook = await install(
            session, slug=overdue_invoices.SLUG, name=overdue_invoices.NAME, definition=quick()
        )
    admin, person = people
    principal = await _principal(database, org_id, admin)
    async with tenant(database, principal.tenant) as session:
        own = str(await create_role(session, principal, "Own", ["*:read:self", "runs:create:team"]))
        teams = [await create_team(session, f"Team {number}") for number in range(3)]
        for team, key in zip(teams, (own, Role.TEAM_LEAD, Role.VIEWER), strict=True):
            role = await role_to_give(session, key)
            await directory.give_team_role(session, principal, team, role)
        await directory.put_into_teams(session, principal, person, teams)
        await directory.give_role(session, principal, person, await role_to_give(session, own))
        run = await request_run(session, principal, playbook.id, RunInputs())
    return Place(org_id, admin, person, run.id)


@asynccontextmanager
async def _without_policies(postgres: EmbeddedPostgres) -> AsyncIterator[AsyncEngine]:
    """The superuser, whom no policy binds; the same driver and pool."""
    engine = create_async_engine(sqlalchemy_dsn(postgres.dsn("postgres")))
    try:
        yield engine
    finally:
        await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2_000, help="measurements of each kind")
    parser.add_argument("--organizations", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2_000, help="runs of each organization")
    options = parser.parse_args()
    carry_out(main(options.times, options.organizations, options.rows))
