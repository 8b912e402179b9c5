"""The cookie of a browser's session: how it is set, and how a session that goes on gets another one."""

from typing import TypeVar

from litestar import Response
from litestar.datastructures import Cookie

from backend.api.deps import COOKIE, ApiRequest
from backend.api.middleware import client_of
from backend.core.ids import OrgId, UserId
from tenancy.audit import AuditAction
from tenancy.sessions import LIFETIME, open_session

T = TypeVar("T")


def session_cookie(request: ApiRequest, token: str) -> Cookie:
    """The cookie with this token; an empty one takes it away."""
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=int(LIFETIME.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=request.services.settings.web.secure_cookies,
    )


async def fresh_session(
    request: ApiRequest, user_id: UserId, org_id: OrgId, act: AuditAction
) -> Cookie:
    """The cookie of a new session; the browser's one until now ends."""
    token = await open_session(
        request.services.database,
        user_id,
        org_id,
        replaces=request.cookies.get(COOKIE),
        request_id=request.request_id,
        act=act,
        client=client_of(request),
    )
    return session_cookie(request, token)


async def with_fresh_session(request: ApiRequest, reply: Response[T]) -> Response[T]:
    """The reply, after which a browser holds another cookie: who knew the old one knows nothing any more."""
    if request.lease.session_id is not None:
        who = request.principal
        act = AuditAction.SESSION_ROTATED
        reply.cookies.append(await fresh_session(request, who.user_id, who.org_id, act))
    return reply
