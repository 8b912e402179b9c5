"""The embedded Temporal server: started for real, found, refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from backend.core.settings import process_environment
from backend.embedded import launch, temporal, temporal_binary
from backend.embedded.errors import StartupError

ENVIRON = process_environment()
CACHE = launch.load(ENVIRON).cache


@pytest.fixture
def log(tmp_path: Path) -> Iterator[int]:
    with (tmp_path / "log").open("wb") as file:
        yield file.fileno()


async def program() -> Path:
    return await temporal_binary.resolve(None, CACHE, ENVIRON, print)


async def test_server_when_restarted_then_namespace_and_retention_are_still_there(
    tmp_path: Path, log: int
) -> None:
    ports = temporal.free_ports()
    server = temporal.server(await program(), tmp_path / "temporal.db", ports, log)
    await server.start()
    await temporal.keep_closed_workflows(ports)
    await server.stop()
    assert server.pid is None
    await server.start()
    try:
        client = await Client.connect(f"127.0.0.1:{ports.grpc}", namespace=temporal.NAMESPACE)
        answer = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=temporal.NAMESPACE)
        )
        assert answer.config.workflow_execution_retention_ttl.ToTimedelta().days == 30
    finally:
        await server.stop()


async def test_server_when_its_port_is_taken_then_says_that_it_ended(
    tmp_path: Path, log: int
) -> None:
    ports = temporal.free_ports()
    first = temporal.server(await program(), tmp_path / "one.db", ports, log)
    await first.start()
    try:
        same_door = replace(temporal.free_ports(), grpc=ports.grpc)
        second = temporal.server(await program(), tmp_path / "two.db", same_door, log)
        with pytest.raises(StartupError, match="ended while starting"):
            await second.start()
    finally:
        await first.stop()


async def test_resolve_when_the_setting_names_nothing_then_does_not_look_further(
    tmp_path: Path,
) -> None:
    with pytest.raises(StartupError, match="COUNTERSIGN_TEMPORAL_BINARY"):
        await temporal_binary.resolve(str(tmp_path / "none"), CACHE, ENVIRON, print)


async def test_resolve_when_the_setting_names_another_program_then_refuses() -> None:
    with pytest.raises(StartupError, match=r"Server 1\.29\.1"):
        await temporal_binary.resolve("/bin/true", CACHE, ENVIRON, print)


async def test_resolve_when_path_has_another_version_then_takes_the_cached(tmp_path: Path) -> None:
    impostor = tmp_path / "temporal"
    impostor.write_text("#!/bin/sh\necho temporal version 0.1 '(Server 0.9.0)'\n")
    impostor.chmod(0o755)
    found = await temporal_binary.resolve(None, CACHE, {**ENVIRON, "PATH": str(tmp_path)}, print)
    assert found == await program()


async def test_resolve_when_it_must_build_without_go_then_says_what_to_install(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    with pytest.raises(StartupError, match=r"needs Go 1\.25"):
        await temporal_binary.resolve(None, tmp_path, {"PATH": ""}, said.append)
    assert "about 4 minutes" in said[0]
    assert not (tmp_path / "temporal-build").exists()
