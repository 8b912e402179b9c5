"""Proposals: the matrix, one card, and decisions. The decision service is the arbiter, this module only carries."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import deciding, matrix, paging, revising
from backend.api.cards import read_card
from backend.api.deps import ApiRequest
from backend.api.filtering import FILTERED, domain
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.columns import column_list
from backend.core.ids import ProposalId
from backend.proposals.listing import Query, find
from backend.proposals.policy import signs_now
from backend.proposals.sorting import SORTS
from backend.schemas.common import Page
from backend.schemas.matrix import ColumnList, OptionList, ProposalFilter, Summary
from backend.schemas.proposals import (
    CommentRequest,
    Decision,
    DecisionRequest,
    EffectAnswer,
    EffectRequest,
    People,
    ProposalCard,
    ProposalRow,
    Question,
    QuestionRequest,
    RevisionAnswer,
    RevisionRequest,
    UndoRequest,
)
from backend.schemas.runs import RunRow
from tenancy.permissions import Right
from tenancy.session import tenant

_Sort = Annotated[str | None, QueryParameter(name="sort", description=", ".join(SORTS))]


class ProposalController(Controller):
    """``/api/v1/proposals``."""

    path = "/proposals"

    @get(opt=needs(Right.PROPOSALS_READ), dependencies=FILTERED)
    async def index(
        self,
        request: ApiRequest,
        wanted: NamedDependency[ProposalFilter],
        *,
        sort: _Sort = None,
        limit: paging.Limit = 50,
        offset: paging.Offset = None,
        cursor: paging.Cursor = None,
    ) -> Page[ProposalRow]:
        """One page of the proposals that the person may read; what a box holds, the newest decision first."""
        principal, services = request.principal, request.services
        order = sort or matrix.usual_order(wanted)
        query = Query(
            domain(wanted, services.connectors.actions),
            sort=order,
            limit=limit,
            offset=offset or 0,
            after=paging.begin(request, order, cursor, offset),
        )
        async with tenant(services.database, principal.tenant) as session:
            found = await find(session, principal, query)
        return Page(
            items=[
                services.presenter.row(view, your_turn=signs_now(principal, view))
                for view in found.views
            ],
            next_cursor=paging.following(request, order, found.next_after),
            total=found.total.count,
            total_is_estimate=found.total.is_estimate,
        )

    @get("/columns", opt=needs(Right.PROPOSALS_READ))
    async def columns(self) -> ColumnList:
        """The columns of the matrix."""
        return column_list()

    @get("/columns/options", opt=needs(Right.PROPOSALS_READ))
    async def options(self, request: ApiRequest) -> OptionList:
        """What the columns can be narrowed to, of what the person may read."""
        return await matrix.options(request)

    @get("/summary", opt=needs(Right.PROPOSALS_READ), dependencies=FILTERED)
    async def summary(
        self, request: ApiRequest, wanted: NamedDependency[ProposalFilter]
    ) -> Summary:
        """What the filtered list adds up to."""
        return await matrix.summary(request, wanted)

    @get("/{proposal_id:uuid}", opt=needs(Right.PROPOSALS_READ))
    async def show(self, request: ApiRequest, proposal_id: FromPath[UUID]) -> ProposalCard:
        """The logic card."""
        services = request.services
        found = ProposalId(proposal_id)
        return await read_card(services.database, services.presenter, request.principal, found)

    @post("/{proposal_id:uuid}/decisions", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def decide(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[DecisionRequest]
    ) -> Kept[Decision]:
        """Approve, reject, take back, withdraw or delegate the revision that the digest names."""
        return await deciding.decide_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/revisions", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def revise(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[RevisionRequest]
    ) -> Kept[RevisionAnswer]:
        """Edit the revision that the digest names. What does not pass verification is not written."""
        return await revising.revise_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/questions", status_code=201, opt=needs(Right.PROPOSALS_APPROVE))
    async def ask(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[QuestionRequest]
    ) -> Kept[Question]:
        """Ask the agent about the proposal. Its answer appears on the card."""
        return await revising.ask_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/comments", status_code=201, opt=needs(Right.PROPOSALS_APPROVE))
    async def comment(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[CommentRequest]
    ) -> Kept[ProposalRow]:
        """Say something about the proposal; it appears in its history."""
        return await revising.comment_once(request, ProposalId(proposal_id), data)

    @get("/{proposal_id:uuid}/receivers", opt=needs(Right.PROPOSALS_APPROVE))
    async def receivers(self, request: ApiRequest, proposal_id: FromPath[UUID]) -> People:
        """To whom the person can give their signature."""
        return await revising.receivers(request, ProposalId(proposal_id))

    @post("/{proposal_id:uuid}/undo", status_code=202, opt=needs(Right.PROPOSALS_APPROVE))
    async def undo(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[UndoRequest]
    ) -> Kept[RunRow]:
        """Ask for the undo of what was executed: a run that proposes its inverse, with the same gates."""
        return await revising.undo_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/effect", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def resolve(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[EffectRequest]
    ) -> Kept[EffectAnswer]:
        """Read an effect of unknown outcome back, or say what happened."""
        return await deciding.resolve_once(request, ProposalId(proposal_id), data)
