"""One decision by request: carried to the decision service once per ``Idempotency-Key``, then the run is woken.

The wake-up goes out behind the reply: nobody waits for the workflow engine, and the outbox has it too.
"""

from litestar import Response
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.presenting.decisions import decision
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import ProposalId
from backend.proposals.decisions import Decided, DecisionInput, DecisionKind, decide
from backend.proposals.policy import refusal
from backend.schemas.proposals import DecisionRequest
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


def _given(data: DecisionRequest) -> DecisionInput:
    if data.kind not in tuple(DecisionKind):
        raise InvalidInputError(f"kind is {data.kind!r}; use approve or reject", field="kind")
    return DecisionInput(DecisionKind(data.kind), data.digest, data.reason)


async def _earlier(request: ApiRequest, key: Idempotency | None) -> Reply | None:
    if key is None:
        return None
    async with tenant(request.services.database, request.principal.tenant) as session:
        return await find(session, request.principal, key)


def _reply(request: ApiRequest, decided: Decided, given: DecisionInput) -> Reply:
    your_turn = refusal(request.principal, decided.view) is None
    row = request.services.presenter.row(decided.view, your_turn=your_turn)
    return idempotency.reply(200, decision(decided, given, request.principal, row))
