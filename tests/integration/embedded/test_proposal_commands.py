"""`countersign proposal …` as somebody types it, against a running API."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from backend.core.ids import ProposalId
from backend.core.settings import process_environment
from tests.fixtures.client import ROOT, ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

Command = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
def type_in(server: ServerProcess, office: Office) -> Command:
    async def call(who: str, *words: str) -> subprocess.CompletedProcess[str]:
        token = (await office.tokens(who)).access
        where = ["--url", server.url, "--token", token]
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "backend.cli", "proposal", *words, *where],
            cwd=ROOT,
            env=process_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


async def test_proposal_is_listed_shown_edited_and_approved(
    type_in: Command, proposer: Proposer
) -> None:
    view = await proposer.credit(5_000)
    found, digest = str(view.row.id), view.row.digest[:12]
    assert found in (await type_in("lead", "list")).stdout
    shown = (await type_in("lead", "show", found)).stdout
    assert view.row.sentence in shown
    assert view.row.digest in shown
    change = ("--set", "amount=2500", "--reason", "Half of it")
    edited = await type_in("lead", "edit", found, "--digest", digest, *change)
    assert edited.returncode == 0, edited.stderr
    assert "25.00" in edited.stdout
    old = await type_in("lead", "approve", found, "--digest", digest)
    assert old.returncode == 1
    assert "look at it again" in old.stderr
    now = await proposer.view(ProposalId(view.row.id))
    done = await type_in("lead", "approve", found, "--digest", now.row.digest)
    assert done.stdout.startswith("approved/queued")


async def test_edit_that_breaks_a_rule_says_which_and_nothing_is_written(
    type_in: Command, proposer: Proposer
) -> None:
    view = await proposer.credit(5_000)
    words = ("edit", str(view.row.id), "--digest", view.row.digest[:12])
    refused = await type_in("lead", *words, "--set", "amount=999999", "--reason", "More")
    assert refused.returncode == 1
    assert "is left to pay" in refused.stderr
    unknown = await type_in("lead", *words, "--set", "colour=red", "--reason", "Red")
    assert "There is no colour" in unknown.stderr
    assert (await proposer.view(ProposalId(view.row.id))).row.revision == 1


async def test_signature_is_given_to_somebody_by_name_and_words_are_kept(
    type_in: Command, proposer: Proposer
) -> None:
    view = await proposer.credit(5_000)
    found, digest = str(view.row.id), view.row.digest[:12]
    given = ("delegate", found, "--digest", digest, "--to")
    nobody = await type_in("lead", *given, "Nobody Known")
    assert "admin One" in nobody.stderr
    assert (await type_in("lead", *given, "admin One")).returncode == 0
    assert (await type_in("admin", "comment", found, "I have called them")).returncode == 0
    assert (await type_in("admin", "ask", found, "Is it still open?")).returncode == 0
    shown = (await type_in("admin", "show", found)).stdout
    assert "I have called them" in shown
    assert "Is it still open?" in shown
    refused = await type_in("lead", "approve", found, "--digest", digest)
    assert "given your signature to admin One" in refused.stderr
