"""A deploy in the middle of a wait: an earlier release has proposed, today's carries out what people decide."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from backend.connectors.installed import install
from backend.core import db
from backend.core.ids import OrgId, PlaybookId, ProposalId, RunId, UserId
from backend.core.migrate import upgrade
from backend.core.settings import load, process_environment
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks.service import get_playbook
from backend.proposals import repository as proposals
from backend.proposals.decisions import DecisionKind
from backend.proposals.views import ProposalView
from tenancy.context import Channel, TenantContext
from tenancy.permissions import Reach
from tenancy.principals import load_principal
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from tests.replaying import replay
from tests.worker import ROOT, WorkerProcess
from workflows.client import Workflows, connect
from workflows.contracts import Process, workflow_id

_EARLIER_RELEASE = "7973ec6d784a0afe0db3df9fb533cc584fa427ea"
# Run by the earlier release's own code: it knows how its organizations were made.
_PROPOSE = """
import asyncio, json, sys
from backend.connectors.installed import install
from backend.core import db, logging
from backend.core.settings import load
from tests.desk import open_desk
from workflows.client import Workflows

async def propose():
    logging.configure()  # what is logged goes elsewhere than what is said
    settings = load()
    database = db.connect(settings.database)
    desk = await open_desk(database, install(settings), Workflows(settings), secret=sys.argv[1])
    view = await desk.one_proposal()
    people = {"analyst": desk.analyst.user_id, "lead": desk.lead.user_id}
    made = {"org": desk.org_id, "proposal": view.row.id, **people}
    sys.stdout.write(json.dumps({name: str(one) for name, one in made.items()}))
    await database.close()

asyncio.run(propose())
"""


@pytest.fixture
def earlier_code(tmp_path: Path) -> Path:
    """The earlier release as it was committed; in a checkout without history, today's in its place."""
    git = shutil.which("git")
    known = [git or "", "cat-file", "-e", f"{_EARLIER_RELEASE}^{{commit}}"]
    if git is None or subprocess.run(known, cwd=ROOT, check=False, capture_output=True).returncode:
        return ROOT
    code = tmp_path / "earlier"
    code.mkdir()
    packed = subprocess.run(
        [git, "archive", _EARLIER_RELEASE], cwd=ROOT, check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", code], input=packed.stdout, check=True)
    return code


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A database of its own, which a test brings to the version that it wants."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(server.home)


@pytest.fixture
def own(environ: Mapping[str, str], installation: EmbeddedPostgres) -> Mapping[str, str]:
    """The settings of every process of this installation."""
    return {
        **environ,
        "COUNTERSIGN_DATABASE_URL": installation.dsn("app_rw"),
        "COUNTERSIGN_SYSTEM_DATABASE_URL": installation.dsn("app_system"),
        "COUNTERSIGN_SEALER_DATABASE_URL": installation.dsn("app_sealer"),
        "COUNTERSIGN_OWNER_DATABASE_URL": installation.dsn("app_owner"),
    }


async def run(code: Path, environ: Mapping[str, str], *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        cwd=code,
        env={**process_environment(), **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


@asynccontextmanager
async def found_again(
    made: Mapping[str, str], environ: Mapping[str, str]
) -> AsyncIterator[tuple[Desk, ProposalView]]:
    """What the earlier release has made, as today's code reads it."""
    settings = load(environ)
    database = db.connect(settings.database)
    context = TenantContext(OrgId(UUID(made["org"])))
    async with tenant(database, context) as session:
        people = [UserId(UUID(made[who])) for who in ("analyst", "lead")]
        analyst, lead = [await load_principal(session, who, Channel.REST) for who in people]
        reach = Reach(everything=True, team_ids=frozenset(), user_id=lead.user_id)
        view = await proposals.get(session, reach, ProposalId(UUID(made["proposal"])))
        playbook = await get_playbook(
            session, PlaybookId(view.row.playbook_id), view.row.playbook_version
        )
    workflows = Workflows(settings)
    connectors = install(settings)
    yield Desk(database, connectors, workflows, context.org_id, analyst, lead, playbook), view
    await database.close()


@pytest.mark.long
async def test_run_that_an_earlier_release_has_begun_is_carried_out_once_by_todays(
    earlier_code: Path,
    installation: EmbeddedPostgres,
    own: Mapping[str, str],
    account: Account,
    tmp_path: Path,
) -> None:
    account.overdue_invoice()
    earlier = WorkerProcess(own, tmp_path / "earlier.log", earlier_code)
    today = WorkerProcess(own, tmp_path / "today.log")
    try:
        await run(earlier_code, own, "-m", "backend.cli", "migrate")
        await earlier.start()
        made = json.loads(await run(earlier_code, own, "-c", _PROPOSE, account.api.key))
        assert earlier.stop() == 0
        await asyncio.to_thread(upgrade, installation.dsn("app_owner"))
        await today.start()
        async with found_again(made, own) as (desk, view):
            await desk.decide(view, DecisionKind.APPROVE)
            done = await desk.executed(view)
            assert done.effect is not None
            assert account.carried_out(str(done.effect.id)) == 1
            ended = await desk.finished(RunId(view.row.run_id))
            assert ended.row.state == "completed"
            client = await connect(load(own))
            handle = client.get_workflow_handle(
                workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
            )
            await replay(await handle.fetch_history())
    finally:
        earlier.kill()
        today.kill()
