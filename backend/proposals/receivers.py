"""To whom a signature can be given: another member with the right to approve, who has not started the run."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import InvalidInputError, UnauthenticatedError
from backend.core.ids import UserId
from backend.proposals.views import ProposalView
from tenancy.context import Channel, Principal
from tenancy.permissions import Right, reach_of
from tenancy.principals import load_principal, load_principals


async def receivers_of(
    session: AsyncSession, principal: Principal, view: ProposalView
) -> list[Principal]:
    """Everybody to whom this person can give their signature on the proposal, by name."""
    everybody = await load_principals(session, Channel.SYSTEM)
    return [one for one in everybody if _hindrance(principal.user_id, one, view) is None]


async def check_receiver(
    session: AsyncSession, principal: Principal, view: ProposalView, to: UserId | None
) -> UserId:
    """Who receives the signature. Raises :class:`InvalidInputError` when it cannot be given to ``to``."""
    if to is None:
        raise InvalidInputError("say to whom the signature is given", field="to")
    try:
        receiver = await load_principal(session, to, Channel.SYSTEM)
    except UnauthenticatedError as error:
        raise InvalidInputError(
            "there is no such member in this organization", field="to"
        ) from error
    if (why := _hindrance(principal.user_id, receiver, view)) is not None:
        raise InvalidInputError(why, field="to")
    return to


def _hindrance(giver: UserId, receiver: Principal, view: ProposalView) -> str | None:
    if receiver.user_id == giver:
        return "this is you; give the signature to somebody else"
    approves = reach_of(receiver, Right.PROPOSALS_APPROVE)
    if approves is None or not approves.touches(view.row.team_id):
        return f"{receiver.name} may not approve proposals"
    if receiver.user_id == view.row.requested_by and not view.terms.requester_signs:
        return f"{receiver.name} started this run and may not sign"
    if view.delegated_by(receiver.user_id) is not None:
        return f"{receiver.name} has given their signature away"
    return None
