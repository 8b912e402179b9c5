"""Proposals: the matrix, one card, and decisions. The decision service is the arbiter, this module only carries."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import cursors, deciding, revising
from backend.api.cards import read_card
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.core.errors import InvalidInputError
from backend.core.ids import ProposalId
from backend.proposals import repository
from backend.proposals.policy import refusal
from backend.proposals.repository import SORTS, Query
from backend.proposals.states import DecisionState, ExecutionState
from backend.schemas.common import Page
from backend.schemas.proposals import (
    CommentRequest,
    DecisionRequest,
    EffectAnswer,
    EffectRequest,
    People,
    ProposalCard,
    ProposalRow,
    QuestionRequest,
    RevisionRequest,
    UndoRequest,
)
from tenancy.permissions import Right, authorize
from tenancy.session import tenant

_Decision = Annotated[DecisionState | None, QueryParameter(name="decision")]
_Execution = Annotated[ExecutionState | None, QueryParameter(name="execution")]
_Playbook = Annotated[UUID | None, QueryParameter(name="playbook")]
_MinRisk = Annotated[int | None, QueryParameter(name="minRisk", ge=0, le=100)]
_Text = Annotated[str | None, QueryParameter(name="q", max_length=200)]
_Sort = Annotated[str, QueryParameter(name="sort", description=", ".join(SORTS))]
_Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]
_Offset = Annotated[int | None, QueryParameter(name="offset", ge=0, le=1_000_000)]
_Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=500)]


class ProposalController(Controller):
    """``/api/v1/proposals``."""

    path = "/proposals"

    @get(opt=needs(Right.PROPOSALS_READ))
    async def index(
        self,
        request: ApiRequest,
        *,
        decision: _Decision = None,
        execution: _Execution = None,
        playbook: _Playbook = None,
        min_risk: _MinRisk = None,
        q: _Text = None,
        sort: _Sort = "-createdAt",
        limit: _Limit = 50,
        offset: _Offset = None,
        cursor: _Cursor = None,
    ) -> Page[ProposalRow]:
        """One page of the proposals that the person may read."""
        if offset is not None and cursor is not None:
            raise InvalidInputError("use cursor or offset, not both", field="cursor")
        principal, keys = request.principal, request.services.settings.keys
        after = cursors.decode(keys, principal.org_id, sort, cursor) if cursor else None
        query = Query(
            decision=decision,
            execution=execution,
            playbook_id=playbook,
            min_risk=min_risk,
            text=q,
            sort=sort,
            limit=limit,
            offset=offset or 0,
            after=after,
        )
        reach = authorize(principal, Right.PROPOSALS_READ)
        async with tenant(request.services.database, principal.tenant) as session:
            found = await repository.find(session, reach, query)
        more = found.next_after
        return Page(
            items=[
                request.services.presenter.row(view, your_turn=refusal(principal, view) is None)
                for view in found.views
            ],
            next_cursor=cursors.encode(keys, principal.org_id, sort, more) if more else None,
            total=found.total,
            total_is_estimate=found.total_is_estimate,
        )

    @get("/{proposal_id:uuid}", opt=needs(Right.PROPOSALS_READ))
    async def show(self, request: ApiRequest, proposal_id: FromPath[UUID]) -> ProposalCard:
        """The logic card."""
        services = request.services
        found = ProposalId(proposal_id)
        return await read_card(services.database, services.presenter, request.principal, found)

    @post("/{proposal_id:uuid}/decisions", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def decide(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[DecisionRequest]
    ) -> Response[bytes]:
        """Approve, reject, take back, withdraw or delegate the revision that the digest names."""
        return await deciding.decide_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/revisions", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def revise(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[RevisionRequest]
    ) -> Response[bytes]:
        """Edit the revision that the digest names. What does not pass verification is not written."""
        return await revising.revise_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/questions", status_code=201, opt=needs(Right.PROPOSALS_APPROVE))
    async def ask(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[QuestionRequest]
    ) -> Response[bytes]:
        """Ask the agent about the proposal. Its answer appears on the card."""
        return await revising.ask_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/comments", status_code=201, opt=needs(Right.PROPOSALS_APPROVE))
    async def comment(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[CommentRequest]
    ) -> Response[bytes]:
        """Say something about the proposal; it appears in its history."""
        return await revising.comment_once(request, ProposalId(proposal_id), data)

    @get("/{proposal_id:uuid}/receivers", opt=needs(Right.PROPOSALS_APPROVE))
    async def receivers(self, request: ApiRequest, proposal_id: FromPath[UUID]) -> People:
        """To whom the person can give their signature."""
        return await revising.receivers(request, ProposalId(proposal_id))

    @post("/{proposal_id:uuid}/undo", status_code=202, opt=needs(Right.PROPOSALS_APPROVE))
    async def undo(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[UndoRequest]
    ) -> Response[bytes]:
        """Ask for the undo of what was executed: a run that proposes its inverse, with the same gates."""
        return await revising.undo_once(request, ProposalId(proposal_id), data)

    @post("/{proposal_id:uuid}/effect", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def resolve(
        self, request: ApiRequest, proposal_id: FromPath[UUID], data: JSONBody[EffectRequest]
    ) -> EffectAnswer:
        """Read an effect of unknown outcome back, or say what happened."""
        return await deciding.resolve_effect(request, ProposalId(proposal_id), data)
