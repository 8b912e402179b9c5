"""What the policy asks of a proposal, and what ends its pending state beside one person's act. Rows must be locked."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import FieldChange
from backend.core.clock import now
from backend.core.ids import PlaybookId
from backend.playbooks.policy import Policy
from backend.playbooks.service import get_playbook
from backend.proposals.digest import change_json
from backend.proposals.models import ProposalTable
from backend.proposals.recording import announce, enter
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.terms import in_words, people_in, required_by, stored, terms_of
from backend.proposals.transition import apply
from tenancy.audit import AuditAction
from tenancy.members import names_of


async def policy_of(session: AsyncSession, row: ProposalTable) -> Policy:
    """The policy of the playbook's version that the proposal is pinned to."""
    playbook = await get_playbook(session, PlaybookId(row.playbook_id), row.playbook_version)
    return playbook.definition.policy


async def put_terms(session: AsyncSession, row: ProposalTable, policy: Policy) -> None:
    """Write down what the policy asks of the present revision: who must sign, how many, and the rule in words."""
    rule = policy.rule_for(row.amount_minor, row.risk_score)
    names = await names_of(session, people_in(policy))
    terms = terms_of(policy, rule)
    row.terms = stored(terms)
    ask_also(row, *(one.name for one in terms.approvers))
    row.required_signatures = required_by(rule)
    row.policy_reason = in_words(rule, row.currency, names)


def ask_also(row: ProposalTable, *names: str) -> None:
    """Whoever has one of these names may read the proposal from now on."""
    row.asks = sorted({*(row.asks or ()), *names})


def queue(row: ProposalTable, policy: Policy, *, hold_at_least: float = 0) -> None:
    """The proposal is approved: its effect may be claimed when the hold, the longer of both, is over."""
    apply(row, Standing(DecisionState.APPROVED, ExecutionState.QUEUED), Writer.DECISIONS)
    row.dispatch_after = now() + timedelta(seconds=max(policy.hold_seconds, hold_at_least))


async def approve_by_policy(
    session: AsyncSession, row: ProposalTable, policy: Policy, why: str
) -> None:
    """The policy approves what nobody has to sign, or what nobody has decided where it says so in words."""
    enter(session, row, "approve", None, reason=why)
    queue(row, policy)
    await announce(
        session, row, AuditAction.PROPOSAL_APPROVED, wake=True, digest=row.digest, reason=why
    )


async def mark_stale(
    session: AsyncSession, row: ProposalTable, differences: list[FieldChange], writer: Writer
) -> None:
    """Write down what changed outside; nothing will run."""
    apply(row, Standing(DecisionState.STALE, ExecutionState.NONE), writer)
    row.stale_changes = [change_json(change) for change in differences]
    fields = [change.path for change in differences]
    await announce(session, row, AuditAction.PROPOSAL_STALE, wake=True, fields=fields)
