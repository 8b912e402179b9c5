"""Tokens for programs: password log-in and the exchange of refresh tokens."""

from litestar import Controller, post
from litestar.params import JSONBody
from litestar.types import ExceptionHandlersMap

from backend.api import logins
from backend.api.deps import ApiRequest
from backend.api.guards import public, refuses
from backend.api.middleware import client_of
from backend.core.errors import InvalidInputError
from backend.core.ids import OrgId
from backend.schemas.auth import RefreshRequest, TokenPair, TokenRequest
from tenancy.context import Channel
from tenancy.login import LoginRefusedError
from tenancy.organizations import OrganizationInfo
from tenancy.ratelimit import RateClass
from tenancy.tokens import Tokens, issue_tokens, refresh_tokens

_HANDLERS: ExceptionHandlersMap = {LoginRefusedError: logins.refused}


class OrganizationRequiredError(InvalidInputError):
    """The person belongs to several organizations and named none; ``organizations`` lists them."""

    code = "organization_required"


class TokenController(Controller):
    """``/api/v1/auth``."""

    path = "/auth"
    exception_handlers = _HANDLERS

    @post("/token", status_code=200, opt=public(RateClass.LOGIN))
    async def token(self, request: ApiRequest, data: JSONBody[TokenRequest]) -> TokenPair:
        """A pair of tokens for e-mail and password, and ``totp`` where the answer was ``totp_required``."""
        services = request.services
        form = {"email": data.email, "password": data.password, "totp": data.totp}
        found = await logins.attempt(request, form, Channel.REST)
        org_id = _chosen(found.belonging, data.organization)
        return _pair(
            await issue_tokens(
                services.database,
                services.settings.keys,
                found.user_id,
                org_id,
                request.request_id,
                lifetime=services.settings.access_lifetime,
                client=client_of(request),
            )
        )

    @post("/refresh", status_code=200, opt={**public(RateClass.LOGIN), **refuses(404)})
    async def refresh(self, request: ApiRequest, data: JSONBody[RefreshRequest]) -> TokenPair:
        """The next pair for a refresh token, which is spent by it; where one is named, in another organization."""
        services = request.services
        return _pair(
            await refresh_tokens(
                services.database,
                services.settings.keys,
                data.refresh_token,
                request.request_id,
                organization=data.organization,
                lifetime=services.settings.access_lifetime,
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
