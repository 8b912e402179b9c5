"""The API as a process: how it starts and ends."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.embedded.postgres import EmbeddedPostgres
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.fixtures.stream import Heard, listening


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


async def test_stream_when_the_server_was_away_then_resumes_behind_its_last_event_without_a_gap(
    environ: Mapping[str, str], office: Office, proposer: Proposer, tmp_path: Path
) -> None:
    server = ServerProcess(environ, tmp_path / "log")
    server.start()
    headers, heard = await office.bearer("lead"), list[Heard]()
    for _ in range(3):
        since = heard[-1].seq if heard else None
        async with listening(server.url, headers, since=since) as listener:
            await proposer.run()
            heard += await listener.take(1 if since is None else 3)
            assert server.stop(within=5) == 0
        await proposer.run()  # nobody listens
        await proposer.run()
        server.start()
    async with listening(server.url, headers, since=heard[-1].seq) as listener:
        heard += await listener.take(2)
    assert server.stop() == 0
    begun = heard[0].seq or 0
    assert [one.seq for one in heard] == list(range(begun, begun + 9))
    assert {one.kind for one in heard} == {"run.created"}
    assert len({one.data["run"]["id"] for one in heard}) == 9


def test_server_when_its_role_is_too_strong_then_does_not_serve(
    environ: Mapping[str, str], postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    strong = {**environ, "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("postgres")}
    server = ServerProcess(strong, tmp_path / "log")
    with pytest.raises(AssertionError, match="can get around row-level security"):
        server.start()
    server.stop()
