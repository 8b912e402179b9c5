"""Deciding on many proposals by request: first what it would do, then exactly that, with an outcome for each."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Controller, post
from litestar.background_tasks import BackgroundTask
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest, Services
from backend.api.filtering import domain
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.common import amount
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import OrgId, UserId
from backend.proposals import bulk, repository
from backend.proposals.bulk import HOLD_SECONDS, MOST, Outcome
from backend.proposals.decisions import DecisionInput, DecisionKind
from backend.proposals.filters import Filter
from backend.proposals.policy import signs_now
from backend.proposals.views import ProposalView
from backend.schemas import bulk as wire
from tenancy.permissions import Right, authorize
from tenancy.replies import Reply, find, once
from tenancy.session import tenant


class BulkController(Controller):
    """``/api/v1/proposals/bulk``."""

    path = "/proposals/bulk"

    @post("/preview", status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def preview(
        self, request: ApiRequest, data: JSONBody[wire.BulkPreviewRequest]
    ) -> wire.BulkPreview:
        """What deciding on a selection would do, and who cannot take part and why."""
        services, principal = request.services, request.principal
        kind, chosen = _kind(data.kind), _chosen(services, data.selection)
        async with tenant(services.database, principal.tenant) as session:
            ids = await bulk.select(session, principal, chosen)
            found = await bulk.preview(session, principal, ids, kind)
        risks = [view.row.risk_score for view in found.views]
        return wire.BulkPreview(
            kind=kind,
            items=[wire.BulkItem(id=view.row.id, digest=view.row.digest) for view in found.views],
            refused=[wire.Refused(reason=why, count=count) for why, count in found.refused],
            sums=[amount(one) for one in found.sums],
            highest_risk=max(risks, default=None),
            need_others=found.need_others,
            hold_seconds=found.hold_seconds,
        )

    @post(status_code=200, opt=needs(Right.PROPOSALS_APPROVE))
    async def decide(
        self, request: ApiRequest, data: JSONBody[wire.BulkRequest]
    ) -> Kept[wire.BulkAnswer]:
        """Decide on each item of a preview as if it were alone. Never all or nothing."""
        services, principal = request.services, request.principal
        items, key = _items(data), await idempotency.idempotency_of(request)
        if key is not None:
            async with tenant(services.database, principal.tenant) as session:
                if (earlier := await find(session, principal, key)) is not None:
                    return idempotency.response(earlier, replayed=True)
        outcomes = await bulk.carry_out(services.database, services.connectors, principal, items)
        answer = idempotency.reply(200, await _answer(request, data.kind, outcomes))

        async def keep(_session: AsyncSession) -> Reply:
            return answer

        kept, replayed = await once(services.database, principal, key, keep)
        wake = BackgroundTask(_wake, services, principal.org_id, outcomes)
        return idempotency.response(kept, replayed=replayed, then=wake)


def _kind(kind: str) -> DecisionKind:
    if kind not in tuple(DecisionKind):
        known = ", ".join(DecisionKind)
        raise InvalidInputError(f"kind is {kind!r}; use one of {known}", field="kind")
    return DecisionKind(kind)


def _chosen(services: Services, selection: wire.Selection) -> Sequence[UUID] | Filter:
    if (selection.filter is None) != bool(selection.ids):
        raise InvalidInputError("select by ids or by filter, one of them", field="selection")
    if selection.filter is None:
        return selection.ids
    return domain(selection.filter, services.connectors.actions, within="selection.filter")


def _items(data: wire.BulkRequest) -> list[tuple[UUID, DecisionInput]]:
    kind = _kind(data.kind)
    if not 0 < len(data.items) <= MOST:
        raise InvalidInputError(f"name 1 to {MOST} proposals", field="items")
    if len({item.id for item in data.items}) != len(data.items):
        raise InvalidInputError("a proposal is named twice", field="items")
    if kind is DecisionKind.DELEGATE and data.to is None:
        raise InvalidInputError("say to whom the signatures are given", field="to")
    to = UserId(data.to) if data.to else None
    return [
        (item.id, DecisionInput(kind, item.digest, data.reason, to, hold_at_least=HOLD_SECONDS))
        for item in data.items
    ]


async def _answer(request: ApiRequest, kind: str, outcomes: Sequence[Outcome]) -> wire.BulkAnswer:
    principal = request.principal
    reach = authorize(principal, Right.PROPOSALS_READ)
    async with tenant(request.services.database, principal.tenant) as session:
        ids = [one.proposal_id for one in outcomes]
        views = await repository.within_reach(session, reach, ids)
    items = [_outcome(request, one, views.get(one.proposal_id)) for one in outcomes]
    return wire.BulkAnswer(
        kind=kind,
        done=sum(one.outcome == "done" for one in items),
        conflicts=sum(one.outcome == "conflict" for one in items),
        refused=sum(one.outcome == "refused" for one in items),
        items=items,
        hold_seconds=bulk.hold_of(outcomes),
    )


def _outcome(request: ApiRequest, one: Outcome, view: ProposalView | None) -> wire.BulkOutcome:
    word, row = "done", None
    if one.error is not None:
        word = "conflict" if isinstance(one.error, ConflictError) else "refused"
    if view is not None:
        your_turn = signs_now(request.principal, view)
        row = request.services.presenter.row(view, your_turn=your_turn)
    return wire.BulkOutcome(
        id=str(one.proposal_id),
        sentence=view.row.sentence if view else "",
        outcome=word,
        code=one.error.code if one.error else None,
        detail=one.error.message if one.error else None,
        proposal=row,
    )


async def _wake(services: Services, org_id: OrgId, outcomes: Sequence[Outcome]) -> None:
    """Behind the reply; the outbox has each wake-up too."""
    for run_id in {one.decided.run_id for one in outcomes if one.decided and one.decided.wake}:
        await services.workflows.wake(org_id, run_id)
