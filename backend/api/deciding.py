"""Decisions by request. A decision is carried to its service once per ``Idempotency-Key``, then the run is woken.

The wake-up goes out behind the reply: nobody waits for the workflow engine, and the outbox has it too.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.idempotency import Kept
from backend.api.presenting.decisions import decision, effect_answer
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import ProposalId, UserId
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind, decide
from backend.proposals.policy import signs_now
from backend.proposals.resolving import ResolutionInput, ResolutionKind, Resolved, resolve
from backend.proposals.views import ProposalView
from backend.schemas.common import Wire
from backend.schemas.proposals import (
    Decision,
    DecisionRequest,
    EffectAnswer,
    EffectRequest,
    ProposalRow,
)
from tenancy.replies import Idempotency, Reply, find, keep
from tenancy.session import tenant

T = TypeVar("T")
_Keep = Callable[[AsyncSession, T], Awaitable[None]]


async def decide_once(
    request: ApiRequest, proposal_id: ProposalId, data: DecisionRequest
) -> Kept[Decision]:
    """Decide, or send again what the same request was answered."""
    services, principal, given = request.services, request.principal, _given(data)

    def answer(decided: Decided) -> Decision:
        return decision(decided, given, principal, _row(request, decided.view))

    def act(keep: _Keep[Decided]) -> Awaitable[Decided]:
        return decide(
            services.database, services.connectors, principal, proposal_id, given, keep=keep
        )

    done = await _once(request, act, answer)
    if isinstance(done, Reply):
        return idempotency.response(done, replayed=True)
    decided, reply = done
    wake = BackgroundTask(services.workflows.wake, principal.org_id, decided.run_id)
    return idempotency.response(reply, replayed=False, then=wake if decided.wake else None)


async def resolve_once(
    request: ApiRequest, proposal_id: ProposalId, data: EffectRequest
) -> Kept[EffectAnswer]:
    """Read an unknown effect back, or write down what a person says of it."""
    services, principal = request.services, request.principal
    if data.kind not in tuple(ResolutionKind):
        known = ", ".join(ResolutionKind)
        raise InvalidInputError(f"kind is {data.kind!r}; use one of {known}", field="kind")
    given = ResolutionInput(ResolutionKind(data.kind), data.reason)

    def answer(resolved: Resolved) -> EffectAnswer:
        return effect_answer(resolved, given, _row(request, resolved.view))

    def act(keep: _Keep[Resolved]) -> Awaitable[Resolved]:
        return resolve(
            services.database, services.connectors, principal, proposal_id, given, keep=keep
        )

    done = await _once(request, act, answer)
    if isinstance(done, Reply):
        return idempotency.response(done, replayed=True)
    return idempotency.response(done[1], replayed=False)


async def _once(
    request: ApiRequest,
    act: Callable[[_Keep[T]], Awaitable[T]],
    answer: Callable[[T], Wire],
) -> tuple[T, Reply] | Reply:
    """What was done, with the reply that was kept; only an earlier reply where nothing was done."""
    key = await idempotency.idempotency_of(request)
    if earlier := await _earlier(request, key):
        return earlier
    replies: list[Reply] = []

    async def remember(session: AsyncSession, done: T) -> None:
        replies.append(idempotency.reply(200, answer(done)))
        if key is not None:
            await keep(session, request.principal, key, replies[-1])

    try:
        done = await act(remember)
    except ConflictError:
        if twin := await _earlier(request, key):
            return twin
        raise
    return done, replies[-1]


def _given(data: DecisionRequest) -> DecisionInput:
    if data.kind not in tuple(DecisionKind):
        known = ", ".join(DecisionKind)
        raise InvalidInputError(f"kind is {data.kind!r}; use one of {known}", field="kind")
    return DecisionInput(
        DecisionKind(data.kind), data.digest, data.reason, UserId(data.to) if data.to else None
    )


async def _earlier(request: ApiRequest, key: Idempotency | None) -> Reply | None:
    if key is None:
        return None
    async with tenant(request.services.database, request.principal.tenant) as session:
        return await find(session, request.principal, key)


def _row(request: ApiRequest, view: ProposalView) -> ProposalRow:
    your_turn = signs_now(request.principal, view)
    return request.services.presenter.row(view, your_turn=your_turn)
