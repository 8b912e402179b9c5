"""A simulator in a process of its own, as users run it, and a client that checks every answer."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.conformance.simulator import official

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-m", "backend.embedded.simulators.stripe"]


class SimulatorProcess:
    """Starts, kills and starts again over one database file."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it on a free port; seconds until it answered."""
        for _ in range(3):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            command = [*PROGRAM, "--port", str(port), "--db", str(self.db)]
            begun = time.monotonic()
            self._process = subprocess.Popen(command, cwd=ROOT)
            self.url = f"http://127.0.0.1:{port}"
            if self._answers():
                return time.monotonic() - begun
            self.kill()
        raise AssertionError("the simulator did not start")

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def control(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None = None,
        sent: dict[str, object] | None = None,
    ) -> httpx.Response:
        """A call below `/_sim`."""
        url = f"{self.url}/_sim/{path}"
        return httpx.request(method, url, params=params, json=sent, timeout=20)

    def new_key(self) -> str:
        """A fresh account's secret key."""
        key = f"sk_test_{secrets.token_hex(12)}"
        answer = self.control("POST", "accounts", sent={"key": key, "name": "Test company"})
        assert answer.status_code == 201
        return key

    def counts(self, key: str) -> Json:
        """The outside truth about an account."""
        found: Json = self.control("GET", "counts", params={"key": key}).json()
        return found

    def _answers(self) -> bool:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                return self.control("GET", "health").status_code == 200
            time.sleep(0.02)
        return False

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            os.kill(self._process.pid, number)
        return self._process.wait(10)


class Api:
    """Raw calls of one account; every answer must be what Stripe's document describes."""

    def __init__(self, simulator: SimulatorProcess, key: str) -> None:
        self.simulator = simulator
        self.key = key
        self._client = httpx.Client(timeout=20, headers={"Authorization": f"Bearer {key}"})

    def call(
        self, method: str, path: str, params: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """`headers` are written with underscores: `idempotency_key="k"`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        where = {"data": params or {}} if method == "POST" else {"params": params}
        url = f"{self.simulator.url}/v1/{path}"
        answer = self._client.request(method, url, headers=named, **where)
        body = answer.json()
        found = official.violations(method, f"/v1/{path}", answer.status_code, body)
        assert not found, found
        return answer

    def post(self, path: str, params: dict[str, Any] | None = None, **headers: str) -> Json:
        """A writing call that succeeds."""
        answer = self.call("POST", path, params, **headers)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def get(self, path: str, params: dict[str, Any] | None = None, **headers: str) -> Json:
        """A reading call that succeeds."""
        answer = self.call("GET", path, params, **headers)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def refused(
        self, status: int, path: str, params: dict[str, Any] | None = None, **headers: str
    ) -> Json:
        """A writing call that is refused: the error."""
        answer = self.call("POST", path, params, **headers)
        assert answer.status_code == status, answer.text
        error: Json = answer.json()["error"]
        return error

    def pages(self, path: str, params: dict[str, Any] | None = None) -> Iterator[Json]:
        """Everything in a list, page by page."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, {"limit": 100, **(params or {}), **cursor})
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = {"starting_after": page["data"][-1]["id"]}

    def customer(self, **params: str | int) -> Json:
        """A customer that can be sent invoices."""
        return self.post(
            "customers", {"name": "Halvorsen Marine", "email": "a@b.example", **params}
        )

    def draft(self, amount: int = 12_000, **params: str | int) -> Json:
        """A draft of one line, due in 30 days."""
        terms = {"collection_method": "send_invoice", "days_until_due": 30}
        owner = {} if "customer" in params else {"customer": self.customer()["id"]}
        invoice = self.post("invoices", {**terms, **owner, **params})
        line = {"invoice": invoice["id"], "amount": amount, "description": "Deck coating"}
        self.post("invoiceitems", line)
        return self.get(f"invoices/{invoice['id']}")

    def invoice(self, amount: int = 12_000, **params: str | int) -> Json:
        """An open invoice."""
        return self.post(f"invoices/{self.draft(amount, **params)['id']}/finalize")

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()
