"""What is checked again right before an effect is claimed: the seal, and that the signatures still count."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import FieldChange
from backend.core.errors import UnauthenticatedError
from backend.core.ids import UserId
from backend.proposals.digest import seal
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.policy import cannot_sign
from tenancy.context import Channel
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


async def revoked_signatures(session: AsyncSession, row: ProposalTable) -> list[FieldChange]:
    """One difference for each signature that no longer counts, when the rest is too few."""
    signers = await session.scalars(
        select(DecisionTable.user_id).where(
            DecisionTable.proposal_id == row.id,
            DecisionTable.digest == row.digest,
            DecisionTable.round == row.round,
            DecisionTable.kind == "approve",
        )
    )
    standing = {signer: await _counts(session, row, UserId(signer)) for signer in signers}
    if sum(standing.values()) >= row.required_signatures:
        return []
    return [
        FieldChange(f"signature.{signer}", "Signature", "text", "counts", "no longer counts")
        for signer, counts in standing.items()
        if not counts
    ] or [FieldChange("signatures", "Signatures", "text", "enough", "too few")]


async def _counts(session: AsyncSession, row: ProposalTable, user_id: UserId) -> bool:
    try:
        signer = await load_principal(session, user_id, Channel.SYSTEM)
    except UnauthenticatedError:
        return False
    return cannot_sign(signer, row) is None
