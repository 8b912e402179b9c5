"""A run that is ended before its time: what waits is withdrawn, what is approved is not torn off."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import ProposalId, RunId
from backend.proposals import ending
from backend.proposals.decisions import DecisionInput, DecisionKind, decide
from backend.proposals.ending import EffectUnderWayError, EndInput, cannot_end, end_run
from backend.proposals.views import ProposalView
from backend.runs import repository as runs
from backend.runs.closing import Way
from backend.runs.models import RunRow
from backend.runs.repository import RunNotFoundError, RunView, StepView
from backend.runs.service import RunEndedError, RunState, begin, set_state
from tenancy.models.change import AuditEvent, Event, Outbox
from tenancy.session import system, tenant
from tests.fixtures.proposals import Proposer

WRONG = EndInput(Way.CANCEL, "The wrong playbook")


async def end(
    proposer: Proposer, run_id: object, given: EndInput = WRONG, *, by: str = "lead"
) -> None:
    principal = await proposer.office.principal(by)
    async with tenant(proposer.office.database, principal.tenant) as session:
        await end_run(session, principal, RunId(run_id), given)  # type: ignore[arg-type]


async def stop(proposer: Proposer, run_id: object) -> ProposalId | None:
    """What the engine's own cancellation writes."""
    async with tenant(proposer.office.database, proposer.office.context) as session:
        return await ending.end_stopped(session, RunId(run_id))  # type: ignore[arg-type]


async def run(proposer: Proposer, run_id: object) -> RunView:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        return (await runs.by_ids(session, [run_id]))[run_id]  # type: ignore[list-item,index]


async def steps(proposer: Proposer, run_id: object) -> list[StepView]:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        return await runs.steps_of(session, RunId(run_id))  # type: ignore[arg-type]


async def approve(proposer: Proposer, view: ProposalView) -> None:
    office, lead = proposer.office, await proposer.office.principal("lead")
    given = DecisionInput(DecisionKind.APPROVE, view.row.digest)
    await decide(office.database, proposer.connectors, lead, ProposalId(view.row.id), given)


async def wakes(proposer: Proposer) -> Sequence[tuple[str, object]]:
    """What the workflow engine is asked to end."""
    async with system(proposer.office.database) as session:
        rows = await session.scalars(
            select(Outbox).where(
                Outbox.org_id == proposer.office.org_id,
                Outbox.kind.in_(("cancel_run", "terminate_run")),
            )
        )
        return [(row.kind, row.subject_id) for row in rows]


@pytest.mark.parametrize("way", Way)
async def test_run_when_ended_then_its_children_end_and_their_proposals_are_withdrawn(
    proposer: Proposer, way: Way
) -> None:
    parent = await proposer.run()
    made = [await proposer.propose(run_id=parent) for _ in range(2)]
    await end(proposer, parent, EndInput(way, "The wrong playbook"))
    why = f"{way.done.capitalize()} by lead One: The wrong playbook"
    children = [view.row.run_id for view in made]
    for run_id in (parent, *children):
        row = (await run(proposer, run_id)).row
        assert (row.state, row.outcome) == ("cancelled", why)
        assert row.finished_at is not None
    for view in made:
        after = await proposer.view(ProposalId(view.row.id))
        assert (after.row.decision, after.row.execution) == ("withdrawn", "none")
        kinds = {step.kind: step for step in await steps(proposer, view.row.run_id)}
        assert kinds["wait"].started_at == view.row.created_at
        assert kinds["record"].summary == why
    asked = await wakes(proposer)
    assert sorted(asked, key=str) == sorted(
        ((f"{way}_run", run_id) for run_id in (parent, *children)), key=str
    )


async def test_run_when_ended_then_the_audit_names_the_person_and_the_reason_and_listeners_hear(
    proposer: Proposer,
) -> None:
    view = await proposer.propose()
    office, child = proposer.office, await run(proposer, view.row.run_id)
    await end(proposer, child.row.parent_run_id)
    async with tenant(office.database, office.context) as session:
        acts = {
            act.action: act
            for act in await session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        }
        heard = [
            (event.kind, event.subject_id)
            for event in await session.scalars(select(Event).order_by(Event.seq))
        ]
    ended, withdrawn = acts["run.cancelled"], acts["proposal.withdrawn"]
    assert ended.actor_id == withdrawn.actor_id == office.people["lead"]
    assert ended.details == {"reason": "The wrong playbook", "runs": 2, "withdrawn": 1}
    assert withdrawn.details["reason"] == "Cancelled by lead One: The wrong playbook"
    assert ("run.changed", child.row.parent_run_id) in heard
    assert heard.count(("proposal.changed", view.row.id)) == 1


async def test_child_when_ended_alone_then_its_siblings_and_its_parent_go_on(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    gone, stays = [await proposer.propose(run_id=parent) for _ in range(2)]
    await end(proposer, gone.row.run_id)
    assert (await run(proposer, parent)).row.state == "queued"
    assert (await run(proposer, stays.row.run_id)).row.state == "waiting"
    assert (await proposer.view(ProposalId(stays.row.id))).row.decision == "pending"


async def test_run_when_its_own_work_is_done_but_children_wait_then_it_can_still_be_cancelled(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    view = await proposer.propose(run_id=parent)
    async with tenant(proposer.office.database, proposer.office.context) as session:
        await set_state(session, parent, RunState.COMPLETED, outcome="1 invoice looked at")
    await end(proposer, parent)
    assert (await run(proposer, parent)).row.state == "cancelled"
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "withdrawn"
    assert await wakes(proposer) == [("cancel_run", view.row.run_id)]


async def test_run_when_a_child_has_an_approved_change_then_refused_and_nothing_is_changed(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    approved, waits = [await proposer.propose(run_id=parent) for _ in range(2)]
    await approve(proposer, approved)
    for way in Way:
        with pytest.raises(EffectUnderWayError, match="an approved change of this run"):
            await end(proposer, parent, EndInput(way, "Too late"))
    assert (await proposer.view(ProposalId(approved.row.id))).row.execution == "queued"
    assert (await proposer.view(ProposalId(waits.row.id))).row.decision == "pending"
    assert await wakes(proposer) == []


async def test_run_when_it_has_ended_then_a_second_end_is_refused(proposer: Proposer) -> None:
    parent = await proposer.run()
    await end(proposer, parent)
    with pytest.raises(RunEndedError):
        await end(proposer, parent)


async def test_run_when_ended_then_nothing_more_begins_or_is_proposed_in_its_name(
    proposer: Proposer,
) -> None:
    parent, office = await proposer.run(), proposer.office
    await end(proposer, parent)
    with pytest.raises(RunEndedError):
        await proposer.propose(run_id=parent)
    with pytest.raises(RunEndedError):
        async with tenant(office.database, office.context) as session:
            await begin(session, parent)
    async with tenant(office.database, office.context) as session:
        assert not await set_state(session, parent, RunState.FAILED, error="late")


async def test_decision_and_end_at_once_then_exactly_one_of_them_wins(proposer: Proposer) -> None:
    for _ in range(4):
        view = await proposer.propose()
        results = await asyncio.gather(
            approve(proposer, view), end(proposer, view.row.run_id), return_exceptions=True
        )
        failures = [one for one in results if one is not None]
        assert [isinstance(one, ConflictError) for one in failures] == [True]
        after = await proposer.view(ProposalId(view.row.id))
        state = (await run(proposer, view.row.run_id)).row.state
        assert (after.row.decision, state) in (("approved", "waiting"), ("withdrawn", "cancelled"))


async def test_run_outside_of_the_persons_reach_is_not_found(proposer: Proposer) -> None:
    elsewhere = await proposer.run("outsider")
    with pytest.raises(RunNotFoundError):
        await end(proposer, elsewhere)
    await end(proposer, elsewhere, by="admin")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_end_without_a_sensible_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInputError):
        EndInput(Way.CANCEL, reason)


async def test_hindrance_says_why_a_person_cannot_end_a_run(proposer: Proposer) -> None:
    view, office = await proposer.propose(), proposer.office
    elsewhere = await proposer.run("outsider")

    async def hindrance(who: str, run_id: object) -> str | None:
        found, principal = await run(proposer, run_id), await office.principal(who)
        async with tenant(office.database, principal.tenant) as session:
            error = await cannot_end(session, principal, found.row)
        return error.message if error else None

    assert await hindrance("lead", view.row.run_id) is None
    assert await hindrance("analyst", view.row.run_id) == "this needs the permission runs:update"
    assert await hindrance("lead", elsewhere) == "this needs the permission runs:update at org"
    await approve(proposer, view)
    assert "carried out first" in (await hindrance("lead", view.row.run_id) or "")
    await end(proposer, elsewhere, by="admin")
    assert await hindrance("admin", elsewhere) == "the run has ended"


async def test_run_when_the_engine_cancels_it_then_the_domain_follows_and_spares_what_is_approved(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    approved, waits = [await proposer.propose(run_id=parent) for _ in range(2)]
    await approve(proposer, approved)
    assert await stop(proposer, approved.row.run_id) == approved.row.id
    assert await stop(proposer, parent) is None
    assert (await run(proposer, parent)).row.outcome == "Cancelled in the workflow engine"
    assert (await run(proposer, approved.row.run_id)).row.state == "waiting"
    assert (await proposer.view(ProposalId(waits.row.id))).row.decision == "withdrawn"


async def test_run_when_a_person_has_ended_it_then_the_engines_cancellation_changes_nothing(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    await end(proposer, parent)
    assert await stop(proposer, parent) is None
    assert (await run(proposer, parent)).row.outcome == "Cancelled by lead One: The wrong playbook"


async def test_counts_when_children_were_cancelled_then_they_still_add_up(
    proposer: Proposer,
) -> None:
    parent = await proposer.run()
    view = await proposer.propose(run_id=parent)
    async with tenant(proposer.office.database, proposer.office.context) as session:
        child = RunRow.id == view.row.run_id
        await session.execute(update(RunRow).where(child).values(proposed=False))
    await end(proposer, parent)
    counts = (await run(proposer, parent)).counts
    assert (counts.candidates, counts.cancelled, counts.nothing_to_do) == (1, 1, 0)
