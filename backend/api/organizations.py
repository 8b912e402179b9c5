"""The organization of the session, and the mail that its demo keeps."""

from litestar import get, patch
from litestar.params import JSONBody

from backend.api.deps import ApiRequest
from backend.api.guards import by_person, needs, refuses, signed_in
from backend.api.presenting.common import permission
from backend.core.errors import NotFoundError
from backend.schemas.organizations import KeptMail, Organization, OrganizationUpdate, Outbox
from tenancy.context import Principal
from tenancy.mail import outbox_of
from tenancy.organizations import Profile, rename_organization, show_organization
from tenancy.permissions import Right, lacks
from tenancy.session import tenant


class OutboxAbsentError(NotFoundError):
    """Mail goes out here, or this is no demo: there is no outbox to read."""

    code = "outbox_absent"


@get("/organization", opt=needs(Right.SETTINGS_READ))
async def show(request: ApiRequest) -> Organization:
    """What is said of the organization."""
    principal = request.principal
    async with tenant(request.services.database, principal.tenant) as session:
        return _organization(principal, await show_organization(session))


@patch("/organization", opt=needs(Right.SETTINGS_UPDATE))
async def rename(request: ApiRequest, data: JSONBody[OrganizationUpdate]) -> Organization:
    """Give the organization another name."""
    principal = request.principal
    async with tenant(request.services.database, principal.tenant) as session:
        await rename_organization(session, data.name)
        return _organization(principal, await show_organization(session))


@get("/outbox", opt={**by_person(signed_in()), **refuses(404)})
async def outbox(request: ApiRequest) -> Outbox:
    """The kept mail to the person and, for who may invite, of the organization: in a demo without a mail server."""
    principal, services = request.principal, request.services
    async with tenant(services.database, principal.tenant) as session:
        is_demo = (await show_organization(session)).is_demo
    if services.settings.mail is not None or not is_demo:
        raise OutboxAbsentError("only a demo without a mail server keeps its mail to be read")
    kept = await outbox_of(services.database, services.settings.keys, principal)
    items = [
        KeptMail(
            to=one.mail.recipient,
            subject=one.mail.subject,
            text=one.mail.text,
            at=one.created_at,
        )
        for one in reversed(kept)
    ]
    return Outbox(items=items)


def _organization(principal: Principal, profile: Profile) -> Organization:
    return Organization(
        slug=profile.slug,
        name=profile.name,
        status=profile.status,
        residency=profile.residency,
        tier=profile.tier,
        created_at=profile.created_at,
        can_rename=permission(lacks(principal, Right.SETTINGS_UPDATE)),
    )
