"""`countersign organization`: who runs the installation creates, suspends, resumes and labels organizations."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

import asyncpg
from sqlalchemy import select

from backend.core.ids import ProposalId
from backend.core.settings import Settings
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks.policy import ApprovalRule, Policy, Silence
from backend.proposals.timekeeping import keep_time
from tenancy.mail import kept_mail
from tenancy.models.change import AuditEvent
from tenancy.organizations import show_organization
from tenancy.session import tenant
from tests.fixtures.client import ROOT
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer


def organization(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend.cli", "organization", *words]
    own = {**os.environ, **environ}  # noqa: TID251
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


async def test_organization_when_created_then_its_first_admin_is_invited_by_mail(
    environ: Mapping[str, str], office: Office, settings: Settings
) -> None:
    slug = f"new-{secrets.token_hex(4)}"
    email = f"{slug}@people.example"
    words = ("create", slug, "--name", "Harbour Optics", "--admin", email, "--residency", "EU")
    made = organization(environ, *words)
    assert (made.returncode, made.stdout) == (
        0,
        f"countersign: {slug} is there; {email} is invited as its admin\n",
    )
    kept = await kept_mail(office.database, settings.keys)
    [mail] = [one.mail for one in kept if one.mail.recipient == email]
    assert mail.subject == "You are invited to Harbour Optics"
    assert "as Org admin" in mail.text
    assert "http://127.0.0.1:8080/invite?token=" in mail.text
    again = organization(environ, *words)
    assert (again.returncode, again.stderr) == (
        1,
        f"countersign: there is an organization {slug!r} already\n",
    )


async def test_organization_when_suspended_and_resumed_then_the_next_request_knows(
    environ: Mapping[str, str], office: Office
) -> None:
    done = organization(environ, "suspend", office.slug, "--reason", "unpaid")
    assert (done.returncode, done.stdout) == (0, f"countersign: {office.slug} is suspended\n")
    assert (await office.principal("viewer")).status == "suspended"
    done = organization(environ, "resume", office.slug)
    assert (done.returncode, done.stdout) == (0, f"countersign: {office.slug} goes on\n")
    assert (await office.principal("viewer")).status == "active"
    unknown = organization(environ, "resume", "nobody-at-all")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "countersign: there is no organization 'nobody-at-all'\n",
    )


async def test_organization_when_its_data_lie_elsewhere_then_its_people_read_it_and_the_audit_has_it(
    environ: Mapping[str, str], office: Office
) -> None:
    done = organization(environ, "residency", office.slug, "EU, Frankfurt")
    assert (done.returncode, done.stdout) == (
        0,
        f"countersign: the data of {office.slug} are said to lie in EU, Frankfurt\n",
    )
    async with tenant(office.database, office.context) as session:
        assert (await show_organization(session)).residency == "EU, Frankfurt"
        act = AuditEvent.action == "organization.residency_changed"
        written = await session.scalars(select(AuditEvent.details).where(act))
    assert written.all() == [{"from": None, "to": "EU, Frankfurt"}]
    assert "1 to 100 characters" in organization(environ, "residency", office.slug, "  ").stderr


async def test_organization_when_resumed_then_silence_has_the_time_in_which_nobody_could_speak(
    environ: Mapping[str, str], proposer: Proposer, postgres: EmbeddedPostgres
) -> None:
    office = proposer.office
    lenient = Policy(rules=(ApprovalRule(),), due_seconds=3_600, on_silence=Silence.APPROVE)
    view = await (await proposer.under(lenient)).propose()
    assert organization(environ, "suspend", office.slug, "--reason", "unpaid").returncode == 0
    owner = await asyncpg.connect(postgres.dsn("app_owner"))
    for table, column in (("organization", "suspended_at"), ("proposal", "due_at")):
        key = "id" if table == "organization" else "org_id"
        passed = f"UPDATE {table} SET {column} = {column} - interval '2 hours' WHERE {key} = $1"  # noqa: S608 - names
        await owner.execute(passed, office.org_id)
    await owner.close()
    assert organization(environ, "resume", office.slug).returncode == 0
    await keep_time(office.database, office.context, ProposalId(view.row.id))
    row = (await proposer.view(ProposalId(view.row.id))).row
    assert row.decision == "pending"
    assert row.due_at
    assert view.row.due_at
    assert row.due_at >= view.row.due_at
