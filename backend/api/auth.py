"""Tokens for programs: password log-in and the exchange of refresh tokens."""

from litestar import Controller, post
from litestar.params import JSONBody

from backend.api.deps import ApiRequest
from backend.api.guards import public
from backend.api.middleware import address_of
from backend.core.errors import InvalidInputError, UnauthenticatedError
from backend.core.ids import OrgId
from backend.schemas.auth import RefreshRequest, TokenPair, TokenRequest
from tenancy.organizations import OrganizationInfo, organizations_of
from tenancy.passwords import normal_email, verify_login
from tenancy.ratelimit import LOGIN_ACCOUNT, RateClass
from tenancy.tokens import Tokens, issue_tokens, refresh_tokens


class OrganizationRequiredError(InvalidInputError):
    """The person belongs to several organizations and named none; ``organizations`` lists them."""

    code = "organization_required"


class LoginFailedError(UnauthenticatedError):
    """E-mail or password are wrong; which of them is not said."""

    code = "login_failed"


class TokenController(Controller):
    """``/api/v1/auth``."""

    path = "/auth"

    @post("/token", status_code=200, opt=public(RateClass.LOGIN))
    async def token(self, request: ApiRequest, data: JSONBody[TokenRequest]) -> TokenPair:
        """A pair of tokens for e-mail and password."""
        services = request.services
        account = normal_email(data.email)
        await services.limiter.require(LOGIN_ACCOUNT, address_of(request.scope), account)
        user_id = await verify_login(services.database, data.email, data.password)
        belonging = await organizations_of(services.database, user_id) if user_id else []
        if user_id is None or not belonging:
            raise LoginFailedError("e-mail or password are wrong")
        org_id = _chosen(belonging, data.organization)
        return _pair(
            await issue_tokens(
                services.database, services.settings.keys, user_id, org_id, request.request_id
            )
        )

    @post("/refresh", status_code=200, opt=public(RateClass.LOGIN))
    async def refresh(self, request: ApiRequest, data: JSONBody[RefreshRequest]) -> TokenPair:
        """The next pair for a refresh token, which is spent by it."""
        services = request.services
        return _pair(
            await refresh_tokens(
                services.database, services.settings.keys, data.refresh_token, request.request_id
            )
        )


def _chosen(belonging: list[OrganizationInfo], slug: str | None) -> OrgId:
    if slug is None and len(belonging) == 1:
        return belonging[0].id
    for organization in belonging:
        if organization.slug == slug:
            return organization.id
    listed = [{"slug": one.slug, "name": one.name} for one in belonging]
    if slug is None:
        raise OrganizationRequiredError(
            "you belong to several organizations; name one as organization",
            field="organization",
            organizations=listed,
        )
    raise OrganizationRequiredError(
        f"you do not belong to an organization {slug!r}",
        field="organization",
        organizations=listed,
    )


def _pair(tokens: Tokens) -> TokenPair:
    return TokenPair(
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_in=tokens.expires_in,
    )
