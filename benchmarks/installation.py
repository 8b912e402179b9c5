"""An installation of a measurement's own: database and settings of an API, without a workflow engine."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from backend.core.ids import RunId
from backend.core.migrate import upgrade
from backend.embedded.ports import free_port
from backend.embedded.postgres import EmbeddedPostgres
from tests.fixtures.database import roles_of

_COPY = (
    "INSERT INTO run SELECT (jsonb_populate_record(r, jsonb_build_object("
    "'id', gen_random_uuid(), 'created_at', r.created_at - n * interval '1 minute'))).*"
    " FROM run r, generate_series(2, $2::int) n WHERE r.id = $1"
)


@asynccontextmanager
async def installation() -> AsyncIterator[tuple[EmbeddedPostgres, Mapping[str, str]]]:
    """A migrated database with the settings of its processes; afterwards all of it is gone."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    postgres = EmbeddedPostgres(folder / "postgres")
    await postgres.start()
    try:
        await asyncio.to_thread(upgrade, postgres.dsn("app_owner"))
        nowhere = f"127.0.0.1:{free_port()}"
        yield postgres, {**roles_of(postgres), "COUNTERSIGN_TEMPORAL_ADDRESS": nowhere}
    finally:
        await postgres.stop()
        shutil.rmtree(postgres.home)
        shutil.rmtree(folder, ignore_errors=True)


async def copy_runs(postgres: EmbeddedPostgres, runs: Sequence[RunId], rows: int) -> None:
    """Copies of each of these runs, so that its organization has so many; as the owner of the tables."""
    owner = await asyncpg.connect(postgres.dsn("app_owner"))
    for run in runs:
        await owner.execute(_COPY, run, rows)
    await owner.execute("VACUUM ANALYZE run")
    await owner.close()
