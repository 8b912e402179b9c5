"""`countersign organization …`: what only who runs the installation may do to an organization."""

import argparse
from collections.abc import Callable

from backend.core import db
from backend.core.db import Database
from backend.core.settings import Settings
from backend.embedded.errors import StartupError
from backend.proposals.timekeeping import give_back
from tenancy import organizations
from tenancy.context import Channel, TenantContext
from tenancy.invitations import Wanted, invite
from tenancy.new_passwords import Outlet
from tenancy.permissions import Role
from tenancy.session import tenant
from tenancy.tiers import Tier


async def perform(
    options: argparse.Namespace, settings: Settings, say: Callable[[str], None]
) -> None:
    """Do it and say so. Raises what the services raise, and :class:`StartupError` for an unknown tier."""
    database = db.connect(settings.database, pool_size=2)
    try:
        match options.do:
            case "create":
                await _create(database, settings, options)
                say(f"{options.slug} is there; {options.admin} is invited as its admin")
            case "suspend":
                await organizations.suspend(database, options.slug, options.reason)
                say(f"{options.slug} is suspended")
            case "resume":
                await _resume(database, options.slug)
                say(f"{options.slug} goes on")
            case "residency":
                await organizations.set_residency(database, options.slug, options.label)
                say(f"the data of {options.slug} are said to lie in {options.label}")
    finally:
        await database.close()


async def _resume(database: Database, slug: str) -> None:
    """First the time in which nobody could decide is given back, then work goes on."""
    org_id, lost = await organizations.lost_time(database, slug)
    await give_back(database, TenantContext(org_id, channel=Channel.CLI), lost)
    await organizations.resume(database, slug)


async def _create(database: Database, settings: Settings, options: argparse.Namespace) -> None:
    if options.tier not in list(Tier):
        raise StartupError(f"there is no tier {options.tier!r}; use {', '.join(Tier)}")
    wanted = Wanted(options.admin, Role.ORG_ADMIN)
    org_id = await organizations.create_organization(
        database,
        slug=options.slug,
        name=options.name,
        is_demo=False,
        tier=Tier(options.tier),
        residency=options.residency,
    )
    outlet = Outlet(settings.keys, settings.web.public_url)
    async with tenant(database, TenantContext(org_id, channel=Channel.CLI)) as session:
        await invite(session, outlet, None, wanted)
