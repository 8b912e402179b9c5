"""How often: counts each request against its limits, and says in every reply how its client stands with them."""

from dataclasses import replace

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.deps import known, services_of, set_standing, standing_of
from backend.api.guards import RATE
from backend.api.middleware import address_of, credential_of
from tenancy import ratelimit
from tenancy.context import Principal
from tenancy.ratelimit import (
    Claim,
    RateClass,
    Standing,
    TooManyRequestsError,
    claims_of_member,
)


class RateLimit(ASGIMiddleware):
    """Counts the request against the limits of who asks and of the class that its route declares."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse with 429, or go on."""
        rate = scope["route_handler"].opt.get(RATE, RateClass.API)
        if rate is not RateClass.UNLIMITED:
            set_standing(scope, await _counted(scope, rate))
        await next_app(scope, receive, send)


async def tell_standing(message: Message, scope: Scope) -> None:
    """Before a reply is sent: how its client stands, also when there is no such route or method.

    Nobody is refused for asking an address that does not exist: the reply costs less than the refusal.
    """
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    if "RateLimit" in headers:  # it was refused, and says by which limit
        return
    standing = standing_of(scope)
    if standing is None and "route_handler" not in scope:
        standing = await services_of(scope).limiter.hit([_anonymous(scope)])
    for name, value in standing.headers().items() if standing else ():
        headers[name] = value


async def _counted(scope: Scope, rate: RateClass) -> Standing:
    limiter, found = services_of(scope).limiter, known(scope)
    if rate is RateClass.LOGIN:
        return await limiter.require(ratelimit.LOGIN_ADDRESS, address_of(scope))
    if rate is RateClass.WEBHOOK:
        return await limiter.require(ratelimit.WEBHOOK_ADDRESS, address_of(scope))
    if found is None:
        return await limiter.require_all([_anonymous(scope)])
    refusals, credential = services_of(scope).refusals, credential_of(scope)
    try:
        standing = await _counted_member(scope, found.principal, rate)
    except TooManyRequestsError as error:
        if (
            error.extra.get("limit") != ratelimit.EXPORT.name
        ):  # it alone is no reason to refuse all else
            refusals.hold(credential, error)
        raise
    refusals.release(credential)
    return standing


async def _counted_member(scope: Scope, principal: Principal, rate: RateClass) -> Standing:
    services, org_id, tier = services_of(scope), principal.org_id, principal.tier
    key_prefix = principal.key_prefix
    claims = claims_of_member(org_id, principal.user_id, tier, rate, key_prefix=key_prefix)
    standing = await services.limiter.require_all(claims)
    month = await services.calls.take(org_id, tier)
    return replace(standing, counts=(*standing.counts, month))


def _anonymous(scope: Scope) -> Claim:
    return Claim(ratelimit.ANONYMOUS, (address_of(scope),))
