"""The dashboard's figures.

What they count reaches as far as the narrower of ``analytics:read`` and ``proposals:read``: somebody sees in a number
nothing that they could not see in the list behind it.
"""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.presenting.analytics import Counts, overview
from backend.core.clock import now
from backend.proposals import analytics
from backend.runs.spending_since import spending_since
from backend.schemas.analytics import Overview
from tenancy.context import Principal
from tenancy.permissions import Reach, Right, Scope, authorize
from tenancy.session import tenant

_Days = Annotated[int, QueryParameter(name="days", ge=1, le=365)]


@get("/analytics/overview", opt=needs(Right.ANALYTICS_READ))
async def show(request: ApiRequest, days: _Days = 30) -> Overview:
    """What waits now, and what was decided in the last ``days`` (whole UTC days with the present one)."""
    reach, name = narrower(request.principal)
    as_of = now()
    since = analytics.begin_of(as_of, days)
    async with tenant(request.services.database, request.principal.tenant) as session:
        counts = Counts(
            as_of=as_of,
            since=since,
            pending=await analytics.pending(session, reach, as_of),
            decided=await analytics.decided(session, reach, since),
            days=await analytics.by_day(session, reach, since, days),
            playbooks=await analytics.by_playbook(session, reach, since),
            spend=await spending_since(session, reach, since),
        )
    return overview(counts, name)


def narrower(principal: Principal) -> tuple[Reach, str]:
    """What the two rights both reach, and the name of the scope that comes to it."""
    reach = authorize(principal, Right.ANALYTICS_READ).both(
        authorize(principal, Right.PROPOSALS_READ)
    )
    if reach.everything:
        return reach, str(Scope.ORG)
    return reach, str(Scope.TEAM if reach.team_ids else Scope.SELF)
