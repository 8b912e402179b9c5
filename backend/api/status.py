"""How the system is, for everybody who works with it."""

from litestar import get

from backend.api.checks import connection_checks, worst
from backend.api.deps import ApiRequest
from backend.api.guards import signed_in
from backend.schemas.analytics import Status
from tenancy.session import tenant


@get("/status", opt=signed_in())
async def show(request: ApiRequest) -> Status:
    """Every part as it was asked within the last five seconds, and the organization's connections."""
    services = request.services
    async with tenant(services.database, request.principal.tenant) as session:
        own = await connection_checks(session)
    checks = [*await services.board.checks(), *own]
    return Status(state=worst(checks), checks=checks)
