"""Taken back until the effect is claimed, withdrawn while nobody has decided; what is void never counts again."""

import asyncio

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from backend.core.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    PermissionDeniedError,
)
from backend.core.ids import ProposalId, new_uuid
from backend.proposals import effects
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind, decide
from backend.proposals.models import DecisionTable, EffectTable, ProposalTable
from backend.proposals.views import ProposalView
from tenancy.changes import EventKind
from tenancy.models.change import AuditEvent, Event, Outbox
from tenancy.session import system, tenant
from tests.fixtures.proposals import Proposer

RACES = 50


async def act(
    proposer: Proposer,
    view: ProposalView,
    kind: DecisionKind,
    who: str = "lead",
    *,
    reason: str | None = None,
) -> Decided:
    office = proposer.office
    principal = await office.principal(who)
    given = DecisionInput(kind, view.row.digest, reason)
    return await decide(
        office.database, proposer.connectors, principal, ProposalId(view.row.id), given
    )


async def claim(proposer: Proposer, view: ProposalView) -> effects.Stands:
    office = proposer.office
    return await effects.claim(
        office.database, proposer.connectors, office.context, ProposalId(view.row.id)
    )


async def put(proposer: Proposer, view: ProposalView, *steps: tuple[str, str]) -> None:
    """Bring a proposal into a state along transitions that exist."""
    async with tenant(proposer.office.database, proposer.office.context) as session:
        for decision, execution in steps:
            await session.execute(
                update(ProposalTable)
                .where(ProposalTable.id == view.row.id)
                .values(decision=decision, execution=execution)
            )


async def test_approval_when_taken_back_then_pending_and_its_signature_counts_no_more(
    proposer: Proposer,
) -> None:
    view = await proposer.credit()
    await act(proposer, view, DecisionKind.APPROVE)
    taken = await act(proposer, view, DecisionKind.TAKE_BACK)
    assert taken.wake
    after = await proposer.view(ProposalId(view.row.id))
    assert (after.row.decision, after.row.execution) == ("pending", "none")
    assert (after.signatures, after.row.dispatch_after) == ((), None)
    assert after.row.digest == view.row.digest
    stands = await claim(proposer, view)
    assert (stands.decision, stands.execution) == ("pending", "none")
    assert proposer.account.credit_notes(view.row.target_source_id) == []


async def test_approval_when_taken_back_is_audited_told_and_wakes_the_run(
    proposer: Proposer,
) -> None:
    office = proposer.office
    view = await proposer.credit()
    await act(proposer, view, DecisionKind.APPROVE)
    before = await wakes(proposer, view)
    await act(proposer, view, DecisionKind.TAKE_BACK, reason="The wrong customer")
    async with tenant(office.database, office.context) as session:
        kept = (
            await session.scalars(
                select(AuditEvent).where(AuditEvent.action == "proposal.taken_back")
            )
        ).one()
        told = await session.scalar(
            select(Event.subject_id)
            .where(Event.kind == EventKind.PROPOSAL_CHANGED)
            .order_by(Event.seq.desc())
            .limit(1)
        )
    assert (kept.subject_id, kept.actor_id) == (view.row.id, office.people["lead"])
    assert kept.details["reason"] == "The wrong customer"
    assert told == view.row.id
    assert await wakes(proposer, view) == before + 1


async def wakes(proposer: Proposer, view: ProposalView) -> int:
    async with system(proposer.office.database) as session:
        query = select(func.count()).select_from(Outbox)
        return await session.scalar(query.where(Outbox.subject_id == view.row.run_id)) or 0


async def test_approval_when_taken_back_and_given_again_then_runs_once(proposer: Proposer) -> None:
    view = await proposer.credit()
    for _ in range(2):
        await act(proposer, view, DecisionKind.APPROVE)
        await act(proposer, view, DecisionKind.TAKE_BACK)
    await act(proposer, view, DecisionKind.APPROVE)
    assert (await claim(proposer, view)).execution == "executing"
    office = proposer.office
    await effects.carry_out(
        office.database, proposer.connectors, office.context, ProposalId(view.row.id)
    )
    notes = proposer.account.credit_notes(view.row.target_source_id)
    assert [note["amount"] for note in notes] == [5_000]


async def test_quorum_when_taken_back_then_both_sign_again(proposer: Proposer) -> None:
    view = await proposer.propose(amount=600_000)
    await act(proposer, view, DecisionKind.APPROVE, "lead")
    await act(proposer, view, DecisionKind.APPROVE, "admin")
    await act(proposer, view, DecisionKind.TAKE_BACK, "lead")
    again = await act(proposer, view, DecisionKind.APPROVE, "admin")
    assert again.view.row.decision == "pending"
    assert [signature.name for signature in again.view.signatures] == ["admin One"]
    last = await act(proposer, view, DecisionKind.APPROVE, "lead")
    assert (last.view.row.decision, last.view.row.execution) == ("approved", "queued")


async def test_take_back_when_the_claim_comes_at_the_same_moment_then_exactly_one_wins(
    proposer: Proposer,
) -> None:
    view = await proposer.credit()
    won = {"taken back": 0, "claimed": 0}
    for race in range(RACES):
        await act(proposer, view, DecisionKind.APPROVE)
        claiming = asyncio.create_task(claim(proposer, view))
        await head_start(proposer, race % 25)
        taking = asyncio.create_task(act(proposer, view, DecisionKind.TAKE_BACK))
        ends = await asyncio.gather(claiming, taking, return_exceptions=True)
        taken = next((end for end in ends if isinstance(end, Decided)), None)
        [stands] = [end for end in ends if isinstance(end, effects.Stands)]
        claimed = await has_effect(proposer, view)
        assert claimed is (taken is None)
        if claimed:
            assert stands.execution == "executing"
            [refused] = [end for end in ends if isinstance(end, AppError)]
            assert (refused.code, refused.status) == ("already_claimed", 409)
            view = await proposer.credit()
        else:
            after = await proposer.view(ProposalId(view.row.id))
            assert (after.row.decision, after.row.execution) == ("pending", "none")
        won["claimed" if claimed else "taken back"] += 1
    assert all(won.values()), won
    assert proposer.account.credit_notes(view.row.target_source_id) == []


async def head_start(proposer: Proposer, round_trips: int) -> None:
    """Lets the other one come this far, from not at all to the end, so that every overlap is met."""
    async with system(proposer.office.database) as session:
        for _ in range(round_trips):
            await session.execute(select(1))


async def has_effect(proposer: Proposer, view: ProposalView) -> bool:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        query = select(EffectTable.id).where(EffectTable.proposal_id == view.row.id)
        return await session.scalar(query) is not None


QUEUED = ("approved", "queued")
EXECUTING = ("approved", "executing")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((), "not_approved"),
        ((("rejected", "none"),), "already_decided"),
        ((("expired", "none"),), "already_decided"),
        ((("withdrawn", "none"),), "already_decided"),
        ((("stale", "none"),), "already_decided"),
        ((QUEUED, EXECUTING), "already_claimed"),
        ((QUEUED, EXECUTING, ("approved", "executed")), "already_claimed"),
        ((QUEUED, EXECUTING, ("approved", "failed")), "already_claimed"),
        ((QUEUED, EXECUTING, ("approved", "unknown")), "already_claimed"),
    ],
)
async def test_take_back_when_there_is_nothing_to_take_back_then_refused(
    proposer: Proposer, steps: tuple[tuple[str, str], ...], code: str
) -> None:
    view = await proposer.propose()
    await put(proposer, view, *steps)
    with pytest.raises(ConflictError) as refused:
        await act(proposer, view, DecisionKind.TAKE_BACK)
    assert (refused.value.code, refused.value.status) == (code, 409)
    standing = steps[-1] if steps else ("pending", "none")
    after = await proposer.view(ProposalId(view.row.id))
    assert (after.row.decision, after.row.execution) == standing


@pytest.mark.parametrize(("who", "code"), [("analyst", "own_request"), ("admin", None)])
async def test_take_back_when_one_has_not_signed_then_refused(
    proposer: Proposer, who: str, code: str | None
) -> None:
    view = await proposer.propose(by="analyst")
    await act(proposer, view, DecisionKind.APPROVE, "lead")
    with pytest.raises(PermissionDeniedError) as refused:
        await act(proposer, view, DecisionKind.TAKE_BACK, who)
    assert refused.value.code == (code or "permission_denied")
    assert (await proposer.view(ProposalId(view.row.id))).row.execution == "queued"


async def test_database_when_one_person_signs_twice_in_a_round_then_refuses(
    proposer: Proposer,
) -> None:
    view, office = await proposer.propose(amount=600_000), proposer.office
    given = {
        "org_id": office.org_id,
        "proposal_id": view.row.id,
        "revision": view.row.revision,
        "digest": view.row.digest,
        "user_id": office.people["lead"],
        "channel": "rest",
        "live_check": "unchanged",
    }
    for kind in ("take_back", "take_back", "approve"):
        async with tenant(office.database, office.context) as session:
            session.add(DecisionTable(id=new_uuid(), kind=kind, **given))
    for kind in ("approve", "reject"):
        with pytest.raises(IntegrityError, match="uq_decision_signature"):
            async with tenant(office.database, office.context) as session:
                session.add(DecisionTable(id=new_uuid(), kind=kind, **given))


@pytest.mark.parametrize("who", ["analyst", "admin"])
async def test_withdrawal_when_by_the_requester_or_an_admin_then_ends_it(
    proposer: Proposer, who: str
) -> None:
    view = await proposer.propose(by="analyst")
    withdrawn = await act(proposer, view, DecisionKind.WITHDRAW, who, reason="Paid by cheque")
    assert withdrawn.wake
    after = await proposer.view(ProposalId(view.row.id))
    assert (after.row.decision, after.row.execution) == ("withdrawn", "none")
    assert after.withdrawal is not None
    assert (after.withdrawal.name, after.withdrawal.reason) == (f"{who} One", "Paid by cheque")
    with pytest.raises(ConflictError, match=f"{who} One withdrew this"):
        await act(proposer, view, DecisionKind.APPROVE, "lead")


async def test_withdrawal_when_one_has_signed_then_still_possible(proposer: Proposer) -> None:
    view = await proposer.propose(amount=600_000)
    await act(proposer, view, DecisionKind.APPROVE, "admin")
    await act(proposer, view, DecisionKind.WITHDRAW, "admin", reason="Paid by cheque")
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "withdrawn"


@pytest.mark.parametrize(
    "steps",
    [
        (("rejected", "none"),),
        (("expired", "none"),),
        (("withdrawn", "none"),),
        (("stale", "none"),),
        (QUEUED,),
        (QUEUED, EXECUTING),
        (QUEUED, EXECUTING, ("approved", "executed")),
        (QUEUED, EXECUTING, ("approved", "failed")),
        (QUEUED, EXECUTING, ("approved", "unknown")),
    ],
)
async def test_withdrawal_when_it_is_decided_then_refused(
    proposer: Proposer, steps: tuple[tuple[str, str], ...]
) -> None:
    view = await proposer.propose()
    await put(proposer, view, *steps)
    with pytest.raises(ConflictError) as refused:
        await act(proposer, view, DecisionKind.WITHDRAW, "analyst", reason="Paid by cheque")
    assert (refused.value.code, refused.value.status) == ("already_decided", 409)
    after = await proposer.view(ProposalId(view.row.id))
    assert (after.row.decision, after.row.execution) == steps[-1]


async def test_withdrawal_when_by_somebody_else_or_without_a_reason_then_refused(
    proposer: Proposer,
) -> None:
    view = await proposer.propose(by="analyst")
    with pytest.raises(PermissionDeniedError, match="only who started the run"):
        await act(proposer, view, DecisionKind.WITHDRAW, "lead", reason="Not now")
    with pytest.raises(InvalidInputError, match="a withdrawal needs a reason"):
        await act(proposer, view, DecisionKind.WITHDRAW, "analyst", reason=" ")
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "pending"
