"""Keeps in the audit who tried to write what they may not. The refusal itself is already on its way."""

from uuid import UUID

from limits import RateLimitItemPerHour
from litestar.types import Scope

from backend.api.deps import known, services_of
from backend.api.tracing import route_of
from backend.core.errors import AppError, PermissionDeniedError
from tenancy.apikeys import BeyondAuthorError
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.ratelimit import Claim, Rule
from tenancy.session import tenant

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = Rule("denials", RateLimitItemPerHour(60), exact=True)
"""Of one person; who tries more often does not fill the audit with it."""


async def keep_denial(error: Exception, scope: Scope) -> None:
    """Whenever a request fails: record it, if somebody whom we know wrote beyond their rights."""
    found = known(scope)
    if found is None or scope.get("method") in _READING:
        return
    if isinstance(error, PermissionDeniedError | BeyondAuthorError):
        await _keep(error, scope, found.principal)


async def _keep(error: AppError, scope: Scope, principal: Principal) -> None:
    services = services_of(scope)
    claim = Claim(_KEPT, (str(principal.org_id), str(principal.user_id)))
    if (await services.limiter.hit([claim])).refused:
        return
    parameters = scope["path_params"].items()
    details = {
        "route": f"{scope.get('method')} {route_of(scope)}",
        "of": {name: str(value) for name, value in parameters if isinstance(value, UUID)},
        "code": error.code,
        "permission": error.extra.get("permission"),
    }
    change = Change(principal.user_id, audit=AuditAction.ACCESS_DENIED, details=details)
    async with tenant(services.database, principal.tenant) as session:
        record(session, change)
