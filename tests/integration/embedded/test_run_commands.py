"""`countersign run …` as somebody types it, against a running API."""

import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.core.ids import ProposalId
from backend.core.settings import process_environment
from backend.embedded import demo_file
from backend.embedded.demo_file import DemoFile, DemoUser
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.client import ROOT, ServerProcess
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.proposals import Proposer

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
async def demo(server: ServerProcess, office: Office, tmp_path: Path) -> Path:
    """A state folder whose log-in is an admin of the office."""
    email = f"admin-{secrets.token_hex(6)}@brindlemoor.example"
    admin = await add_user(office.database, email=email, name="Adam", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, admin, Role.ORG_ADMIN, office.team)
    written = DemoFile(
        web_url=server.url,
        api_url=server.url,
        stripe_url="",
        stripe_keys={},
        temporal_address="",
        database_url="",
        pids={},
        users=[DemoUser(email, PASSWORD, "admin", office.slug)],
    )
    demo_file.write(tmp_path / "demo.json", written)
    return tmp_path


@pytest.fixture
def run(demo: Path) -> Command:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", "run", *words],
            cwd=ROOT,
            env={**process_environment(), "COUNTERSIGN_STATE_DIR": str(demo)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


async def test_run_started_in_the_terminal_is_listed_shown_and_cancelled(
    run: Command, office: Office
) -> None:
    started = run("start", office.playbook.slug, "--max-invoices", "3")
    assert (started.returncode, started.stderr) == (0, "")
    run_id = started.stdout.strip()
    head, line = run("list").stdout.strip().splitlines()
    assert head.split() == ["RUN", "STATE", "STARTED", "BY", "INVOICES", "PROPOSED", "OUTCOME"]
    assert line.split()[:2] == [run_id, "queued"]
    cancelled = run("cancel", run_id, "--reason", "Only a try")
    assert (cancelled.returncode, cancelled.stdout) == (0, "Cancelled by Adam: Only a try\n")
    shown = run("show", run_id)
    assert shown.stdout.splitlines()[0].endswith(": cancelled")
    assert "started by Adam" in shown.stdout
    again = run("cancel", run_id, "--reason", "Only a try")
    assert again.returncode == 1
    assert "the run has ended" in again.stderr


async def test_run_with_children_is_shown_with_its_proposals_and_terminated_with_a_token(
    run: Command, office: Office, proposer: Proposer, server: ServerProcess
) -> None:
    view = await proposer.propose(run_id=(parent := await proposer.run()))
    there = ("--url", server.url, "--token", (await office.tokens("lead")).access)
    shown = run("show", str(parent), *there).stdout
    assert str(view.row.id) in shown
    assert str(view.row.run_id) in shown
    ended = run("terminate", str(parent), "--reason", "It does not react", *there)
    assert ended.stdout == "Terminated by lead One: It does not react\n"
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "withdrawn"


async def test_mistakes_are_one_sentence_and_an_exit_code(
    run: Command, office: Office, proposer: Proposer, server: ServerProcess
) -> None:
    run_id = str(await proposer.run())
    token = (await office.tokens("viewer")).access
    for words, code, said in (
        (
            ("cancel", run_id, "--url", server.url, "--token", token, "--reason", "no"),
            1,
            "runs:upd",
        ),
        (("show", str(office.org_id)), 1, "there is no such run"),
        (("start", "no-such"), 1, "There is no playbook no-such; there is overdue"),
        (("list", "--as", "nobody@x.example"), 1, "The demo knows nobody as nobody@x.example"),
        (("list", "--url", server.url), 1, "--url needs --token"),
        (("list", "--url", "http://127.0.0.1:1", "--token", "x"), 1, "Nothing answers at"),
        (("cancel", run_id), 2, "--reason"),
        ((), 2, "WORD"),
    ):
        answer = run(*words)
        assert (answer.returncode, answer.stdout) == (code, ""), answer
        assert said in answer.stderr
        assert "Traceback" not in answer.stderr
