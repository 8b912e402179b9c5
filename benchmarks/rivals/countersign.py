"""Countersign as a contestant: its own worker process on its own engine, decided through its decision service."""

from collections.abc import Mapping
from pathlib import Path

from backend.connectors.installed import install
from backend.core.db import Database
from backend.core.settings import load
from backend.proposals.decisions import DecisionKind
from backend.proposals.views import ProposalView
from tests.conformance.simulator.process import Api, SimulatorProcess
from tests.conformance.stripe.account import Account
from tests.desk import Desk, open_desk
from tests.worker import WorkerProcess
from workflows.client import Workflows

_DAMAGED = {"description": "It arrived damaged.", "metadata[disputed_amount]": "4500"}


class Countersign:
    """A fresh organization and account for each run; the worker is what gets killed."""

    patience = 90.0

    def __init__(
        self,
        environ: Mapping[str, str],
        database: Database,
        simulator: SimulatorProcess,
        *,
        base: str,
        log: Path,
    ) -> None:
        settings = load(environ)
        self._database = database
        self._simulator = simulator
        self._connectors = install(settings)
        self._workflows = Workflows(settings)
        self._worker = WorkerProcess({**environ, "COUNTERSIGN_STRIPE_BASE": base}, log)
        self._runs: dict[str, tuple[Desk, ProposalView]] = {}

    async def start(self) -> None:
        """Start the worker."""
        await self._worker.start()

    async def kill(self) -> None:
        """SIGKILL the worker."""
        self._worker.kill()

    async def propose(self) -> tuple[Account, str, str]:
        """Let the agent look at an account with one contested invoice."""
        account = Account(Api(self._simulator, self._simulator.new_key()))
        invoice = account.overdue_invoice(params=_DAMAGED)["id"]
        desk = await open_desk(
            self._database, self._connectors, self._workflows, secret=account.api.key
        )
        view = await desk.one_proposal()
        run = str(view.row.run_id)
        self._runs[run] = (desk, view)
        return account, invoice, run

    async def approve(self, run: str) -> None:
        """Approve as the team's lead."""
        desk, view = self._runs[run]
        await desk.decide(view, DecisionKind.APPROVE)

    async def done(self, run: str) -> bool:
        """Whether the proposal is executed."""
        desk, view = self._runs[run]
        return (await desk.proposal(view)).row.execution == "executed"

    async def ask_to_resume(self, run: str) -> None:
        """Nothing: the engine gives the work to the next worker."""
