"""Many proposals at once: copies of one real proposal, written past the state table by the database's superuser."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from backend.core.ids import new_uuid
from backend.embedded.postgres import EmbeddedPostgres

_COPY = """
INSERT INTO proposal
SELECT (jsonb_populate_record(p, $2::jsonb)).* FROM proposal p WHERE p.id = $1
"""
_BY_POLICY = """
INSERT INTO decision (org_id, id, proposal_id, revision, round, digest, kind, channel, live_check)
SELECT org_id, $2, id, revision, round, digest, 'approve', 'system', 'not_needed'
FROM proposal WHERE id = $1
"""


async def clone(
    postgres: EmbeddedPostgres,
    original: UUID,
    differences: Iterable[Mapping[str, Any]],
    *,
    by_policy: bool = False,
) -> None:
    """One copy for each of ``differences`` (columns with their values). ``by_policy``: it has approved them alone."""
    connection = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        await connection.execute("SET session_replication_role = replica")
        for one in differences:
            copy_id = new_uuid()
            columns = json.dumps({"id": str(copy_id), **one}, default=str)
            await connection.execute(_COPY, original, columns)
            if by_policy:
                await connection.execute(_BY_POLICY, copy_id, new_uuid())
    finally:
        await connection.close()
