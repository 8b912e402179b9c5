"""Edits, questions, comments and the choice of whom a signature is given to, by request."""

from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.idempotency import Kept
from backend.api.presenting.cards import question, revision_answer
from backend.api.presenting.common import person
from backend.api.presenting.runs import run_row
from backend.core.ids import ProposalId, RunId
from backend.proposals import asking, repository, undoing
from backend.proposals.editing import Edited, EditInput, edit
from backend.proposals.policy import signs_now
from backend.proposals.receivers import receivers_of
from backend.runs import repository as runs
from backend.schemas.common import Wire
from backend.schemas.proposals import (
    CommentRequest,
    People,
    ProposalRow,
    Question,
    QuestionRequest,
    RevisionAnswer,
    RevisionRequest,
    UndoRequest,
)
from backend.schemas.runs import RunRow
from tenancy.permissions import Reach, Right, authorize
from tenancy.replies import Reply, find, keep
from tenancy.session import tenant


async def revise_once(
    request: ApiRequest, proposal_id: ProposalId, data: RevisionRequest
) -> Kept[RevisionAnswer]:
    """Edit, or send again what the same request was answered."""
    services, principal = request.services, request.principal
    given = EditInput(data.digest, data.parameters, data.reason, data.dry_run)
    key = await idempotency.idempotency_of(request)
    if key is not None:
        async with tenant(services.database, principal.tenant) as session:
            if earlier := await find(session, principal, key):
                return idempotency.response(earlier, replayed=True)

    async def remember(session: AsyncSession, edited: Edited) -> None:
        if key is not None and edited.view is not None:
            await keep(session, principal, key, idempotency.reply(200, _answer(request, edited)))

    edited = await edit(
        services.database, services.connectors, principal, proposal_id, given, keep=remember
    )
    kept = idempotency.reply(200, _answer(request, edited))
    return idempotency.response(kept, replayed=False)


async def ask_once(
    request: ApiRequest, proposal_id: ProposalId, data: QuestionRequest
) -> Kept[Question]:
    """Ask the agent, then wake the run behind the reply."""
    services, principal = request.services, request.principal
    asked_of: list[RunId] = []

    async def act(session: AsyncSession) -> Reply:
        asked = await asking.ask(session, principal, proposal_id, data.text)
        reach = authorize(principal, Right.PROPOSALS_READ)
        view = await repository.get(session, reach, proposal_id)
        asked_of.append(RunId(view.row.run_id))
        return idempotency.reply(201, question(asked, view))

    kept, replayed = await idempotency.once(request, act)
    if replayed:
        return idempotency.response(kept, replayed=True)
    wake = BackgroundTask(services.workflows.wake, principal.org_id, asked_of[-1])
    return idempotency.response(kept, replayed=False, then=wake)


async def comment_once(
    request: ApiRequest, proposal_id: ProposalId, data: CommentRequest
) -> Kept[ProposalRow]:
    """Say something about a proposal; the answer is the proposal with it."""
    services, principal = request.services, request.principal

    async def act(session: AsyncSession) -> Reply:
        await asking.comment(session, principal, proposal_id, data.text)
        await session.flush()
        reach = authorize(principal, Right.PROPOSALS_READ)
        view = await repository.get(session, reach, proposal_id)
        turn = signs_now(principal, view)
        return idempotency.reply(201, services.presenter.row(view, your_turn=turn))

    return await idempotency.kept(request, act)


async def undo_once(
    request: ApiRequest, proposal_id: ProposalId, data: UndoRequest
) -> Kept[RunRow]:
    """Queue a run that proposes the undo, then start it behind the reply."""
    services, principal = request.services, request.principal
    started: list[RunId] = []

    async def act(session: AsyncSession) -> Reply:
        run_id = await undoing.request_undo(
            session, services.connectors, principal, proposal_id, data.reason
        )
        started.append(run_id)
        own = Reach(everything=False, team_ids=frozenset(), user_id=principal.user_id)
        return idempotency.reply(202, run_row(await runs.get_run(session, own, run_id)))

    kept, replayed = await idempotency.once(request, act)
    if replayed:
        return idempotency.response(kept, replayed=True)
    start = BackgroundTask(services.workflows.start_undo_run, principal.org_id, started[-1])
    return idempotency.response(kept, replayed=False, then=start)


async def receivers(request: ApiRequest, proposal_id: ProposalId) -> People:
    """To whom this person can give their signature."""
    principal = request.principal
    reach = authorize(principal, Right.PROPOSALS_READ)
    async with tenant(request.services.database, principal.tenant) as session:
        view = await repository.get(session, reach, proposal_id)
        found = await receivers_of(session, principal, view)
    return People(items=[person(one.user_id, one.name) for one in found])


def _answer(request: ApiRequest, edited: Edited) -> Wire:
    presenter, view = request.services.presenter, edited.view
    turn = view is not None and signs_now(request.principal, view)
    row = None if view is None else presenter.row(view, your_turn=turn)
    return revision_answer(edited, row)
