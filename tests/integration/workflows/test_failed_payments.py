"""The playbook *Failed payment follow-up*: every planted decline is answered rightly, a charge carried out once."""

from collections import Counter

import pytest

from backend.core.ids import RunId
from backend.playbooks import failed_payments
from backend.proposals.decisions import DecisionKind
from tests.conformance.stripe.account import Account
from tests.desk import OpenDesk

pytestmark = pytest.mark.usefixtures("worker")

_DEFINITION = failed_payments.definition("rules:default")
_CHARGE, _REMINDER = "stripe.invoice.pay", "stripe.invoice.send_reminder"
_RIGHT = {
    "declined_soft": _CHARGE,
    "declined_hard": _REMINDER,
    "declined_trap": None,
    "failed": _REMINDER,
}
_SHORT = "pm_card_visa_chargeDeclinedInsufficientFunds"


async def test_run_over_a_believable_account_answers_every_decline_rightly(
    opened: OpenDesk, seeded_key: str
) -> None:
    desk = await opened(seeded_key, _DEFINITION)
    run_id = await desk.start()
    run = await desk.finished(run_id, seconds=120)
    assert run.row.state == "completed", run.row.error
    wanted = {view.row.run_id: view.row.action for view in await desk.proposed(run_id)}
    wrong, seen = [], Counter[str]()
    for child in await desk.children(run_id):
        case = (await desk.invoice(child)).custom_fields["case"]
        seen[case] += 1
        if wanted.get(child.row.id) != _RIGHT[case]:
            wrong.append((case, wanted.get(child.row.id), child.row.outcome, child.row.error))
    assert not wrong
    assert set(seen) == set(_RIGHT)
    assert f"{run.counts.candidates} invoices looked at" in (run.row.outcome or "")


async def test_charge_when_approved_then_the_card_is_charged_once(
    opened: OpenDesk, account: Account
) -> None:
    made = account.declined_invoice("pm_card_visa")
    desk = await opened(definition=_DEFINITION)
    view = await desk.one_proposal()
    assert view.row.action == _CHARGE
    attempts = view.row.evidence[-1]
    assert attempts["kind"] == "payment_attempts"
    [[_, said]] = attempts["facts"]
    assert said.replace("\N{NO-BREAK SPACE}", " ") == (
        "EUR 120.00 declined, insufficient funds: Your card has insufficient funds."
    )
    assert "Cannot be undone" in [reason["label"] for reason in view.row.risk_reasons]

    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)

    after = account.invoice(made["id"])
    assert (after["status"], after["amount_remaining"], after["attempt_count"]) == ("paid", 0, 2)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1


async def test_charge_when_the_card_is_declined_again_then_the_run_says_so(
    opened: OpenDesk, account: Account
) -> None:
    made = account.declined_invoice(_SHORT)
    desk = await opened(definition=_DEFINITION)
    view = await desk.one_proposal()

    await desk.decide(view, DecisionKind.APPROVE)
    run = await desk.finished(RunId(view.row.run_id))

    assert run.row.state == "failed"
    assert "insufficient funds" in (run.row.error or "")
    assert account.invoice(made["id"])["status"] == "open"
    assert (await desk.proposal(view)).row.execution == "failed"
