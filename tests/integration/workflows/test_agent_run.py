"""What the run does when the domain answers badly: real engine, activities under the same names that misbehave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from backend.core.ids import OrgId, ProposalId, RunId, new_uuid
from backend.core.settings import Settings
from tests.waiting import eventually
from workflows.agent_run.workflow import AgentRun
from workflows.client import connect
from workflows.contracts import (
    AgentRunInput,
    Ending,
    LostSight,
    Process,
    ProposalRef,
    StandingNote,
    workflow_id,
)
from workflows.runtime.agent_converter import AgentConverter, plugins
from workflows.worker import RUNNER

PENDING = StandingNote("pending", "none", "Waiting")
QUEUED = StandingNote("approved", "queued", "Approved")
EXECUTING = StandingNote("approved", "executing", "Approved")
UNKNOWN = StandingNote("approved", "unknown", "Nobody knows whether it was carried out: it broke")


class Domain:
    """A proposal that stands as the test says; keeps what the run has asked for."""

    def __init__(self, standing: StandingNote) -> None:
        self.standing = standing
        self.asked: list[str] = []
        self.endings: list[Ending] = []
        self.lost: list[LostSight] = []
        self.claim_error: ApplicationError | None = None

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.look, self.claim, self.carry_out, self.lose_sight, self.end_run, self.expire]

    @activity.defn(name="look")
    async def look(self, _proposal: ProposalRef) -> StandingNote:
        self.asked.append("look")
        return self.standing

    @activity.defn(name="expire_proposal")
    async def expire(self, _proposal: ProposalRef) -> StandingNote:
        self.asked.append("expire")
        return self.standing

    @activity.defn(name="claim_effect")
    async def claim(self, _proposal: ProposalRef) -> StandingNote:
        self.asked.append("claim")
        if self.claim_error is not None:
            error, self.claim_error = self.claim_error, None
            raise error
        self.standing = EXECUTING
        return self.standing

    @activity.defn(name="carry_out_effect")
    async def carry_out(self, _proposal: ProposalRef) -> StandingNote:
        self.asked.append("carry_out")
        raise ApplicationError("it broke", type="upstream_rejected", non_retryable=True)

    @activity.defn(name="lose_sight")
    async def lose_sight(self, lost: LostSight) -> StandingNote:
        self.lost.append(lost)
        return UNKNOWN

    @activity.defn(name="end_run")
    async def end_run(self, ending: Ending) -> None:
        self.endings.append(ending)


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings, payload_converter=AgentConverter, plugins=plugins())


@asynccontextmanager
async def run_of(client: Client, domain: Domain) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """A run that has proposed already and looks at this domain."""
    org_id, run_id, queue = OrgId(new_uuid()), RunId(new_uuid()), f"agents-{new_uuid()}"
    given = AgentRunInput(
        org_id, run_id, RunId(new_uuid()), new_uuid(), proposal_id=ProposalId(new_uuid())
    )
    async with Worker(
        client,
        task_queue=queue,
        workflows=[AgentRun],
        activities=domain.activities,
        workflow_runner=RUNNER,
    ):
        name = workflow_id(Process.AGENT_RUN, org_id, run_id)
        yield await client.start_workflow(AgentRun.run, given, id=name, task_queue=queue)


async def test_effect_whose_last_attempt_fails_is_lost_sight_of_and_the_run_says_so(
    client: Client,
) -> None:
    domain = Domain(QUEUED)
    async with run_of(client, domain) as run:
        await run.result()
    assert domain.asked == ["look", "claim", "carry_out"]
    assert [lost.why for lost in domain.lost] == ["it broke"]
    assert [ending.error for ending in domain.endings] == [UNKNOWN.sentence]


async def test_claim_that_comes_too_early_is_repeated(client: Client) -> None:
    domain = Domain(QUEUED)
    domain.claim_error = ApplicationError("held", type="held", non_retryable=True)
    async with run_of(client, domain) as run:
        await run.result()
    assert domain.asked == ["look", "claim", "look", "claim", "carry_out"]


async def test_claim_that_is_refused_for_good_ends_the_run_with_the_reason(client: Client) -> None:
    domain = Domain(QUEUED)
    domain.claim_error = ApplicationError(
        "the stored proposal is not what was approved", type="digest_mismatch", non_retryable=True
    )
    async with run_of(client, domain) as run:
        await run.result()
    assert "carry_out" not in domain.asked
    assert domain.endings[0].error == "the stored proposal is not what was approved"


async def test_wake_up_that_finds_nothing_new_waits_on_and_the_next_one_counts(
    client: Client,
) -> None:
    domain = Domain(PENDING)
    async with run_of(client, domain) as run:

        async def looked(times: int) -> None:
            async def enough() -> bool:
                return len(domain.asked) >= times

            await eventually(enough, f"look number {times}")

        await looked(1)
        await run.signal("wake")
        await looked(2)
        domain.standing = replace(PENDING, decision="rejected", sentence="Rejected by Ben: no")
        await run.signal("wake")
        async with asyncio.timeout(20):
            await run.result()
    assert domain.asked == ["look", "look", "look"]
    assert domain.endings[0].outcome == "Rejected by Ben: no"
