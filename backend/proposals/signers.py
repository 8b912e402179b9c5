"""Who may sign a proposal now."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.proposals.policy import signs_now
from backend.proposals.states import DecisionState
from backend.proposals.views import ProposalView
from tenancy.context import Channel, Principal
from tenancy.permissions import Right, lacks
from tenancy.principals import load_principals


async def signers_of(session: AsyncSession, view: ProposalView) -> list[Principal]:
    """Everybody who may sign the revision now, by name; nobody once it is decided."""
    if view.row.decision != DecisionState.PENDING:
        return []
    everybody = await load_principals(session, Channel.SYSTEM)
    readers = [one for one in everybody if lacks(one, Right.PROPOSALS_READ) is None]
    return [one for one in readers if signs_now(one, view)]
