"""The worker process: serves all task queues, relays the outbox and seals the audit. ``python -m workflows.worker``."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import NoReturn

import structlog
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from backend.connectors.installed import install
from backend.core import db, heap, logging, telemetry
from backend.core.mail import SmtpMailer
from backend.core.settings import DatabaseSettings, Settings, SettingsError, load
from workflows import namespace, postman
from workflows.agents.providers import preload
from workflows.client import connect
from workflows.registry import SERVICES, Service
from workflows.relay import Relay
from workflows.runtime.agent_converter import AgentConverter, plugins
from workflows.runtime.causes import CauseCarrier
from workflows.runtime.interceptors import TenantInterceptor
from workflows.runtime.resources import Resources
from workflows.runtime.resumption import Patience
from workflows.runtime.storage import large_payloads
from workflows.runtime.turns import Turns
from workflows.sealer import Sealer

_DATABASE_POOL = 10
_STICKY = timedelta(
    seconds=1
)  # the default of 10 s is how long a killed worker would be waited for
_THROTTLE = timedelta(seconds=0.5)
_GRACE = timedelta(seconds=20)
_CACHED_WORKFLOWS = 500
_TURNS = 1  # of one organization: the process has one interpreter, and others want it too
# Everything but the workflow modules themselves: those the sandbox loads again and watches.
_PASSED_THROUGH = (
    "backend",
    "tenancy",
    "workflows.agents",
    "workflows.contracts",
    "workflows.queues",
    "workflows.runtime",
    "workflows.search_attributes",
    "asyncpg",
    "babel",
    "cryptography",
    "msgspec",
    "rfc8785",
    "sqlalchemy",
    "structlog",
    "uuid_utils",
)
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH)
)
_log = structlog.get_logger()


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set, then let running activities end."""
    began = time.monotonic()
    preload(settings.model.name)
    async with _resources(settings) as resources, _sealer(settings.database) as sealer:
        client = await connect(
            settings,
            payload_converter=AgentConverter,
            plugins=plugins(),
            storage=large_payloads(resources.database),
        )
        await namespace.prepare(client)
        relay = Relay(settings.database, resources.database, client)
        turns = Turns(each=_TURNS)
        workers = [worker(client, service, resources, turns) for service in SERVICES]
        async with contextlib.AsyncExitStack() as running:
            for one in workers:
                await running.enter_async_context(one)
            heap.settle()
            _log.info("worker.serving", seconds=round(time.monotonic() - began, 2))
            beside = [asyncio.create_task(one.run()) for one in (relay, sealer)]
            await _until(stop, [*beside, *_postmen(resources)])
            await asyncio.gather(*(one.shutdown() for one in workers))  # none takes on more work


def worker(client: Client, service: Service, resources: Resources, turns: Turns) -> Worker:
    """The worker of one task queue."""
    return Worker(
        client,
        task_queue=service.queue,
        workflows=service.workflows,
        activities=service.activities,
        workflow_runner=RUNNER,
        interceptors=[CauseCarrier(), Patience(), TenantInterceptor(resources, turns)],
        max_concurrent_activities=service.at_a_time,
        max_cached_workflows=_CACHED_WORKFLOWS,
        sticky_queue_schedule_to_start_timeout=_STICKY,
        max_heartbeat_throttle_interval=_THROTTLE,
        default_heartbeat_throttle_interval=_THROTTLE,
        graceful_shutdown_timeout=_GRACE,
    )


@contextlib.asynccontextmanager
async def _resources(settings: Settings) -> AsyncIterator[Resources]:
    database = db.connect(settings.database, pool_size=_DATABASE_POOL)
    try:
        await db.refuse_strong_roles(database)
        yield Resources(settings, database, install(settings))
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def _sealer(settings: DatabaseSettings) -> AsyncIterator[Sealer]:
    engine = db.sealer(settings)
    try:
        await db.refuse_strong_role(engine)
        yield Sealer(engine, settings.audit)
    finally:
        await engine.dispose()


def _postmen(resources: Resources) -> list[asyncio.Task[NoReturn]]:
    """Who takes the mail away; nobody where no settings name a mail server."""
    settings = resources.settings
    if settings.mail is None:
        return []
    mailer = SmtpMailer(settings.mail)
    return [asyncio.create_task(postman.deliver(resources.database, settings.keys, mailer))]


async def _until(stop: asyncio.Event, beside: Sequence[asyncio.Task[NoReturn]]) -> None:
    """Wait for the stop; a relay or sealer that breaks ends the process, so that it is started anew."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, *beside}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    _log.info("worker.stopping")
    for task in beside:
        if task.done():
            task.result()
        task.cancel()


async def _main() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    settings = load()
    telemetry.start("worker", settings.otlp_endpoint)
    await serve(settings, stop)


def main() -> NoReturn:
    """Run until SIGTERM or SIGINT. The exit skips the interpreter's end, which the SDK's threads can abort."""
    logging.configure()
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet))))
    code = 0
    try:
        asyncio.run(_main())
    except SettingsError as error:
        _log.error("worker.misconfigured", error=str(error))
        code = 2
    except Exception:  # noqa: BLE001 - the last line of the process: whatever it was is logged
        _log.exception("worker.failed")
        code = 1
    finally:
        telemetry.stop()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
