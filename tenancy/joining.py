"""How an invited person comes in: what their link offers, and the one moment in which it is accepted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import hash_token
from backend.core.db import Database
from backend.core.errors import InvalidInputError, PermissionDeniedError
from backend.core.ids import OrgId, TeamId, UserId
from tenancy.accounts import Doing
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Channel, TenantContext
from tenancy.directory import require_reach, roles_of
from tenancy.invitations import AlreadyMemberError
from tenancy.members import add_member, add_user
from tenancy.models.invitations import Invitation
from tenancy.models.organization import Membership, Organization, Team, TeamMember, UserAccount
from tenancy.names import cleaned
from tenancy.new_passwords import require_fit
from tenancy.permissions import Right, authorize
from tenancy.principals import NotAMemberError, load_principal
from tenancy.roles import role_to_give
from tenancy.session import system, tenant
from tenancy.status import OrganizationSuspendedError, Status
from tenancy.system_roles import RoleInfo


class InvitationLinkError(InvalidInputError):
    """The link was used, taken back, has expired, lapsed with who sent it, or never was one."""

    code = "invitation_link_invalid"

    def __init__(self) -> None:
        super().__init__("this invitation was used or is no longer good; ask for another one")


class ForeignInvitationError(PermissionDeniedError):
    """The invitation is for another address than the account's."""

    code = "invitation_for_another"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a good link offers, in which role (its name), to which address; ``has_account``: somebody has that."""

    org_id: OrgId
    organization: str
    email: str
    role: str
    expires_at: datetime
    has_account: bool


async def read_offer(database: Database, token: str) -> Offer:
    """What the link offers; changes nothing. Raises :class:`InvitationLinkError`, and while suspended 403."""
    query = (
        select(Invitation, Organization.name, Organization.status, UserAccount.id)
        .join(Organization, Organization.id == Invitation.org_id)
        .outerjoin(UserAccount, UserAccount.email == Invitation.email)
        .where(*_good(token))
    )
    async with system(database) as session:
        found = (await session.execute(query)).one_or_none()
    if found is None:
        raise InvitationLinkError
    row, organization, status, account = found
    if status == Status.SUSPENDED:
        raise OrganizationSuspendedError
    org_id = OrgId(row.org_id)
    async with tenant(database, TenantContext(org_id)) as session:
        role = await _role(session, row)
        await _require_author(session, row, role)
    has_account = account is not None
    return Offer(org_id, organization, row.email, role.name, row.expires_at, has_account)


async def join(database: Database, token: str, user_id: UserId, doing: Doing) -> OrgId:
    """Accept in the name of the person whom the invitation is for; their organization from now on.

    Raises what :func:`read_offer` raises, :class:`ForeignInvitationError`, ``AlreadyMemberError`` and, when the tier
    was lowered meanwhile, ``QuotaExceededError``.
    """
    offer = await read_offer(database, token)
    async with system(database) as session:
        query = select(UserAccount.email).where(UserAccount.id == user_id)
        if await session.scalar(query) != offer.email:
            raise ForeignInvitationError(f"this invitation is for {offer.email} alone")
    context = TenantContext(offer.org_id, user_id, doing.channel, doing.request_id)
    async with tenant(database, context) as session:
        row = await session.scalar(select(Invitation).where(*_good(token)).with_for_update())
        if row is None:
            raise InvitationLinkError
        role = await _role(session, row)
        await _require_author(session, row, role)
        belongs = select(Membership.user_id).where(Membership.user_id == user_id)
        if await session.scalar(belongs) is not None:
            raise AlreadyMemberError("you belong to this organization already")
        row.ended_at, row.accepted_by = now(), user_id
        await session.flush()
        await _enter(session, row, role, user_id)
        accepted = AuditAction.INVITATION_ACCEPTED
        record(session, Change(row.id, audit=accepted, details={"address": doing.address}))
    return offer.org_id


async def make_account(database: Database, token: str, *, name: str, password: str) -> UserId:
    """The account of who is invited and has none; its address was proved by the link.

    Raises what :func:`read_offer` raises, ``UnfitPasswordError``, 422 for no name, and ``EmailTakenError``.
    """
    offer = await read_offer(database, token)
    said = cleaned(name)
    require_fit(password)
    return await add_user(database, email=offer.email, name=said, password=password)


async def _enter(session: AsyncSession, row: Invitation, role: RoleInfo, user_id: UserId) -> None:
    """Role and those of the teams that are still there; the first one of them becomes primary."""
    kept = set(await session.scalars(select(Team.id).where(Team.id.in_(row.teams))))
    teams = [TeamId(team) for team in row.teams if team in kept]
    await add_member(session, user_id, role, teams[0] if teams else None)
    for team in teams[1:]:
        session.add(TeamMember(org_id=row.org_id, team_id=team, user_id=user_id, is_primary=False))


async def _role(session: AsyncSession, row: Invitation) -> RoleInfo:
    """What they will be here. With a role that was deleted since the invitation is gone."""
    try:
        return await role_to_give(session, row.role)
    except InvalidInputError as error:
        raise InvitationLinkError from error


async def _require_author(session: AsyncSession, row: Invitation, role: RoleInfo) -> None:
    """Who sent it must still be able to; operators always are."""
    if row.invited_by is None:
        return
    try:
        author = await load_principal(session, UserId(row.invited_by), Channel.SYSTEM)
        authorize(author, Right.USERS_CREATE)
        require_reach(author, role, *await roles_of(session, row.teams))
    except (NotAMemberError, PermissionDeniedError) as error:
        raise InvitationLinkError from error


def _good(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Invitation.token_hash == hash_token(token),
        Invitation.ended_at.is_(None),
        Invitation.expires_at > now(),
    )
