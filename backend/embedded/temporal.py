"""The embedded Temporal server: command line, readiness, retention. Speaks its HTTP API only."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.embedded import probe
from backend.embedded.child import Child, Program
from backend.embedded.errors import StartupError
from backend.embedded.ports import free_port

NAMESPACE = "countersign"
SEARCH_ATTRIBUTES = {
    "CsOrg": "Keyword",
    "CsPlaybook": "Keyword",
    "CsState": "Keyword",
    "CsRisk": "Int",
}
_RETENTION = f"{30 * 86400}s"  # the server's own default keeps closed workflows for one day

# The defaults cost 50 ms per hop (20 queue reads per second on the single shard) and up to 1 s
# per timer.
_DYNAMIC = {
    "system.enableActivityEagerExecution": "true",
    "history.transferProcessorMaxPollRPS": "5000",
    "history.timerProcessorMaxPollRPS": "5000",
    "history.visibilityProcessorMaxPollRPS": "5000",
    "history.timerProcessorMaxTimeShift": '"1ms"',
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "matching.useNewMatcher": "true",
    "matching.enableFairness": "true",
}
# synchronous 1 (NORMAL) survives kill -9; a power cut may lose the last commits.
_PRAGMAS = {"journal_mode": "wal", "synchronous": "1"}


@dataclass(frozen=True, slots=True)
class TemporalPorts:
    """``ui`` None: no web page of Temporal's own."""

    grpc: int
    http: int
    metrics: int
    ui: int | None = None


def command(program: Path, database: Path, ports: TemporalPorts) -> list[str]:
    """The server's command line; workflows, namespaces and schedules persist in ``database``."""
    line = [str(program), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(ports.grpc)]
    line += ["--http-port", str(ports.http), "--metrics-port", str(ports.metrics)]
    line += ["--ui-port", str(ports.ui)] if ports.ui else ["--headless"]
    line += ["--db-filename", str(database), "--namespace", NAMESPACE]
    line += ["--log-level", "error", "--log-format", "json"]
    for flag, values in (
        ("--dynamic-config-value", _DYNAMIC),
        ("--sqlite-pragma", _PRAGMAS),
        ("--search-attribute", SEARCH_ATTRIBUTES),
    ):
        line += [part for name, value in values.items() for part in (flag, f"{name}={value}")]
    return line


def server(program: Path, database: Path, ports: TemporalPorts, output: int) -> Child:
    """The server as a service; ``output`` gets its log. Start it on the main thread."""

    async def ready(_started: datetime) -> bool:
        return await probe.request(_namespace_url(ports), seconds=1.0) is not None

    return Child(
        Program("temporal", command(program, database, ports), ready, ready_within=30.0), output
    )


async def polled_since(ports: TemporalPorts, queue: str, since: datetime) -> bool:
    """Whether a worker has asked for workflow tasks of the queue since then."""
    address = f"{_namespace_url(ports)}/task-queues/{queue}?taskQueueType=TASK_QUEUE_TYPE_WORKFLOW"
    answer = await probe.request(address, seconds=1.0)
    pollers = json.loads(answer).get("pollers", []) if answer else []
    return any(datetime.fromisoformat(poller["lastAccessTime"]) >= since for poller in pollers)


def free_ports() -> TemporalPorts:
    """Ports that are free now, for a server whose address nobody has to remember."""
    return TemporalPorts(grpc=free_port(), http=free_port(), metrics=free_port())


async def keep_closed_workflows(ports: TemporalPorts) -> None:
    """Set the namespace's retention to 30 days; repeating it changes nothing."""
    body = {"config": {"workflowExecutionRetentionTtl": _RETENTION}}
    if await probe.request(f"{_namespace_url(ports)}/update", body, seconds=5.0) is None:
        raise StartupError(
            "Temporal refused to set how long it keeps closed workflows; see its log."
        )


def _namespace_url(ports: TemporalPorts) -> str:
    return f"http://127.0.0.1:{ports.http}/api/v1/namespaces/{NAMESPACE}"
