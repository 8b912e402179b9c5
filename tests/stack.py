"""The product as a newcomer starts it, `up --detach`, with a state folder of its own."""

import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from backend.core.settings import Settings, load, process_environment
from backend.embedded import ports
from backend.embedded.demo_file import DemoFile
from backend.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]


class Stack:
    """Started, ended and asked by the `countersign` command alone."""

    def __init__(self, state: Path, settings: Mapping[str, str] | None = None) -> None:
        self.state = state
        own = {"COUNTERSIGN_STATE_DIR": str(state), **(settings or {})}
        self._environ = {**process_environment(), **own}

    @property
    def demo(self) -> DemoFile:
        """Addresses, log-ins and process ids as they are now."""
        return msgspec.json.decode((self.state / "demo.json").read_bytes(), type=DemoFile)

    @property
    def settings(self) -> Settings:
        """The settings of its processes, for what no button does."""
        postgres, demo = EmbeddedPostgres(self.state / "postgres"), self.demo
        return load(
            {
                "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_rw"),
                "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("app_system"),
                "COUNTERSIGN_SEALER_DATABASE_URL": postgres.dsn("app_sealer"),
                "COUNTERSIGN_MASTER_KEY_FILE": str(self.state / "master.key"),
                "COUNTERSIGN_PUBLIC_URL": demo.web_url,
                "COUNTERSIGN_STRIPE_BASE": demo.stripe_url,
                "COUNTERSIGN_TEMPORAL_ADDRESS": demo.temporal_address,
            }
        )

    def up(self) -> None:
        """Start it; returns when it is healthy."""
        self._succeed("up", "--detach")

    def down(self) -> None:
        """End it; the data stays."""
        self._succeed("down")

    def remove(self) -> None:
        """Remove what lies elsewhere: below a closed folder PostgreSQL's data does."""
        shutil.rmtree(EmbeddedPostgres(self.state / "postgres").home)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", *words],
            cwd=ROOT,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def _succeed(self, *words: str) -> None:
        done = self.command(*words)
        assert done.returncode == 0, done.stdout + done.stderr


def quiet_ports() -> dict[str, str]:
    """Settings with free ports that neither a default names nor the system gives to outgoing connections.

    So nobody takes them while a process that was killed is away.
    """
    names = ("PORT", "TEMPORAL_PORT", "STRIPE_PORT", "POSTGRES_PORT")
    free = [port for port in random.sample(range(20_000, 32_000), 20) if ports.is_free(port)]
    return {f"COUNTERSIGN_{name}": str(port) for name, port in zip(names, free, strict=False)}
