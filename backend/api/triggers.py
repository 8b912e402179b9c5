"""What starts a playbook beside a person: the list, and the switch of each trigger."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, get, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.triggers import trigger
from backend.core.ids import PlaybookId
from backend.playbooks.switching import (
    Switch,
    TriggerNotFoundError,
    switch,
    switches_of,
)
from backend.playbooks.triggers import TriggerKind
from backend.schemas.triggers import Trigger, TriggerList, TriggerSwitch
from tenancy.permissions import Right
from tenancy.replies import Reply
from tenancy.session import tenant


class TriggerController(Controller):
    """``/api/v1/playbooks/{id}/triggers``."""

    path = "/playbooks/{playbook_id:uuid}/triggers"

    @get(opt=needs(Right.PLAYBOOKS_READ))
    async def index(self, request: ApiRequest, playbook_id: FromPath[UUID]) -> TriggerList:
        """What the current version may be started by, and what of it is on."""
        principal, wanted = request.principal, PlaybookId(playbook_id)
        async with tenant(request.services.database, principal.tenant) as session:
            found = await switches_of(session, wanted)
        return TriggerList(
            items=[trigger(one, principal, await _next_run(request, wanted, one)) for one in found]
        )

    @put("/{kind:str}", opt=needs(Right.PLAYBOOKS_UPDATE))
    async def replace(
        self,
        request: ApiRequest,
        playbook_id: FromPath[UUID],
        kind: FromPath[str],
        data: JSONBody[TriggerSwitch],
    ) -> Kept[Trigger]:
        """Turn a trigger on or off. A schedule begins or ends with the next delivery of the outbox."""
        principal = request.principal

        async def act(session: AsyncSession) -> Reply:
            wanted = PlaybookId(playbook_id)
            done = await switch(session, principal, wanted, _kind(kind), enabled=data.enabled)
            return idempotency.reply(200, trigger(done, principal, None))

        return await idempotency.kept(request, act)


def _kind(text: str) -> TriggerKind:
    try:
        return TriggerKind(text)
    except ValueError as error:
        raise TriggerNotFoundError(
            f"there is no trigger {text!r}; there are: {', '.join(TriggerKind)}"
        ) from error


async def _next_run(request: ApiRequest, playbook_id: PlaybookId, found: Switch) -> datetime | None:
    if not found.enabled or found.trigger.kind is not TriggerKind.SCHEDULE:
        return None
    return await request.services.workflows.next_run(request.principal.org_id, playbook_id)
