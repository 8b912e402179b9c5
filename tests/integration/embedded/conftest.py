"""A PostgreSQL of the module's own: these tests stop, kill and change it."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    folder: Path = tmp_path_factory.mktemp("own")
    server = EmbeddedPostgres(folder / "postgres")
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(server.home)


@pytest.fixture
async def own_postgres(own_cluster: EmbeddedPostgres) -> EmbeddedPostgres:
    """Running, whatever the test before has done to it."""
    await own_cluster.start()
    return own_cluster
