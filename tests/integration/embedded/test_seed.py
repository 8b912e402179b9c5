"""The demo's tenants: an installation from before there were three playbooks gets those that are missing."""

from backend.core.db import Database
from backend.core.settings import Settings
from backend.embedded.demo_cast import ORGANIZATIONS
from backend.embedded.demo_file import DemoFile
from backend.embedded.seed import seed_tenants
from backend.playbooks import overdue_invoices
from backend.playbooks.service import Playbook, install, list_playbooks
from backend.playbooks.shipped import SHIPPED
from tenancy.context import TenantContext
from tenancy.organizations import create_organization
from tenancy.session import tenant


async def test_seed_when_an_older_demo_is_there_then_only_what_is_missing_is_added(
    database: Database, settings: Settings
) -> None:
    contexts = []
    for organization in ORGANIZATIONS:
        made = await create_organization(
            database, slug=organization.slug, name=organization.name, is_demo=True
        )
        contexts.append(TenantContext(made))
        async with tenant(database, contexts[-1]) as session:
            await install(
                session,
                slug=overdue_invoices.SLUG,
                name=overdue_invoices.NAME,
                definition=overdue_invoices.definition(settings.model.name),
            )
    before = [await _playbooks(database, context) for context in contexts]
    demo = DemoFile(
        web_url="",
        api_url="",
        stripe_url="",
        stripe_keys={one.slug: "sk_test_unused" for one in ORGANIZATIONS},
        temporal_address="",
        database_url="",
        pids={},
        users=[],
    )

    for _ in range(2):
        await seed_tenants(database, settings, demo)

    for context, [known] in zip(contexts, before, strict=True):
        found = await _playbooks(database, context)
        assert {one.slug for one in found} == {one.slug for one in SHIPPED}
        assert next(one for one in found if one.slug == known.slug) == known
        assert len(found) == len(SHIPPED)


async def _playbooks(database: Database, context: TenantContext) -> list[Playbook]:
    async with tenant(database, context) as session:
        return await list_playbooks(session)
