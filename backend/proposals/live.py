"""Reads a proposal's target where it lives, before a person's act is written. Never called inside a transaction."""

import asyncio
from enum import StrEnum

import structlog

from backend.connectors.actions import FieldChange
from backend.connectors.base import UpstreamNotFoundError
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.errors import UpstreamError, UpstreamRejectedError
from backend.core.logging import describe
from backend.proposals.drift import drift, gone, read_live
from backend.proposals.views import ProposalView
from tenancy.context import TenantContext

LIVE_READ_SECONDS = 3
_log = structlog.get_logger()


class LiveCheck(StrEnum):
    """What the live read before an act found."""

    UNCHANGED = "unchanged"
    UNREACHABLE = "unreachable"
    NOT_NEEDED = "not_needed"


async def look(
    database: Database, connectors: Connectors, context: TenantContext, view: ProposalView
) -> tuple[LiveCheck, list[FieldChange]]:
    """What changed outside since the proposal was made; an outside system that does not answer stops nobody."""
    try:
        async with asyncio.timeout(LIVE_READ_SECONDS):
            live = await read_live(database, connectors, context, view.row)
    except UpstreamNotFoundError:
        return LiveCheck.UNCHANGED, [gone(view.row)]
    except (TimeoutError, UpstreamError, UpstreamRejectedError) as error:
        _log.warning(
            "decision.live_read.failed", proposal_id=str(view.row.id), error=describe(error)
        )
        return LiveCheck.UNREACHABLE, []
    return LiveCheck.UNCHANGED, drift(connectors.action(view.row.action), view.row, live)
