"""The playbook over a believable account: what the rules decide, and what the run leaves behind."""

from collections import Counter

import pytest

from backend.core.ids import RunId
from backend.runs.service import RunInputs
from tests.conformance.stripe.account import Account
from tests.desk import Desk, OpenDesk

pytestmark = pytest.mark.usefixtures("worker")

_REMINDER, _CREDIT = "stripe.invoice.send_reminder", "stripe.credit_note.create"
_WRITE_OFF, _VOID = "stripe.invoice.mark_uncollectible", "stripe.invoice.void"
_NOTHING = None
# What is right for each planted case; traps must not be acted on as their namesakes are.
_RIGHT: dict[str, set[str | None]] = {
    "duplicate": {_VOID},
    "disputed": {_CREDIT, _NOTHING},  # nothing where it is above the limit
    "uncollectible": {_WRITE_OFF},
    "uncollectible_trap": {_NOTHING},
    "failed": {_REMINDER},
    "slow_payer": {_REMINDER},
    "bad_payer": {_REMINDER},
    "prompt_trap": {_NOTHING},
    "reminded_trap": {_NOTHING},
    "duplicate_original": {_REMINDER, _NOTHING},
    "duplicate_trap": {_REMINDER, _NOTHING},
    "disputed_trap": {_REMINDER, _NOTHING},
}


async def test_run_over_a_believable_account_decides_every_planted_case_rightly(
    opened: OpenDesk, seeded_key: str
) -> None:
    desk = await opened(seeded_key)
    run_id = await desk.start()
    run = await desk.finished(run_id, seconds=120)
    assert run.row.state == "completed", run.row.error
    wanted = {view.row.run_id: view.row.action for view in await desk.proposed(run_id)}
    wrong, seen = [], Counter[str]()
    for child in await desk.children(run_id):
        case = (await desk.invoice(child)).custom_fields["case"]
        seen[case] += 1
        action = wanted.get(child.row.id)
        if action not in _RIGHT[case]:
            wrong.append((case, action, child.row.outcome, child.row.error))
    assert not wrong
    assert set(_RIGHT) - set(seen) == set()
    assert {_REMINDER, _CREDIT, _WRITE_OFF, _VOID} <= set(wanted.values())
    counts = run.counts
    assert run.row.outcome == (
        f"{counts.candidates} invoices looked at: {len(wanted)} proposals, "
        f"{counts.nothing_to_do} with nothing to do, 0 failed"
    )


async def test_run_when_nothing_is_overdue_ends_at_once(desk: Desk) -> None:
    run = await desk.finished(await desk.start())
    assert run.row.outcome == "0 invoices looked at: 0 proposals, 0 with nothing to do, 0 failed"


async def test_run_when_limited_looks_at_the_longest_overdue_first(
    desk: Desk, account: Account
) -> None:
    old = account.overdue_invoice(days=90)
    account.overdue_invoice(days=20)
    run_id = await desk.start(RunInputs(max_invoices=1))
    await desk.finished(run_id)
    [view] = await desk.proposed(run_id)
    assert view.row.target_source_id == old["id"]


async def test_second_run_when_a_proposal_is_open_makes_no_second_one(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    await desk.one_proposal()
    run_id = await desk.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    assert child.row.outcome is not None
    assert child.row.outcome.startswith("Nothing to do: another proposal on invoice ")


async def test_two_runs_at_once_share_one_sync_and_propose_once(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    first, second = await desk.start(), await desk.start()
    for run_id in (first, second):
        assert (await desk.finished(run_id)).row.state == "completed"
    made = [*await desk.proposed(first), *await desk.proposed(second)]
    assert len(made) == 1


async def test_trace_when_a_run_has_proposed_shows_every_step_with_model_and_tools(
    desk: Desk, account: Account
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    steps = await desk.steps(RunId(view.row.run_id))
    kinds = [step.kind for step in steps]
    assert Counter(kinds) == {
        "read": 1,
        "model": 2,
        "tool": 4,
        "plan": 1,
        "draft": 1,
        "verify": 1,
        "propose": 1,
    }
    tools = {step.name for step in steps if step.kind == "tool"}
    assert tools == {"invoice", "customer", "payment_history", "similar_invoices"}
    assert all(step.finished_at is not None for step in steps)


async def test_run_when_the_outside_system_refuses_the_credentials_fails_and_says_why(
    opened: OpenDesk,
) -> None:
    desk = await opened("sk_test_nobody_knows_me")
    run = await desk.finished(await desk.start())
    assert run.row.state == "failed"
    assert run.row.error is not None
    assert "Stripe" in run.row.error
