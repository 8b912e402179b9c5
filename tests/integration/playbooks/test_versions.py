"""A playbook's versions never change; a run stays with the one it was requested under."""

from dataclasses import replace

from backend.playbooks.service import get_playbook, publish
from backend.runs.service import RunInputs, load_run, request_run
from tenancy.session import tenant
from tests.fixtures.people import Office


async def test_publish_when_a_run_is_under_way_then_the_run_keeps_its_version(
    office: Office,
) -> None:
    analyst = await office.principal("analyst")
    async with tenant(office.database, analyst.tenant) as session:
        before = await request_run(session, analyst, office.playbook.id, RunInputs())
    other = replace(office.playbook.definition, model="openai:gpt-test")
    async with tenant(office.database, office.context) as session:
        published = await publish(session, office.playbook, other)
    async with tenant(office.database, analyst.tenant) as session:
        after = await request_run(session, analyst, office.playbook.id, RunInputs())
        kept = await load_run(session, before.id)
        first = await get_playbook(session, office.playbook.id, version=1)
    assert (published.version, after.playbook_version, after.model) == (2, 2, "openai:gpt-test")
    assert (kept.playbook_version, kept.model) == (1, "rules:default")
    assert first.definition == office.playbook.definition
