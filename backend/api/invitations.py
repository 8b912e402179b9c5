"""Invitations: sent, listed, sent again and taken back by members; accepted in :mod:`backend.api.joining`."""

from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency, paging
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.common import permission
from backend.schemas.organizations import Invitation, InvitationList, InvitationWish
from tenancy import invitations
from tenancy.invitations import RECEIVING, SENDING, Invited, Wanted
from tenancy.new_passwords import Outlet
from tenancy.permissions import Right, lacks
from tenancy.replies import Reply
from tenancy.session import tenant

_PLACE = "invitations"


class InvitationController(Controller):
    """``/api/v1/invitations``."""

    path = "/invitations"

    @get(opt=needs(Right.USERS_READ))
    async def index(
        self, request: ApiRequest, limit: paging.Limit = 50, cursor: paging.Cursor = None
    ) -> InvitationList:
        """Who is invited and has not accepted yet, by address."""
        principal, after = request.principal, paging.begin(request, _PLACE, cursor)
        async with tenant(request.services.database, principal.tenant) as session:
            found = await invitations.list_invitations(session, after=after, limit=limit + 1)
        page = found[:limit]
        behind = (page[-1].email, page[-1].id) if len(found) > limit else None
        return InvitationList(
            items=[_invitation(one) for one in page],
            next_cursor=paging.following(request, _PLACE, behind),
            can_invite=permission(lacks(principal, Right.USERS_CREATE)),
        )

    @post(opt=needs(Right.USERS_CREATE))
    async def create(self, request: ApiRequest, data: JSONBody[InvitationWish]) -> Kept[Invitation]:
        """Send somebody a link into the organization, in a role and teams that one may give."""
        wanted = Wanted(data.email, data.role, data.teams)
        await _require_calm(request, wanted.address)

        async def act(session: AsyncSession) -> Reply:
            sent = await invitations.invite(session, _outlet(request), request.principal, wanted)
            return idempotency.reply(201, _invitation(sent))

        return await idempotency.kept(request, act)

    @post("/{invitation_id:uuid}/resend", status_code=200, opt=needs(Right.USERS_CREATE))
    async def resend(self, request: ApiRequest, invitation_id: FromPath[UUID]) -> Kept[Invitation]:
        """Send another link, good for seven days; the old one is dead."""
        principal, database = request.principal, request.services.database
        async with tenant(database, principal.tenant) as session:
            address = await invitations.address_of(session, invitation_id)
        await _require_calm(request, address)

        async def act(session: AsyncSession) -> Reply:
            sent = await invitations.renew(session, _outlet(request), principal, invitation_id)
            return idempotency.reply(200, _invitation(sent))

        return await idempotency.kept(request, act)

    @delete("/{invitation_id:uuid}", opt=needs(Right.USERS_CREATE))
    async def revoke(self, request: ApiRequest, invitation_id: FromPath[UUID]) -> None:
        """Take an invitation back."""
        async with tenant(request.services.database, request.principal.tenant) as session:
            await invitations.revoke(session, invitation_id)


async def _require_calm(request: ApiRequest, address: str) -> None:
    """Nobody's mailbox is flooded in our name."""
    limiter = request.services.limiter
    await limiter.require(RECEIVING, address)
    await limiter.require(SENDING, str(request.principal.org_id))


def _outlet(request: ApiRequest) -> Outlet:
    settings = request.services.settings
    return Outlet(settings.keys, settings.web.public_url)


def _invitation(one: Invited) -> Invitation:
    return Invitation(
        id=str(one.id),
        email=one.email,
        role=one.role,
        teams=[str(team) for team in one.teams],
        by=one.by,
        created_at=one.created_at,
        expires_at=one.expires_at,
        lapsed=one.lapsed,
    )
