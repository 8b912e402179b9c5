"""What nobody knows is settled by a person who may sign it: read back, or said, and never sent again."""

import pytest
from sqlalchemy import func, select

from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    PermissionDeniedError,
    UpstreamError,
)
from backend.core.ids import ProposalId, RunId
from backend.proposals.resolving import ResolutionInput, ResolutionKind, Resolved, resolve
from backend.proposals.views import ProposalView
from backend.runs.repository import steps_of
from tenancy.changes import EventKind
from tenancy.models.change import AuditEvent, Event
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer

CHECK, DONE, NOT_DONE = ResolutionKind
CLEARLY = "I asked Stripe's support"


async def settle(
    proposer: Proposer,
    view: ProposalView,
    kind: ResolutionKind,
    who: str = "lead",
    reason: str | None = CLEARLY,
) -> Resolved:
    office = proposer.office
    principal = await office.principal(who)
    given = ResolutionInput(kind, reason)
    return await resolve(
        office.database, proposer.connectors, principal, ProposalId(view.row.id), given
    )


async def last_act(proposer: Proposer, view: ProposalView) -> AuditEvent:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        query = select(AuditEvent).where(AuditEvent.subject_id == view.row.id)
        return (await session.scalars(query.order_by(AuditEvent.at.desc()).limit(1))).one()


async def events(proposer: Proposer) -> int:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        query = select(func.count()).where(Event.kind == EventKind.PROPOSAL_CHANGED)
        return await session.scalar(query) or 0


async def test_check_when_stripe_has_carried_it_out_then_executed_with_its_object(
    proposer: Proposer,
) -> None:
    view = await proposer.unknown(sent=True)
    before = await events(proposer)
    settled = await settle(proposer, view, CHECK, reason=None)
    assert settled.message == "Stripe has carried it out"
    assert settled.view.row.execution == "executed"
    [note] = proposer.account.credit_notes(view.row.target_source_id)
    effect = settled.view.effect
    assert effect is not None
    assert (effect.state, effect.vendor_object_id, effect.error) == ("confirmed", note["id"], None)
    assert proposer.account.carried_out(str(effect.id)) == 1
    assert (await last_act(proposer, view)).action == "effect.confirmed"
    assert await events(proposer) == before + 1


async def test_check_when_there_is_no_trace_then_stays_unknown_and_says_so(
    proposer: Proposer,
) -> None:
    view = await proposer.unknown()
    before = await events(proposer)
    settled = await settle(proposer, view, CHECK, reason=None)
    assert "no trace" in settled.message
    assert settled.view.row.execution == "unknown"
    assert settled.view.effect is not None
    assert settled.view.effect.error == settled.message
    assert proposer.account.credit_notes(view.row.target_source_id) == []
    assert (await last_act(proposer, view)).action == "effect.checked"
    assert await events(proposer) == before + 1


async def test_check_when_stripe_does_not_answer_then_nothing_is_concluded(
    proposer: Proposer,
) -> None:
    view = await proposer.unknown(sent=True)
    proposer.account.misfortune("lost", "GET", "credit_notes")
    with pytest.raises(UpstreamError):
        await settle(proposer, view, CHECK, reason=None)
    after = await proposer.view(ProposalId(view.row.id))
    assert after.row.execution == "unknown"
    assert after.effect is not None
    assert after.effect.error == "no answer"


@pytest.mark.parametrize(
    ("kind", "execution", "state", "action"),
    [
        (DONE, "executed", "confirmed", "effect.marked_done"),
        (NOT_DONE, "failed", "failed", "effect.marked_not_done"),
    ],
)
async def test_mark_when_given_with_a_reason_then_settles_it_and_sends_nothing(
    proposer: Proposer, kind: ResolutionKind, execution: str, state: str, action: str
) -> None:
    view = await proposer.unknown()
    settled = await settle(proposer, view, kind)
    assert settled.view.row.execution == execution
    assert settled.view.effect is not None
    assert settled.view.effect.state == state
    said = settled.view.resolution
    assert said is not None
    assert (said.kind, said.name, said.reason) == (kind, "lead One", CLEARLY)
    act = await last_act(proposer, view)
    assert (act.action, act.actor_id) == (action, proposer.office.people["lead"])
    assert act.details["reason"] == CLEARLY
    assert proposer.account.credit_notes(view.row.target_source_id) == []
    async with tenant(proposer.office.database, proposer.office.context) as session:
        trace = [step.summary for step in await steps_of(session, RunId(view.row.run_id))]
    assert any(CLEARLY in summary for summary in trace)
    with pytest.raises(ConflictError) as refused:
        await settle(proposer, view, kind)
    assert refused.value.code == "outcome_known"


@pytest.mark.parametrize("kind", ResolutionKind)
@pytest.mark.parametrize(
    ("who", "code"), [("analyst", "own_request"), ("viewer", "permission_denied")]
)
async def test_resolving_when_one_may_not_sign_then_refused(
    proposer: Proposer, kind: ResolutionKind, who: str, code: str
) -> None:
    view = await proposer.unknown()
    with pytest.raises(PermissionDeniedError) as refused:
        await settle(proposer, view, kind, who)
    assert refused.value.code == code
    assert (await proposer.view(ProposalId(view.row.id))).row.execution == "unknown"


@pytest.mark.parametrize("kind", [DONE, NOT_DONE])
@pytest.mark.parametrize("reason", [None, "  "])
async def test_mark_when_without_a_reason_then_refused(
    proposer: Proposer, kind: ResolutionKind, reason: str | None
) -> None:
    view = await proposer.unknown()
    with pytest.raises(InvalidInputError):
        await settle(proposer, view, kind, reason=reason)


@pytest.mark.parametrize("kind", ResolutionKind)
async def test_resolving_when_the_outcome_is_not_in_doubt_then_refused(
    proposer: Proposer, kind: ResolutionKind
) -> None:
    pending, under_way = await proposer.credit(), await proposer.claimed()
    for view, standing in ((pending, "none"), (under_way, "executing")):
        with pytest.raises(ConflictError) as refused:
            await settle(proposer, view, kind)
        assert (refused.value.code, refused.value.status) == ("outcome_known", 409)
        assert (await proposer.view(ProposalId(view.row.id))).row.execution == standing
