"""Playbooks, and the request to run one."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.playbooks import playbook
from backend.api.presenting.runs import run_row
from backend.core.ids import PlaybookId, RunId
from backend.playbooks.service import list_playbooks
from backend.proposals.terms import people_in
from backend.runs import repository, service
from backend.schemas.playbooks import PlaybookList, RunRequest
from backend.schemas.runs import RunRow
from tenancy.members import names_of
from tenancy.permissions import Reach, Right
from tenancy.replies import Reply
from tenancy.session import tenant


class PlaybookController(Controller):
    """``/api/v1/playbooks``."""

    path = "/playbooks"

    @get(opt=needs(Right.PLAYBOOKS_READ))
    async def index(self, request: ApiRequest) -> PlaybookList:
        """All playbooks of the organization."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            found = await list_playbooks(session)
            named = [people_in(one.definition.policy) for one in found]
            names = await names_of(session, set[UUID]().union(*named))
        return PlaybookList(items=[playbook(one, principal, names) for one in found])

    @post("/{playbook_id:uuid}/runs", status_code=202, opt=needs(Right.RUNS_CREATE))
    async def run(
        self, request: ApiRequest, playbook_id: FromPath[UUID], data: JSONBody[RunRequest]
    ) -> Kept[RunRow]:
        """Queue a run. It starts also when the workflow engine is away: the outbox keeps it."""
        services, principal = request.services, request.principal
        sent = data.inputs
        inputs = service.RunInputs(
            min_days_overdue=sent.min_days_overdue,
            max_invoices=sent.max_invoices,
            max_pairs=sent.max_pairs,
        )
        started: list[RunId] = []

        async def act(session: AsyncSession) -> Reply:
            made = await service.request_run(session, principal, PlaybookId(playbook_id), inputs)
            started.append(made.id)
            own = Reach(everything=False, team_ids=frozenset(), user_id=principal.user_id)
            view = await repository.get_run(session, own, made.id)
            return idempotency.reply(202, run_row(view))

        kept, replayed = await idempotency.once(request, act)
        if replayed:
            return idempotency.response(kept, replayed=True)
        start = BackgroundTask(services.workflows.start_playbook_run, principal.org_id, started[-1])
        return idempotency.response(kept, replayed=False, then=start)
