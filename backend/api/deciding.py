"""Decisions by request. A decision is carried to its service once per ``Idempotency-Key``, then the run is woken.

The wake-up goes out behind the reply: nobody waits for the workflow engine, and the outbox has it too.
"""

from litestar import Response
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.presenting.decisions import decision, effect_answer
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import ProposalId, UserId
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind, decide
from backend.proposals.policy import refusal
from backend.proposals.resolving import ResolutionInput, ResolutionKind, resolve
from backend.schemas.proposals import DecisionRequest, EffectAnswer, EffectRequest
from tenancy.replies import Idempotency, Reply, find, keep
from tenancy.session import tenant


async def decide_once(
    request: ApiRequest, proposal_id: ProposalId, data: DecisionRequest
) -> Response[bytes]:
    """Decide, or send again what the same request was answered."""
    services, principal = request.services, request.principal
    given, key = _given(data), await idempotency.idempotency_of(request)
    if earlier := await _earlier(request, key):
        return idempotency.response(earlier, replayed=True)
    replies: list[Reply] = []

    async def remember(session: AsyncSession, decided: Decided) -> None:
        replies.append(_reply(request, decided, given))
        if key is not None:
            await keep(session, principal, key, replies[-1])

    try:
        decided = await decide(
            services.database, services.connectors, principal, proposal_id, given, keep=remember
        )
    except ConflictError:
        if twin := await _earlier(request, key):
            return idempotency.response(twin, replayed=True)
        raise
    wake = BackgroundTask(services.workflows.wake, principal.org_id, decided.run_id)
    return idempotency.response(replies[-1], replayed=False, then=wake if decided.wake else None)


async def resolve_effect(
    request: ApiRequest, proposal_id: ProposalId, data: EffectRequest
) -> EffectAnswer:
    """Read an unknown effect back, or write down what a person says of it."""
    services, principal = request.services, request.principal
    if data.kind not in tuple(ResolutionKind):
        known = ", ".join(ResolutionKind)
        raise InvalidInputError(f"kind is {data.kind!r}; use one of {known}", field="kind")
    given = ResolutionInput(ResolutionKind(data.kind), data.reason)
    resolved = await resolve(services.database, services.connectors, principal, proposal_id, given)
    your_turn = refusal(principal, resolved.view) is None
    row = services.presenter.row(resolved.view, your_turn=your_turn)
    return effect_answer(resolved, given, row)


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


def _reply(request: ApiRequest, decided: Decided, given: DecisionInput) -> Reply:
    your_turn = refusal(request.principal, decided.view) is None
    row = request.services.presenter.row(decided.view, your_turn=your_turn)
    return idempotency.reply(200, decision(decided, given, request.principal, row))
