"""What is checked again right before an effect is claimed: the seal, the rules, and that the signatures still count."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import FieldChange
from backend.connectors.records import Record
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.errors import UnauthenticatedError
from backend.core.ids import ProposalId, RunId, UserId
from backend.playbooks.policy import Answer, Silence
from backend.proposals import quorum, repository
from backend.proposals.digest import seal
from backend.proposals.evidence import Links
from backend.proposals.matter import load_matter, verdicts_on
from backend.proposals.models import ProposalTable
from backend.proposals.policy import cannot_sign
from backend.proposals.settling import policy_of
from backend.proposals.views import ProposalView
from tenancy.context import Channel, Principal
from tenancy.principals import load_principal


def broken_seal(row: ProposalTable) -> list[FieldChange]:
    """One difference when what is stored now is not what was approved."""
    digest = seal(
        org_id=row.org_id,
        proposal_id=row.id,
        revision=row.revision,
        connection_id=row.connection_id,
        action=row.action,
        target_record_id=row.target_record_id,
        source_version=row.source_version,
        parameters=row.parameters,
        changes=row.changes,
    )
    if digest == row.digest:
        return []
    return [FieldChange("digest", "Seal", "text", row.digest, digest)]


async def broken_rules(
    session: AsyncSession, connectors: Connectors, row: ProposalTable, live: Record
) -> list[FieldChange]:
    """One difference for each rule of the ladder that the change breaks on the record as it is now."""
    matter = await load_matter(session, RunId(row.run_id), live, Links())
    verdicts = await verdicts_on(
        session,
        connectors,
        matter,
        row.action,
        row.parameters,
        (),
        apart_from=ProposalId(row.id),
        beside=() if row.undoes_id is None else (row.action,),
    )
    return [
        FieldChange("rules", "Rules", "text", "allowed", message)
        for verdict in verdicts
        for message in verdict.messages
    ]


async def revoked_signatures(session: AsyncSession, row: ProposalTable) -> list[FieldChange]:
    """One difference for each signature that no longer counts, when the rest is too few."""
    view = (await repository.by_ids(session, [row.id]))[row.id]
    if view.by_policy is not None and await _policy_approves(session, row):
        return []
    signers = {one.user_id: await _principal(session, view, one.user_id) for one in view.signatures}
    teams = [signer.team_ids for signer in signers.values() if signer]
    if quorum.counted(teams, different_teams=view.terms.different_teams) >= max(
        1, row.required_signatures
    ):
        return []
    return [
        FieldChange(f"signature.{user_id}", "Signature", "text", "counts", "no longer counts")
        for user_id, signer in signers.items()
        if signer is None
    ] or [FieldChange("signatures", "Signatures", "text", "enough", "too few")]


async def _policy_approves(session: AsyncSession, row: ProposalTable) -> bool:
    """Whether the policy itself still approves: it asks nobody, or silence means yes and the time is over."""
    policy = await policy_of(session, row)
    if policy.rule_for(row.amount_minor, row.risk_score).answer is Answer.AUTO:
        return True
    over = row.due_at is not None and row.due_at <= now()
    return policy.on_silence is Silence.APPROVE and over


async def _principal(session: AsyncSession, view: ProposalView, user_id: UUID) -> Principal | None:
    """Who signed, as they are today; None when their signature does not count any more."""
    try:
        signer = await load_principal(session, UserId(user_id), Channel.SYSTEM)
    except UnauthenticatedError:
        return None
    return signer if cannot_sign(signer, view) is None else None
