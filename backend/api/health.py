"""Whether the process lives, and whether what it needs answers."""

import asyncio

from litestar import Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.api.deps import ApiRequest, Services
from backend.api.guards import public
from tenancy.ratelimit import RateClass

_PATIENCE = 2


@get("/health/live", opt=public(RateClass.UNLIMITED))
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", opt=public(RateClass.UNLIMITED))
async def ready(request: ApiRequest) -> Response[dict[str, object]]:
    """Database and workflow engine answer; 503 and which one failed otherwise."""
    services = request.services
    database, workflows = await asyncio.gather(_database(services), services.workflows.ready())
    checks = {"database": _word(database), "workflows": _word(workflows)}
    healthy = database and workflows
    return Response(
        {"status": _word(healthy), "checks": checks}, status_code=200 if healthy else 503
    )


def _word(healthy: bool) -> str:  # noqa: FBT001 - a predicate's outcome in words
    return "ok" if healthy else "failed"


async def _database(services: Services) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE), services.database.app.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (OSError, SQLAlchemyError):
        return False
    return True
