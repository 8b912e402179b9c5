"""From a decision to the effect in the outside system, on the real engine."""

from datetime import timedelta

import pytest

from backend.core.clock import now
from backend.core.ids import ProposalId, RunId
from backend.playbooks.policy import Policy
from backend.playbooks.service import Definition
from backend.proposals.decisions import DecisionInput, DecisionKind, StaleError, decide
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("worker")


def definition_with(**policy: float) -> Definition:
    return quick(policy=Policy(**{"hold_seconds": 0, **policy}))  # type: ignore[arg-type]


async def test_approval_when_alone_changes_the_invoice_once_and_ends_the_run_with_the_sentence(
    desk: Desk, account: Account
) -> None:
    invoice = account.overdue_invoice()
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    assert done.effect.vendor_object_id == invoice["id"]
    run = await desk.finished(RunId(view.row.run_id))
    assert (run.row.state, run.row.outcome) == ("completed", f"Executed: {view.row.sentence}")


async def test_approval_when_nobody_calls_the_engine_is_carried_out_by_the_relay(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    run_id = await desk.start(call=False)
    await desk.finished(run_id)
    [view] = await desk.proposed(run_id)
    await desk.decide(view, DecisionKind.APPROVE, call=False)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1


async def test_credit_note_when_approved_takes_the_contested_amount_off(
    desk: Desk, account: Account
) -> None:
    complaint = {
        "description": "Half of the goods arrived damaged, please credit that part.",
        "metadata[disputed_amount]": "4500",
    }
    invoice = account.overdue_invoice(12_000, params=complaint)
    view = await desk.one_proposal()
    assert view.row.action == "stripe.credit_note.create"
    await desk.decide(view, DecisionKind.APPROVE)
    await desk.executed(view)
    [note] = account.credit_notes(invoice["id"])
    assert note["amount"] == 4500
    assert account.invoice(invoice["id"])["amount_remaining"] == 7500


async def test_rejection_when_given_ends_the_run_with_the_reason_and_changes_nothing(
    desk: Desk, account: Account
) -> None:
    invoice = account.overdue_invoice()
    before = account.invoice(invoice["id"])
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.REJECT, reason="they paid in cash")
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == "Rejected by Ben: they paid in cash"
    assert account.invoice(invoice["id"]) == before


async def test_approval_when_the_invoice_changed_behind_our_back_runs_nothing_and_ends_the_run(
    desk: Desk, account: Account
) -> None:
    invoice = account.overdue_invoice()
    view = await desk.one_proposal()
    account.api.post(f"invoices/{invoice['id']}/pay", {"paid_out_of_band": "true"})
    with pytest.raises(StaleError):
        await desk.decide(view, DecisionKind.APPROVE)
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome is not None
    assert run.row.outcome.startswith("Stale: the record changed outside (")
    assert (await desk.proposal(view)).effect is None


async def test_invoice_changed_during_the_hold_is_found_stale_before_dispatch(
    opened: OpenDesk, account: Account
) -> None:
    held = definition_with(hold_seconds=2)
    desk = await opened(definition=held)
    invoice = account.overdue_invoice()
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    account.api.post(f"invoices/{invoice['id']}/pay", {"paid_out_of_band": "true"})
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome is not None
    assert run.row.outcome.startswith("Stale: the record changed outside (")
    after = await desk.proposal(view)
    assert (after.row.decision, after.row.execution, after.effect) == ("stale", "none", None)


async def test_hold_when_nothing_changes_delays_the_effect_and_then_carries_it_out(
    opened: OpenDesk, account: Account
) -> None:
    desk = await opened(definition=definition_with(hold_seconds=1))
    account.overdue_invoice()
    view = await desk.one_proposal()
    decided = await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert (done.effect.created_at - decided.at).total_seconds() >= 1


async def test_silence_when_the_time_is_over_expires_and_never_approves(
    opened: OpenDesk, account: Account
) -> None:
    desk = await opened(definition=definition_with(due_seconds=0))
    account.overdue_invoice()
    view = await desk.one_proposal()
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == "Expired: nobody decided in time, nothing was run"
    assert (await desk.proposal(view)).effect is None


async def test_wake_up_when_nothing_is_new_leaves_the_run_waiting(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    for _ in range(3):
        await desk.workflows.wake(desk.org_id, RunId(view.row.run_id))
    await desk.decide(view, DecisionKind.APPROVE)
    await desk.executed(view)


@pytest.mark.parametrize("fault", ["429", "lost", "lost-before"])
async def test_effect_when_the_first_call_fails_is_tried_again_and_happens_once(
    desk: Desk, account: Account, fault: str
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    account.misfortune(fault, "POST", "/send")
    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1


async def test_approval_when_taken_back_leaves_the_run_waiting_and_a_second_one_runs_once(
    opened: OpenDesk, account: Account
) -> None:
    desk = await opened(definition=definition_with(hold_seconds=3))
    account.overdue_invoice()
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    await desk.decide(view, DecisionKind.TAKE_BACK)
    waiting = await desk.run(RunId(view.row.run_id))
    assert waiting.row.state == "waiting"
    again = await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert (done.effect.created_at - again.at).total_seconds() >= 3
    assert account.carried_out(str(done.effect.id)) == 1
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == f"Executed: {view.row.sentence}"


async def test_approval_when_taken_back_for_good_never_runs(
    opened: OpenDesk, account: Account
) -> None:
    desk = await opened(definition=definition_with(hold_seconds=1))
    invoice = account.overdue_invoice()
    before = account.invoice(invoice["id"])
    view = await desk.one_proposal()
    held_until = (await desk.decide(view, DecisionKind.APPROVE)).view.row.dispatch_after
    assert held_until is not None
    await desk.decide(view, DecisionKind.TAKE_BACK)

    async def long_over() -> bool:
        return now() > held_until + timedelta(seconds=1)

    await eventually(long_over, "the end of the hold")
    assert (await desk.proposal(view)).row.decision == "pending"
    await desk.decide(view, DecisionKind.REJECT, reason="they paid in cash")
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == "Rejected by Ben: they paid in cash"
    assert account.invoice(invoice["id"]) == before


async def test_withdrawal_when_given_ends_the_run_with_the_reason_and_changes_nothing(
    desk: Desk, account: Account
) -> None:
    invoice = account.overdue_invoice()
    before = account.invoice(invoice["id"])
    view = await desk.one_proposal()
    given = DecisionInput(DecisionKind.WITHDRAW, view.row.digest, "they pay on Friday")
    withdrawn = await decide(
        desk.database, desk.connectors, desk.analyst, ProposalId(view.row.id), given
    )
    await desk.workflows.wake(desk.org_id, withdrawn.run_id)
    run = await desk.finished(RunId(view.row.run_id))
    assert (run.row.state, run.row.outcome) == (
        "completed",
        "Withdrawn by Ada: they pay on Friday",
    )
    assert account.invoice(invoice["id"]) == before
