"""The API as a process: how it starts and ends."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.embedded.postgres import EmbeddedPostgres
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.stream import listening


async def test_server_when_told_to_stop_then_open_streams_end_and_it_leaves_at_once(
    environ: Mapping[str, str], office: Office, tmp_path: Path
) -> None:
    server = ServerProcess(environ, tmp_path / "log")
    server.start()
    async with (
        listening(server.url, await office.bearer("lead")) as one,
        listening(server.url, await office.bearer("viewer"), since=0) as other,
    ):
        began = time.monotonic()
        assert server.stop(within=5) == 0
        assert time.monotonic() - began < 4
        while (heard := await other.next()) is not None:
            assert heard.kind != "reset"
        assert await one.next() is None


def test_server_when_its_role_is_too_strong_then_does_not_serve(
    environ: Mapping[str, str], postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    strong = {**environ, "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("postgres")}
    server = ServerProcess(strong, tmp_path / "log")
    with pytest.raises(AssertionError, match="can get around row-level security"):
        server.start()
    server.stop()
