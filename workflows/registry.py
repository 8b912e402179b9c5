"""Everything that a worker serves, queue by queue: the one list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.agent_run import activities as agent_run
from workflows.agent_run import questions, undoing
from workflows.agent_run.workflow import AgentRun
from workflows.agents.rooms import ROOMS
from workflows.connector_events import activities as connector_events
from workflows.connector_events.workflow import ConnectorEvents
from workflows.connector_sync import activities as connector_sync
from workflows.connector_sync.workflow import ConnectorSync
from workflows.playbook_run import activities as playbook_run
from workflows.playbook_run.workflow import PlaybookRun
from workflows.queues import AGENTS, DEFAULT, SYNC
from workflows.runtime.resumption import await_resumption
from workflows.scheduled_run import activities as scheduled_run
from workflows.scheduled_run.workflow import ScheduledRun
from workflows.stopping import stop_run


@dataclass(frozen=True, slots=True)
class Service:
    """What one task queue offers, and how many activities of it one process takes on; turns say which of them work."""

    queue: str
    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    at_a_time: int


SERVICES = (
    Service(
        AGENTS,
        [AgentRun],
        [
            await_resumption,
            agent_run.read_subject,
            agent_run.note_steps,
            agent_run.verify_draft,
            agent_run.propose_draft,
            agent_run.look,
            agent_run.keep_time,
            agent_run.claim_effect,
            agent_run.carry_out_effect,
            agent_run.lose_sight,
            agent_run.end_run,
            questions.read_question,
            questions.answer_question,
            undoing.draft_undo,
            stop_run,
            *(activity for room in ROOMS.values() for activity in room.activities()),
        ],
        at_a_time=100,
    ),
    Service(
        SYNC,
        [ConnectorSync, ConnectorEvents],
        [
            await_resumption,
            connector_events.apply_events,
            connector_sync.sync_customers,
            connector_sync.sync_invoices,
            connector_sync.finish_sync,
        ],
        at_a_time=50,
    ),
    Service(
        DEFAULT,
        [PlaybookRun, ScheduledRun],
        [
            await_resumption,
            scheduled_run.request_scheduled_run,
            playbook_run.open_run,
            playbook_run.await_sync,
            playbook_run.open_children,
            playbook_run.list_children,
            playbook_run.conclude,
            playbook_run.fail_run,
            stop_run,
        ],
        at_a_time=50,
    ),
)
