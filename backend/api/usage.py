"""What the organization uses of its tier."""

from litestar import get

from backend.api.deps import ApiRequest, standing_of
from backend.api.guards import needs
from backend.connectors.usage import used as used_of_connections
from backend.core.clock import now
from backend.schemas.usage import QuotaUse, RateUse, Usage
from tenancy.calls import month_ends
from tenancy.members import seat_count
from tenancy.permissions import Right
from tenancy.quotas import Use, use_of
from tenancy.ratelimit import Count
from tenancy.session import tenant
from tenancy.tiers import Quota


@get("/usage", opt=needs(Right.SETTINGS_READ))
async def show(request: ApiRequest) -> Usage:
    """Rates and quotas of the organization's tier, with what is used of them at this moment."""
    principal, services = request.principal, request.services
    async with tenant(services.database, principal.tenant) as session:
        used = {
            Quota.CALLS: await services.calls.used(principal.org_id),
            Quota.USERS: await seat_count(session),
            **await used_of_connections(session),
        }
    standing = standing_of(request.scope)
    counts = standing.counts if standing else ()
    return Usage(
        tier=principal.tier,
        month_ends_at=month_ends(now()),
        rates=[_rate(count) for count in counts],
        quotas=[_quota(use_of(principal.tier, quota, used[quota])) for quota in Quota],
    )


def _rate(count: Count) -> RateUse:
    return RateUse(
        name=count.name,
        allowed=count.amount,
        window_seconds=count.window,
        remaining=count.remaining,
        reset_seconds=count.reset,
    )


def _quota(use: Use) -> QuotaUse:
    return QuotaUse(quota=use.quota, used=use.used, allowed=use.allowed, warning=use.warning)
