"""The command lines, environments and health checks of the stack's own processes."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.embedded import probe, temporal
from backend.embedded.child import Program
from backend.embedded.launch import PROJECT, Launch
from backend.embedded.ports import LOOPBACK, free_port
from backend.embedded.postgres import EmbeddedPostgres

# In the order of their start; they stop in reverse.
ORDER = ("postgres", "temporal", "stripe", "worker", "web")
_WORKER_QUEUE = "agents"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of one stack listen. ``temporal_http`` is for health checks alone."""

    web: int
    stripe: int
    postgres: int
    temporal: temporal.TemporalPorts

    @property
    def web_url(self) -> str:
        """The one origin of pages and API."""
        return f"http://{LOOPBACK}:{self.web}"

    @property
    def stripe_url(self) -> str:
        """Base address of the simulator's API."""
        return f"http://{LOOPBACK}:{self.stripe}"

    @property
    def temporal_address(self) -> str:
        """Host and port of the workflow engine."""
        return f"{LOOPBACK}:{self.temporal.grpc}"


def addresses(ports: Mapping[str, int]) -> Addresses:
    """Addresses from the chosen ports; Temporal's two side doors take any free port at each start."""
    engine = temporal.TemporalPorts(ports["temporal"], http=free_port(), metrics=free_port())
    return Addresses(ports["web"], ports["stripe"], ports["postgres"], engine)


@dataclass(frozen=True, slots=True)
class Stack:
    """Builds the programs of one stack. The product's own exist only after PostgreSQL has started."""

    launch: Launch
    at: Addresses
    postgres: EmbeddedPostgres

    @property
    def stripe_database(self) -> Path:
        """The simulator's file."""
        return self.launch.state / "simulator" / "stripe.db"

    def environment(self) -> dict[str, str]:
        """The settings of the product's processes; the model and the like stay as the person set them."""
        return {
            **self.launch.environ,
            "PYTHONUNBUFFERED": "1",
            "REFLEX_WEB_WORKDIR": str(self.launch.state / "web"),
            "REFLEX_STATES_WORKDIR": str(self.launch.state / "states"),
            # What runs on this machine is not reached through a proxy.
            "NO_PROXY": _no_proxy(self.launch.environ),
            "no_proxy": _no_proxy(self.launch.environ),
            "COUNTERSIGN_ENVIRONMENT": "embedded",
            "COUNTERSIGN_DATABASE_URL": self.postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": self.postgres.dsn("app_system"),
            "COUNTERSIGN_TEMPORAL_ADDRESS": self.at.temporal_address,
            "COUNTERSIGN_TEMPORAL_NAMESPACE": temporal.NAMESPACE,
            "COUNTERSIGN_TEMPORAL_TLS": "false",
            "COUNTERSIGN_TEMPORAL_API_KEY": "",
            "COUNTERSIGN_MASTER_KEY": "",
            "COUNTERSIGN_MASTER_KEY_FILE": str(self.launch.master_key),
            "COUNTERSIGN_PUBLIC_URL": self.at.web_url,
            "COUNTERSIGN_API_URL": self.at.web_url,
            "COUNTERSIGN_STRIPE_BASE": self.at.stripe_url,
            "COUNTERSIGN_STRIPE_DASHBOARD": self.at.stripe_url,
        }

    def site_environment(self) -> dict[str, str]:
        """What the build of the pages is told; it needs no secrets and no database."""
        return {
            **self.launch.environ,
            "PYTHONUNBUFFERED": "1",
            "COUNTERSIGN_PUBLIC_URL": self.at.web_url,
            "COUNTERSIGN_API_URL": self.at.web_url,
        }

    def stripe(self) -> Program:
        """The simulator: a program of its own that gets none of the product's settings."""
        command = python("backend.embedded.simulators.stripe", "--port", str(self.at.stripe))
        return Program(
            "stripe",
            [*command, "--db", str(self.stripe_database)],
            self._stripe_answers,
            env=self.launch.environ,
            cwd=PROJECT,
        )

    def worker(self) -> Program:
        """The worker of workflows and activities; it is up when it asks for work."""
        sealer = self.postgres.dsn("app_sealer")
        return Program(
            "worker",
            python("workflows.worker"),
            self._worker_polls,
            env=self.environment() | {"COUNTERSIGN_SEALER_DATABASE_URL": sealer},
            cwd=PROJECT,
        )

    def web(self) -> Program:
        """API and UI in one process on one port."""
        return Program(
            "web",
            server_command("backend.web:app", LOOPBACK, self.at.web),
            self._web_answers,
            env=self.environment(),
            cwd=PROJECT,
            ready_within=120.0,
            stop_within=10.0,
        )

    async def _stripe_answers(self, _started: datetime) -> bool:
        return await probe.request(f"{self.at.stripe_url}/_sim/health") is not None

    async def _worker_polls(self, started: datetime) -> bool:
        return await temporal.polled_since(self.at.temporal, _WORKER_QUEUE, started)

    async def _web_answers(self, _started: datetime) -> bool:
        return await probe.request(f"{self.at.web_url}/health/live") is not None


def _no_proxy(environ: Mapping[str, str]) -> str:
    own = environ.get("NO_PROXY") or environ.get("no_proxy")
    return ",".join(filter(None, (own, LOOPBACK, "localhost")))


def server_command(target: str, host: str, port: int) -> list[str]:
    """Command line of one ASGI server process for a factory."""
    return [
        *(str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--factory"),
        *("--host", host, "--port", str(port), "--workers", "1", "--workers-kill-timeout", "5"),
        *("--log-level", "warning", target),
    ]


def python(module: str, *arguments: str) -> list[str]:
    """Command line of a module under this interpreter."""
    return [sys.executable, "-m", module, *arguments]
