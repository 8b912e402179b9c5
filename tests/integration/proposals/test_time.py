"""What time does to a proposal that nobody decides: reminder, escalation, and silence as the policy words it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.core.clock import now
from backend.core.ids import ProposalId
from backend.playbooks.policy import ApprovalRule, Approver, Policy, Silence
from backend.proposals import effects
from backend.proposals.models import ProposalTable
from backend.proposals.notification_models import NotificationTable
from backend.proposals.policy import refusal
from backend.proposals.timekeeping import keep_time, next_moment
from backend.proposals.views import ProposalView
from tenancy.models.change import AuditEvent
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer

ADMINS = (Approver(role=Role.ORG_ADMIN),)


async def later(proposer: Proposer, view: ProposalView, **by: float) -> ProposalView:
    """As if so much time had passed, and the run had looked."""
    office, passed = proposer.office, timedelta(**by)
    async with tenant(office.database, office.context) as session:
        moments = (ProposalTable.remind_at, ProposalTable.escalate_at, ProposalTable.due_at)
        await session.execute(
            update(ProposalTable)
            .where(ProposalTable.id == view.row.id)
            .values({moment: moment - passed for moment in moments})
        )
    await keep_time(office.database, office.context, ProposalId(view.row.id))
    return await proposer.view(ProposalId(view.row.id))


async def acts(proposer: Proposer, view: ProposalView) -> list[str]:
    office = proposer.office
    async with tenant(office.database, office.context) as session:
        query = select(AuditEvent.action).where(AuditEvent.subject_id == view.row.id)
        return list(await session.scalars(query.order_by(AuditEvent.id)))


async def told(proposer: Proposer, who: str) -> list[str]:
    principal = await proposer.office.principal(who)
    async with tenant(proposer.office.database, principal.tenant) as session:
        query = select(NotificationTable.kind).where(NotificationTable.user_id == principal.user_id)
        return list(await session.scalars(query.order_by(NotificationTable.id)))


async def test_reminder_and_escalation_come_once_and_in_their_time(proposer: Proposer) -> None:
    proposer = await proposer.under(
        Policy(
            rules=(ApprovalRule(approvers=(Approver(person=proposer.office.people["lead"]),)),),
            remind_after_seconds=3_600,
            escalate_after_seconds=7_200,
            escalate_to=ADMINS,
            due_seconds=10_800,
        ),
    )
    view, admin = await proposer.credit(), await proposer.office.principal("admin")
    assert refusal(admin, view) is not None
    view = await later(proposer, view, minutes=59)
    assert (await acts(proposer, view))[1:] == []
    view = await later(proposer, view, minutes=2)
    view = await later(proposer, view, minutes=0)
    assert (await acts(proposer, view))[1:] == ["proposal.reminded"]
    assert next_moment(view.row) == view.row.escalate_at
    assert refusal(admin, view) is not None
    assert await told(proposer, "lead") == ["asked", "reminded"]
    assert await told(proposer, "admin") == []
    view = await later(proposer, view, minutes=60)
    assert (await acts(proposer, view))[1:] == ["proposal.reminded", "proposal.escalated"]
    assert refusal(admin, view) is None
    assert await told(proposer, "lead") == ["asked", "reminded"]
    assert await told(proposer, "admin") == ["escalated"]


@pytest.mark.parametrize(
    ("silence", "decision", "execution"),
    [
        (Silence.EXPIRE, "expired", "none"),
        (Silence.REJECT, "rejected", "none"),
        (Silence.APPROVE, "approved", "queued"),
    ],
)
async def test_silence_does_what_the_policy_says_in_words(
    proposer: Proposer, silence: Silence, decision: str, execution: str
) -> None:
    proposer = await proposer.under(Policy(due_seconds=60, hold_seconds=0, on_silence=silence))
    view = await later(proposer, await proposer.credit(), minutes=2)
    assert (view.row.decision, view.row.execution) == (decision, execution)
    assert view.signatures == ()


async def test_silence_that_approves_is_checked_again_before_dispatch_and_runs_once(
    proposer: Proposer,
) -> None:
    proposer = await proposer.under(
        Policy(due_seconds=60, hold_seconds=0, on_silence=Silence.APPROVE)
    )
    view = await later(proposer, await proposer.credit(), minutes=2)
    office, proposal_id = proposer.office, ProposalId(view.row.id)
    await effects.claim(office.database, proposer.connectors, office.context, proposal_id)
    await effects.carry_out(office.database, proposer.connectors, office.context, proposal_id)
    assert (await proposer.view(proposal_id)).row.execution == "executed"
    assert len(proposer.account.credit_notes(view.row.target_source_id)) == 1


async def test_silence_before_its_time_decides_nothing(proposer: Proposer) -> None:
    view = await later(proposer, await proposer.credit(), hours=71)
    assert view.row.decision == "pending"
    assert view.row.due_at is not None
    assert view.row.due_at > now()
