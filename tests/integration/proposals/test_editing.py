"""Another revision by a person: verified at once, sealed anew, unsigned; its author signs it only where it is less."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.errors import ConflictError, InvalidInputError, PermissionDeniedError
from backend.core.ids import ProposalId
from backend.playbooks.policy import ApprovalRule, Policy
from backend.proposals import effects
from backend.proposals.decisions import DecisionInput, DecisionKind, StaleError, decide
from backend.proposals.editing import Edited, EditInput, edit
from backend.proposals.models import RevisionTable
from backend.proposals.views import ProposalView
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer

TERMS = {"reason": "product_unsatisfactory", "memo": "Scratched boards"}


async def revise(
    proposer: Proposer,
    view: ProposalView,
    amount: int,
    who: str = "lead",
    *,
    dry_run: bool = False,
) -> Edited:
    office = proposer.office
    parameters: Mapping[str, Any] = {**TERMS, "amount": amount}
    given = EditInput(view.row.digest, parameters, "Less was damaged", dry_run)
    principal = await office.principal(who)
    return await edit(
        office.database, proposer.connectors, principal, ProposalId(view.row.id), given
    )


async def approve(proposer: Proposer, view: ProposalView, who: str = "lead") -> ProposalView:
    given = DecisionInput(DecisionKind.APPROVE, view.row.digest)
    principal = await proposer.office.principal(who)
    decided = await decide(
        proposer.office.database, proposer.connectors, principal, ProposalId(view.row.id), given
    )
    return decided.view


async def test_edit_when_it_passes_makes_a_revision_of_its_own_and_the_effect_runs_it(
    proposer: Proposer,
) -> None:
    view = await proposer.credit(5_000)
    edited = await revise(proposer, view, 2_500)
    assert edited.view is not None
    row = edited.view.row
    assert (row.revision, row.amount_minor, row.parameters["amount"]) == (2, 2_500, 2_500)
    assert row.digest != view.row.digest
    assert "25.00" in row.sentence
    await approve(proposer, edited.view)
    where = (proposer.office.database, proposer.connectors, proposer.office.context)
    await effects.claim(*where, ProposalId(row.id))
    await effects.carry_out(*where, ProposalId(row.id))
    [note] = proposer.account.credit_notes(row.target_source_id)
    assert note["amount"] == 2_500


async def test_edit_when_the_first_was_signed_counts_no_signature_any_more(
    proposer: Proposer,
) -> None:
    two_above = ApprovalRule(above_minor=4_000, signatures=2)
    proposer = await proposer.under(Policy(rules=(two_above, ApprovalRule()), hold_seconds=0))
    view = await proposer.credit(5_000)
    await approve(proposer, view, "lead")
    signed = await proposer.view(ProposalId(view.row.id))
    assert (signed.signed, signed.row.decision) == (1, "pending")
    edited = await revise(proposer, view, 3_000, "admin")
    assert edited.view is not None
    assert (edited.view.signed, edited.view.row.required_signatures) == (0, 1)
    with pytest.raises(ConflictError, match="another content"):
        await approve(proposer, view, "admin")


@pytest.mark.parametrize(
    ("amounts", "allowed"),
    [
        ((4_000,), True),
        ((6_000,), False),
        ((9_000, 8_000), False),
        ((9_000, 4_000), True),
    ],
)
async def test_author_when_signing_the_own_edit_then_only_what_is_less_than_others_wrote(
    proposer: Proposer, amounts: tuple[int, ...], *, allowed: bool
) -> None:
    view = await proposer.credit(5_000)
    for amount in amounts:
        edited = await revise(proposer, view, amount)
        assert edited.view is not None
        view = edited.view
    if allowed:
        assert (await approve(proposer, view)).row.decision == "approved"
    else:
        with pytest.raises(PermissionDeniedError, match="does not lower the amount"):
            await approve(proposer, view)
        assert (await approve(proposer, view, "admin")).row.decision == "approved"


async def test_edit_when_the_ladder_refuses_it_says_why_and_writes_nothing(
    proposer: Proposer,
) -> None:
    view = await proposer.credit(5_000)
    refused = await revise(proposer, view, 99_999)
    assert refused.view is None
    messages = [message for one in refused.judged.verdicts for message in one.messages]
    assert any("is left to pay" in message for message in messages)
    after = await proposer.view(ProposalId(view.row.id))
    assert (after.row.revision, after.row.digest) == (1, view.row.digest)


async def test_edit_when_it_is_a_dry_run_shows_what_would_be_and_writes_nothing(
    proposer: Proposer,
) -> None:
    view = await proposer.credit(5_000)
    shown = await revise(proposer, view, 2_500, dry_run=True)
    assert shown.judged.content is not None
    assert "25.00" in shown.judged.content.sentence
    assert (await proposer.view(ProposalId(view.row.id))).row.revision == 1


async def test_edit_when_the_record_changed_outside_finds_the_proposal_stale(
    proposer: Proposer,
) -> None:
    view = await proposer.credit(5_000)
    path = f"invoices/{view.row.target_source_id}/pay"
    proposer.account.api.post(path, {"paid_out_of_band": "true"})
    with pytest.raises(StaleError):
        await revise(proposer, view, 2_500)
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "stale"


async def test_edit_by_the_requester_is_written_and_still_needs_somebody_else(
    proposer: Proposer,
) -> None:
    view = await proposer.credit(5_000)
    edited = await revise(proposer, view, 2_500, "analyst")
    assert edited.view is not None
    with pytest.raises(PermissionDeniedError):
        await approve(proposer, edited.view, "analyst")
    assert (await approve(proposer, edited.view, "lead")).row.decision == "approved"


async def test_edit_by_an_outsider_or_a_viewer_is_refused(proposer: Proposer) -> None:
    view = await proposer.credit(5_000)
    with pytest.raises(PermissionDeniedError):
        await revise(proposer, view, 2_500, "viewer")
    assert (await proposer.view(ProposalId(view.row.id))).row.revision == 1


@pytest.mark.parametrize("amount", [5_000])
async def test_edit_that_changes_nothing_or_has_no_reason_is_refused(
    proposer: Proposer, amount: int
) -> None:
    view = await proposer.credit(5_000)
    with pytest.raises(InvalidInputError, match="changes nothing"):
        await revise(proposer, view, amount)
    with pytest.raises(InvalidInputError, match="reason"):
        EditInput(view.row.digest, TERMS, "  ")


async def test_edit_keeps_every_revision_and_is_audited(proposer: Proposer) -> None:
    office = proposer.office
    view = await proposer.credit(5_000)
    await revise(proposer, view, 2_500)
    async with tenant(office.database, office.context) as session:
        kept = list(
            await session.scalars(
                select(RevisionTable)
                .where(RevisionTable.proposal_id == view.row.id)
                .order_by(RevisionTable.revision)
            )
        )
        audited = await session.scalar(
            select(AuditEvent).where(
                AuditEvent.subject_id == view.row.id, AuditEvent.action == "proposal.edited"
            )
        )
    assert [(one.revision, one.amount_minor, one.author_id) for one in kept] == [
        (1, 5_000, None),
        (2, 2_500, office.people["lead"]),
    ]
    assert audited is not None
    assert audited.details["digest"] == kept[1].digest
