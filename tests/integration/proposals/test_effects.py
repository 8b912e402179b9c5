"""After the approval: checked again, claimed once, sent once, and nothing in doubt is called done."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from backend.core.errors import UpstreamError
from backend.core.ids import ProposalId
from backend.proposals import effects
from backend.proposals.decisions import DecisionInput, DecisionKind, decide
from backend.proposals.models import ProposalTable
from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView
from tenancy.models.organization import Membership, TeamMember
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer


async def approved(proposer: Proposer, amount: int = 5_000) -> ProposalView:
    """A credit note that the team lead has approved."""
    view = await proposer.credit(amount)
    lead = await proposer.office.principal("lead")
    given = DecisionInput(DecisionKind.APPROVE, view.row.digest)
    decided = await decide(
        proposer.office.database, proposer.connectors, lead, ProposalId(view.row.id), given
    )
    return decided.view


async def claim(proposer: Proposer, view: ProposalView) -> effects.Stands:
    office = proposer.office
    return await effects.claim(
        office.database, proposer.connectors, office.context, ProposalId(view.row.id)
    )


async def carry_out(proposer: Proposer, view: ProposalView) -> ExecutionState:
    office = proposer.office
    return await effects.carry_out(
        office.database, proposer.connectors, office.context, ProposalId(view.row.id)
    )


def carried_out(proposer: Proposer, view: ProposalView) -> int:
    assert view.effect is not None
    return proposer.account.carried_out(str(view.effect.id))


async def test_effect_when_carried_out_twice_then_stripe_has_executed_one(
    proposer: Proposer,
) -> None:
    view = await approved(proposer)
    stands = [await claim(proposer, view), await claim(proposer, view)]
    assert {s.execution for s in stands} == {ExecutionState.EXECUTING}
    assert [await carry_out(proposer, view), await carry_out(proposer, view)] == ["executed"] * 2
    after = await proposer.view(ProposalId(view.row.id))
    assert carried_out(proposer, after) == 1
    notes = proposer.account.credit_notes(view.row.target_source_id)
    assert [note["amount"] for note in notes] == [5_000]


async def test_effect_when_ten_workers_carry_it_out_at_once_then_stripe_has_executed_one(
    proposer: Proposer,
) -> None:
    view = await approved(proposer)
    await asyncio.gather(*(claim(proposer, view) for _ in range(5)))
    ends = await asyncio.gather(
        *(carry_out(proposer, view) for _ in range(10)), return_exceptions=True
    )
    assert all(end == "executed" or isinstance(end, UpstreamError) for end in ends)
    assert await carry_out(proposer, view) == "executed"
    assert carried_out(proposer, await proposer.view(ProposalId(view.row.id))) == 1


@pytest.mark.parametrize("fault", ["lost", "500-after"])
async def test_effect_when_the_reply_is_lost_then_read_back_and_not_sent_again(
    proposer: Proposer, fault: str
) -> None:
    view = await approved(proposer)
    await claim(proposer, view)
    proposer.account.misfortune(fault, "POST", "credit_notes")
    with pytest.raises(UpstreamError):
        await carry_out(proposer, view)
    assert await carry_out(proposer, view) == "executed"
    assert carried_out(proposer, await proposer.view(ProposalId(view.row.id))) == 1


async def test_effect_when_stripe_refuses_for_good_then_failed_with_its_words(
    proposer: Proposer,
) -> None:
    view = await approved(proposer)
    await claim(proposer, view)
    source = view.row.target_source_id
    proposer.account.api.post(f"invoices/{source}/void", {})
    assert await carry_out(proposer, view) == "failed"
    after = await proposer.view(ProposalId(view.row.id))
    assert after.effect is not None
    assert after.effect.error
    assert carried_out(proposer, after) == 0


async def test_claim_when_the_record_changed_then_stale_and_no_intent(proposer: Proposer) -> None:
    view = await approved(proposer)
    form = {"invoice": view.row.target_source_id, "amount": "100", "reason": "order_change"}
    proposer.account.api.post("credit_notes", form)
    stands = await claim(proposer, view)
    assert (stands.decision, stands.execution) == (DecisionState.STALE, ExecutionState.NONE)
    after = await proposer.view(ProposalId(view.row.id))
    assert after.effect is None
    assert {change["path"] for change in after.row.stale_changes} == {"balance", "credited"}


@pytest.mark.parametrize("loss", ["membership", "team"])
async def test_claim_when_the_signer_has_lost_the_right_then_stale_and_nothing_runs(
    proposer: Proposer, loss: str
) -> None:
    view, office = await approved(proposer), proposer.office
    lead = office.people["lead"]
    async with tenant(office.database, office.context) as session:
        await session.execute(delete(TeamMember).where(TeamMember.user_id == lead))
        if loss == "membership":
            await session.execute(delete(Membership).where(Membership.user_id == lead))
    stands = await claim(proposer, view)
    assert (stands.decision, stands.execution) == (DecisionState.STALE, ExecutionState.NONE)
    after = await proposer.view(ProposalId(view.row.id))
    assert [change["label"] for change in after.row.stale_changes] == ["Signature"]
    assert proposer.account.credit_notes(view.row.target_source_id) == []


async def test_claim_when_the_stored_parameters_were_altered_then_stale_and_nothing_runs(
    proposer: Proposer,
) -> None:
    view, office = await approved(proposer), proposer.office
    altered = {**view.row.parameters, "amount": 11_999}
    async with tenant(office.database, office.context) as session:
        await session.execute(
            update(ProposalTable).where(ProposalTable.id == view.row.id).values(parameters=altered)
        )
    stands = await claim(proposer, view)
    assert stands.decision == DecisionState.STALE
    after = await proposer.view(ProposalId(view.row.id))
    assert [change["path"] for change in after.row.stale_changes] == ["digest"]
    assert proposer.account.credit_notes(view.row.target_source_id) == []


async def test_sight_when_lost_then_unknown_and_a_later_attempt_sends_nothing(
    proposer: Proposer,
) -> None:
    view, office = await approved(proposer), proposer.office
    await claim(proposer, view)
    proposal_id = ProposalId(view.row.id)
    end = await effects.lose_sight(office.database, office.context, proposal_id, "no answer")
    assert end == "unknown"
    assert await carry_out(proposer, view) == "unknown"
    assert proposer.account.credit_notes(view.row.target_source_id) == []


async def test_claim_when_the_customer_has_promised_to_pay_since_then_no_reminder_goes_out(
    proposer: Proposer,
) -> None:
    office, view = proposer.office, await proposer.propose()
    lead = await office.principal("lead")
    given = DecisionInput(DecisionKind.APPROVE, view.row.digest)
    await decide(office.database, proposer.connectors, lead, ProposalId(view.row.id), given)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    path = f"invoices/{view.row.target_source_id}"
    proposer.account.api.post(path, {"metadata[promised_date]": tomorrow})
    stands = await claim(proposer, view)
    assert (stands.decision, stands.execution) == ("stale", "none")
    after = await proposer.view(ProposalId(view.row.id))
    [broken] = after.row.stale_changes
    assert "promised to pay" in broken["after"]
