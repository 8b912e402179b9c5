"""What happened just now, as far as the person may see it."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from backend.api import paging
from backend.api.deps import ApiRequest
from backend.api.guards import signed_in
from backend.proposals.activity import Query, Told, latest
from backend.schemas.analytics import Activity, ActivityList
from tenancy.permissions import Right, authorize
from tenancy.session import tenant

_MICROSECONDS = 1_000_000
_PLACE = "activity"
_Actor = Annotated[UUID | None, QueryParameter(name="actor")]
_Proposal = Annotated[UUID | None, QueryParameter(name="proposal")]
_Run = Annotated[UUID | None, QueryParameter(name="run")]


@get("/activity", opt=signed_in())
async def show(
    request: ApiRequest,
    *,
    actor: _Actor = None,
    proposal: _Proposal = None,
    run: _Run = None,
    limit: paging.Limit = 20,
    cursor: paging.Cursor = None,
) -> ActivityList:
    """One page of acts on proposals and runs, and runs that ended, the newest first."""
    principal = request.principal
    proposals = authorize(principal, Right.PROPOSALS_READ)
    runs = authorize(principal, Right.RUNS_READ)
    query = Query(
        actor_id=actor,
        proposal_id=proposal,
        run_id=run,
        limit=limit,
        after=paging.begin(request, _PLACE, cursor),
    )
    async with tenant(request.services.database, principal.tenant) as session:
        found, more = await latest(session, proposals, runs, query)
    behind = (found[-1].at, found[-1].id) if more else None
    return ActivityList(
        items=[_activity(told) for told in found],
        next_cursor=paging.following(request, _PLACE, behind),
    )


def _activity(told: Told) -> Activity:
    return Activity(
        seq=int(told.at.timestamp() * _MICROSECONDS),
        at=told.at,
        what=told.what,
        actor=told.actor,
        subject=told.subject,
        proposal_id=str(told.proposal_id) if told.proposal_id else None,
        run_id=str(told.run_id) if told.run_id else None,
        seal=told.seal,
    )
