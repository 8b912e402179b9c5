"""Replays histories with today's workflows, as a worker would that takes over a waiting run."""

from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from backend.core.crypto import Keys
from backend.core.masters import Master
from workflows.client import data_converter
from workflows.registry import SERVICES
from workflows.runtime.agent_converter import AgentConverter, plugins
from workflows.runtime.causes import CauseCarrier
from workflows.runtime.resumption import Patience
from workflows.worker import RUNNER

FOLDER = Path(__file__).parent / "replay" / "histories"
KEYS = Keys(Master("m1", b"\x5f" * 32))  # the tests' key: what lies in the files is no secret


async def replay(history: WorkflowHistory, *, patient: bool = False) -> None:
    """Raises when today's code would have decided otherwise.

    ``patient``: thousands of signals are replayed in one go, which may take longer than the two seconds that the SDK
    grants a workflow before it suspects a deadlock; the sandbox is off then.
    """
    replayer = Replayer(
        workflows=[one for service in SERVICES for one in service.workflows],
        data_converter=data_converter(KEYS, AgentConverter),
        plugins=plugins(),
        workflow_runner=RUNNER,
        interceptors=[CauseCarrier(), Patience()],
        debug_mode=patient,
    )
    await replayer.replay_workflow(history)
