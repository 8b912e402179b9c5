"""Schemathesis over the whole OpenAPI document with a real token: no 5xx, and every reply is as the document says."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from backend.api import sparse
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

pytestmark = pytest.mark.long

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
)
APART = (
    "/api/v1/events",  # it never ends
    "/health/ready",  # no workflow engine answers here
    "/api/v1/audit/export",  # thirty a minute, and who is refused is refused everywhere for a while
    "/api/v1/proposals/export",
)


async def test_api_when_fuzzed_then_keeps_its_contract(
    server: ServerProcess, office: Office, proposer: Proposer, tmp_path: Path
) -> None:
    await proposer.propose()
    document = tmp_path / "openapi.json"
    document.write_bytes(msgspec.json.encode(whole_replies(server)))
    token = (await office.bearer("admin"))["Authorization"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document)]
    command += ["--url", server.url, "--header", f"Authorization: {token}"]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--seed", "7", "--max-examples", "2", "--no-shrink", "--no-color"]
    for path in APART:
        command += ["--exclude-path", path]
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


def whole_replies(server: ServerProcess) -> dict[str, Any]:
    """The document without ``fields``: no schema can say that a reply then lacks what was not named."""
    document: dict[str, Any] = httpx.get(f"{server.url}/schema/openapi.json").json()
    for item in document["paths"].values():
        for operation in item.values():
            operation["parameters"] = [
                one for one in operation["parameters"] if one["name"] != sparse.PARAMETER
            ]
    return document
