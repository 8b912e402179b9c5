"""What a person was told in the app. Everybody has their own and nobody else's."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency, paging
from backend.api.deps import ApiRequest
from backend.api.guards import by_person, signed_in
from backend.api.idempotency import Kept
from backend.api.narrowing import choice, one_of
from backend.api.presenting.notifications import notifications
from backend.core.errors import InvalidInputError
from backend.proposals import inbox
from backend.proposals.notifying import Kind
from backend.schemas.notifications import NotificationList, ReadRequest
from tenancy.replies import Reply
from tenancy.session import tenant

_SORTS = ("-at", "at")
_Sort = Annotated[str, QueryParameter(name="sort", description=", ".join(_SORTS))]
_Kind = Annotated[list[str] | None, QueryParameter(name="kind", description=", ".join(Kind))]
_Proposal = Annotated[UUID | None, QueryParameter(name="proposal")]
_Unread = Annotated[bool | None, QueryParameter(name="unread")]


class NotificationController(Controller):
    """``/api/v1/notifications``."""

    path = "/notifications"
    opt = by_person(signed_in())

    @get()
    async def index(
        self,
        request: ApiRequest,
        *,
        kind: _Kind = None,
        proposal: _Proposal = None,
        unread: _Unread = None,
        sort: _Sort = "-at",
        limit: paging.Limit = inbox.MOST_SHOWN,
        cursor: paging.Cursor = None,
    ) -> NotificationList:
        """One page of what one was told, the newest first."""
        if sort not in _SORTS:
            raise InvalidInputError(
                f"sort is {sort!r}; use one of {', '.join(_SORTS)}", field="sort"
            )
        principal, place = request.principal, f"notifications {sort}"
        after = paging.begin(request, place, cursor)
        query = inbox.Query(
            kind=choice("kind", kind or (), one_of(tuple(Kind))),
            proposal_id=proposal,
            unread=unread,
            oldest_first=sort == "at",
            limit=limit,
            after=after[1] if after else None,
        )
        async with tenant(request.services.database, principal.tenant) as session:
            told = await inbox.told(session, principal.user_id, query)
        last = told.items[-1] if told.more else None
        behind = None if last is None else (last.created_at, last.id)
        return notifications(told, paging.following(request, place, behind))

    @post("/read", status_code=200)
    async def read(
        self, request: ApiRequest, data: JSONBody[ReadRequest]
    ) -> Kept[NotificationList]:
        """Mark these as read, or without ``ids`` all. The answer is the newest page."""
        principal = request.principal

        async def act(session: AsyncSession) -> Reply:
            await inbox.mark_read(session, principal.user_id, data.ids)
            return idempotency.reply(
                200, notifications(await inbox.told(session, principal.user_id))
            )

        return await idempotency.kept(request, act)
