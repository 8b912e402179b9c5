"""Undo: what was executed is taken back by a proposal of its own, with the same gates, exactly once."""

import pytest

from backend.api.presenting.runs import run_detail
from backend.core.errors import ConflictError
from backend.core.ids import ProposalId, RunId
from backend.proposals import repository
from backend.proposals.decisions import DecisionKind
from backend.proposals.policy import UndoFixedError, cannot_edit
from backend.proposals.undoing import request_undo
from backend.proposals.views import ProposalView
from tenancy.context import Principal
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("worker")


async def credited(desk: Desk, account: Account) -> ProposalView:
    """A credit note that was approved and carried out."""
    account.contested_invoice()
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    return await desk.executed(view)


async def ask_undo(desk: Desk, view: ProposalView, by: Principal) -> ProposalView:
    """The proposal that undoes it."""
    async with tenant(desk.database, by.tenant) as session:
        run_id = await request_undo(
            session, desk.connectors, by, ProposalId(view.row.id), "The goods were fine"
        )
    await desk.workflows.start_undo_run(desk.org_id, run_id)

    async def look() -> ProposalView | None:
        async with tenant(desk.database, desk.context) as session:
            made = await repository.of_run(session, run_id)
        return made[0] if made else None

    return await eventually(look, "the proposal of the undo")


async def test_undo_when_somebody_else_approves_it_voids_the_credit_note_once(
    desk: Desk, account: Account
) -> None:
    done = await credited(desk, account)
    undo = await ask_undo(desk, done, desk.analyst)
    assert undo.row.action == "stripe.credit_note.void"
    assert undo.row.undoes_id == done.row.id
    assert undo.row.required_signatures == 1
    assert isinstance(cannot_edit(desk.lead, undo), UndoFixedError)
    await desk.decide(undo, DecisionKind.APPROVE)
    undone = await desk.executed(undo)
    [note] = account.credit_notes(done.row.target_source_id)
    assert note["status"] == "void"
    assert undone.effect is not None
    assert account.carried_out(str(undone.effect.id)) == 1
    original = await desk.proposal(done)
    assert (original.row.decision, original.row.execution) == ("approved", "undone")
    run = await desk.finished(RunId(undo.row.run_id))
    assert run.row.outcome == f"Executed: {undo.row.sentence}"
    shown = run_detail(run, steps=(), proposals=[], children=(), cannot_cancel=None)
    assert shown.workflow_id == f"agent_run/{desk.org_id}/{run.row.id}"


async def test_undo_when_rejected_leaves_what_was_executed(desk: Desk, account: Account) -> None:
    done = await credited(desk, account)
    undo = await ask_undo(desk, done, desk.analyst)
    await desk.decide(undo, DecisionKind.REJECT, reason="The goods were not fine")
    await desk.finished(RunId(undo.row.run_id))
    assert (await desk.proposal(done)).row.execution == "executed"
    [note] = account.credit_notes(done.row.target_source_id)
    assert note["status"] == "issued"


async def test_undo_asked_twice_or_of_what_has_no_inverse_is_refused(
    desk: Desk, account: Account
) -> None:
    done = await credited(desk, account)
    await ask_undo(desk, done, desk.analyst)
    async with tenant(desk.database, desk.analyst.tenant) as session:
        with pytest.raises(ConflictError, match="proposed already"):
            await request_undo(
                session, desk.connectors, desk.analyst, ProposalId(done.row.id), "Again"
            )


async def test_undo_of_a_mail_is_refused_with_the_reason(desk: Desk, account: Account) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    async with tenant(desk.database, desk.analyst.tenant) as session:
        with pytest.raises(ConflictError, match="mail"):
            await request_undo(
                session, desk.connectors, desk.analyst, ProposalId(done.row.id), "Wrong one"
            )
