"""Runs: the list of playbook runs, one run with its trace, and the end of a run before its time."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.presenting.runs import run_detail, run_row, run_trace
from backend.core.ids import RunId
from backend.proposals import repository as proposals
from backend.proposals.ending import EndInput, cannot_end, end_run
from backend.proposals.policy import refusal
from backend.proposals.views import ProposalView
from backend.runs import repository
from backend.runs.closing import Way
from backend.runs.trace import trace_of
from backend.schemas.common import Page
from backend.schemas.runs import RunDetail, RunEnd, RunRow, RunTrace
from tenancy.context import Principal
from tenancy.permissions import Right, authorize
from tenancy.replies import Reply, once
from tenancy.session import tenant

_MOST_PROPOSALS = 500
_Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]
_Offset = Annotated[int, QueryParameter(name="offset", ge=0, le=1_000_000)]


class RunController(Controller):
    """``/api/v1/runs``."""

    path = "/runs"

    @get(opt=needs(Right.RUNS_READ))
    async def index(
        self, request: ApiRequest, limit: _Limit = 50, offset: _Offset = 0
    ) -> Page[RunRow]:
        """Playbook runs, newest first."""
        principal = request.principal
        reach = authorize(principal, Right.RUNS_READ)
        async with tenant(request.services.database, principal.tenant) as session:
            views, total = await repository.list_runs(session, reach, limit=limit, offset=offset)
        items = [run_row(view) for view in views]
        return Page(items=items, next_cursor=None, total=total, total_is_estimate=False)

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
        rows = [presenter.row(one, your_turn=refusal(principal, one) is None) for one in made]
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
    ) -> Response[bytes]:
        """End the run and its children; what waits for people is withdrawn."""
        return await _end(request, RunId(run_id), EndInput(Way.CANCEL, data.reason))

    @post("/{run_id:uuid}/terminate", status_code=200, opt=needs(Right.RUNS_UPDATE))
    async def terminate(
        self, request: ApiRequest, run_id: FromPath[UUID], data: JSONBody[RunEnd]
    ) -> Response[bytes]:
        """The same for a run whose workflow does not react: it is cut off without a last word."""
        return await _end(request, RunId(run_id), EndInput(Way.TERMINATE, data.reason))


async def _end(request: ApiRequest, run_id: RunId, given: EndInput) -> Response[bytes]:
    services, principal = request.services, request.principal

    async def act(session: AsyncSession) -> Reply:
        await end_run(session, principal, run_id, given)
        await session.flush()
        reach = authorize(principal, Right.RUNS_UPDATE)
        return idempotency.reply(200, run_row(await repository.get_run(session, reach, run_id)))

    key = await idempotency.idempotency_of(request)
    kept, replayed = await once(services.database, principal, key, act)
    if replayed:
        return idempotency.response(kept, replayed=True)
    at_once = given.way is Way.TERMINATE
    then = BackgroundTask(services.workflows.end, principal.org_id, run_id, at_once=at_once)
    return idempotency.response(kept, replayed=False, then=then)


async def _proposals(
    session: AsyncSession, principal: Principal, run_id: UUID
) -> list[ProposalView]:
    """Those that the person may read: a run may be open to them and its proposals not."""
    if Right.PROPOSALS_READ not in principal.grants:
        return []
    reach = authorize(principal, Right.PROPOSALS_READ)
    query = proposals.Query(run_id=run_id, sort="createdAt", limit=_MOST_PROPOSALS)
    return (await proposals.find(session, reach, query)).views
