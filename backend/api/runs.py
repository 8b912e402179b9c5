"""Runs: the list of playbook runs and one run with its trace."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.presenting.runs import run_detail, run_row
from backend.core.ids import RunId
from backend.proposals import repository as proposals
from backend.proposals.policy import refusal
from backend.proposals.views import ProposalView
from backend.runs import repository
from backend.schemas.common import Page
from backend.schemas.runs import RunDetail, RunRow
from tenancy.context import Principal
from tenancy.permissions import Right, authorize
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
        rows = [presenter.row(one, your_turn=refusal(principal, one) is None) for one in made]
        return run_detail(view, steps=steps, proposals=rows, children=children)


async def _proposals(
    session: AsyncSession, principal: Principal, run_id: UUID
) -> list[ProposalView]:
    """Those that the person may read: a run may be open to them and its proposals not."""
    if Right.PROPOSALS_READ not in principal.grants:
        return []
    reach = authorize(principal, Right.PROPOSALS_READ)
    query = proposals.Query(run_id=run_id, sort="createdAt", limit=_MOST_PROPOSALS)
    return (await proposals.find(session, reach, query)).views
