"""Runs: the list of playbook runs, one run with its trace, and the end of a run before its time."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency, paging
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.narrowing import choice, moment, one_of, period
from backend.api.presenting.runs import run_detail, run_row, run_trace
from backend.core.ids import RunId
from backend.proposals.ending import EndInput, cannot_end, end_run
from backend.proposals.filters import Filter
from backend.proposals.listing import Query, find
from backend.proposals.policy import signs_now
from backend.proposals.views import ProposalView
from backend.runs import listing, repository
from backend.runs.closing import Way
from backend.runs.listing import SORTS, USUAL, Wanted
from backend.runs.service import RunState
from backend.runs.trace import trace_of
from backend.schemas.common import Page
from backend.schemas.runs import RunDetail, RunEnd, RunRow, RunTrace
from tenancy.context import Principal
from tenancy.permissions import Right, authorize, lacks
from tenancy.replies import Reply
from tenancy.session import tenant

_MOST_PROPOSALS = 500
_Texts = list[str] | None
_Sort = Annotated[str, QueryParameter(name="sort", description=", ".join(SORTS))]
_State = Annotated[_Texts, QueryParameter(name="state", description=", ".join(RunState))]
_Playbook = Annotated[_Texts, QueryParameter(name="playbook")]
_Requester = Annotated[_Texts, QueryParameter(name="requester")]
_CreatedFrom = Annotated[str | None, QueryParameter(name="createdFrom")]
_CreatedTo = Annotated[str | None, QueryParameter(name="createdTo")]


def _wanted(
    *,
    in_state: _State = None,
    playbook: _Playbook = None,
    requester: _Requester = None,
    created_from: _CreatedFrom = None,
    created_to: _CreatedTo = None,
) -> Wanted:
    return Wanted(
        state=choice("state", in_state or (), one_of(tuple(RunState))),
        playbook=choice("playbook", playbook or (), UUID),
        requester=choice("requester", requester or (), UUID),
        created=period(
            "created", moment("createdFrom", created_from), moment("createdTo", created_to)
        ),
    )


class RunController(Controller):
    """``/api/v1/runs``."""

    path = "/runs"

    @get(
        opt=needs(Right.RUNS_READ),
        dependencies={"wanted": Provide(_wanted, sync_to_thread=False)},
    )
    async def index(
        self,
        request: ApiRequest,
        wanted: NamedDependency[Wanted],
        *,
        sort: _Sort = USUAL,
        limit: paging.Limit = 50,
        offset: paging.Offset = None,
        cursor: paging.Cursor = None,
    ) -> Page[RunRow]:
        """One page of the playbook runs that the person may read, the newest first."""
        principal, place = request.principal, f"runs {sort}"
        reach = authorize(principal, Right.RUNS_READ)
        after = paging.begin(request, place, cursor, offset)
        query = listing.Query(wanted, sort, limit, offset or 0, after)
        async with tenant(request.services.database, principal.tenant) as session:
            found = await listing.find(session, reach, query)
        return Page(
            items=[run_row(view) for view in found.views],
            next_cursor=paging.following(request, place, found.next_after),
            total=found.total.count,
            total_is_estimate=found.total.is_estimate,
        )

    @get("/{run_id:uuid}", opt=needs(Right.RUNS_READ))
    async def show(self, request: ApiRequest, run_id: FromPath[UUID]) -> RunDetail:
        """One run with its steps, its proposals (those of its children too) and its children."""
        principal, presenter = request.principal, request.services.presenter
        reach = authorize(principal, Right.RUNS_READ)
        async with tenant(request.services.database, principal.tenant) as session:
            view = await repository.get_run(session, reach, RunId(run_id))
            steps = await repository.steps_of(session, RunId(run_id))
            children = await repository.children_of(session, RunId(run_id))
            made = await _proposals(session, principal, run_id)
            hindrance = await cannot_end(session, principal, view.row)
        rows = [presenter.row(one, your_turn=signs_now(principal, one)) for one in made]
        return run_detail(
            view, steps=steps, proposals=rows, children=children, cannot_cancel=hindrance
        )

    @get("/{run_id:uuid}/trace", opt=needs(Right.RUNS_READ))
    async def trace(self, request: ApiRequest, run_id: FromPath[UUID]) -> RunTrace:
        """The run on a time axis: flat spans with parents and offsets."""
        principal = request.principal
        reach = authorize(principal, Right.RUNS_READ)
        async with tenant(request.services.database, principal.tenant) as session:
            view = await repository.get_run(session, reach, RunId(run_id))
            return run_trace(view, await trace_of(session, view))

    @post("/{run_id:uuid}/cancel", status_code=200, opt=needs(Right.RUNS_UPDATE))
    async def cancel(
        self, request: ApiRequest, run_id: FromPath[UUID], data: JSONBody[RunEnd]
    ) -> Kept[RunRow]:
        """End the run and its children; what waits for people is withdrawn."""
        return await _end(request, RunId(run_id), EndInput(Way.CANCEL, data.reason))

    @post("/{run_id:uuid}/terminate", status_code=200, opt=needs(Right.RUNS_UPDATE))
    async def terminate(
        self, request: ApiRequest, run_id: FromPath[UUID], data: JSONBody[RunEnd]
    ) -> Kept[RunRow]:
        """End a run whose workflow does not react: it is cut off without a last word."""
        return await _end(request, RunId(run_id), EndInput(Way.TERMINATE, data.reason))


async def _end(request: ApiRequest, run_id: RunId, given: EndInput) -> Kept[RunRow]:
    services, principal = request.services, request.principal

    async def act(session: AsyncSession) -> Reply:
        await end_run(session, principal, run_id, given)
        await session.flush()
        reach = authorize(principal, Right.RUNS_UPDATE)
        return idempotency.reply(200, run_row(await repository.get_run(session, reach, run_id)))

    kept, replayed = await idempotency.once(request, act)
    if replayed:
        return idempotency.response(kept, replayed=True)
    at_once = given.way is Way.TERMINATE
    then = BackgroundTask(services.workflows.end, principal.org_id, run_id, at_once=at_once)
    return idempotency.response(kept, replayed=False, then=then)


async def _proposals(
    session: AsyncSession, principal: Principal, run_id: UUID
) -> list[ProposalView]:
    """Those that the person may read: a run may be open to them and its proposals not."""
    if lacks(principal, Right.PROPOSALS_READ):
        return []
    query = Query(Filter(run_id=run_id), sort="createdAt", limit=_MOST_PROPOSALS)
    return (await find(session, principal, query)).views
