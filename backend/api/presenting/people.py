"""The current principal on the wire."""

from collections.abc import Sequence

from backend.api.presenting.common import initials
from backend.schemas.auth import Me, OrganizationRef, UserRef
from tenancy.context import Principal
from tenancy.organizations import OrganizationInfo
from tenancy.permissions import all_grants, permission_names


def me_of(principal: Principal, belonging: Sequence[OrganizationInfo]) -> Me:
    """The principal with all organizations they belong to."""
    here = next(one for one in belonging if one.id == principal.org_id)
    return Me(
        user=UserRef(
            id=str(principal.user_id),
            email=principal.email,
            name=principal.name,
            initials=initials(principal.name),
        ),
        organization=_organization(here),
        organizations=[_organization(one) for one in belonging],
        roles=[principal.role.key] if principal.role else [],
        role_name=principal.role.name if principal.role else "",
        permissions=permission_names(all_grants(principal)),
    )


def _organization(info: OrganizationInfo) -> OrganizationRef:
    return OrganizationRef(
        id=str(info.id),
        slug=info.slug,
        name=info.name,
        is_demo=info.is_demo,
        status=info.status,
    )
