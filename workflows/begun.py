"""How many workflows the engine still keeps that began before some moment, whether they have ended or not."""

from datetime import datetime

from temporalio.service import RPCError

from backend.core.errors import UpstreamError
from backend.core.settings import Settings
from workflows.client import connect


async def begun_before(settings: Settings, moment: datetime) -> int:
    """Counted by the engine. Raises :class:`UpstreamError` when it does not answer."""
    try:
        client = await connect(settings)
        return (await client.count_workflows(f"StartTime < '{moment.isoformat()}'")).count
    except (RPCError, RuntimeError) as error:
        raise UpstreamError("the workflow engine does not answer; try again later") from error
