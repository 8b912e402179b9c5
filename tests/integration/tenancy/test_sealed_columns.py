"""Over the database's own catalogue: whatever holds bytes is either gone through by a rotation or is no secret."""

from sqlalchemy import text

from backend.core.db import Database
from backend.core.migrate import metadata
from backend.core.sealed import sealed_columns

_BYTES = text(
    "SELECT c.relname || '.' || a.attname FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relkind IN ('r', 'p') AND a.atttypid = 'bytea'::regtype"
)
NO_SECRETS = {
    # hashes of 256 random bits
    *("api_key.hash", "invitation.token_hash", "password_reset.token_hash", "recovery_code.hash"),
    *("refresh_token.token_hash", "web_session.token_hash"),
    # what proves the audit
    *("audit_checkpoint.root", "audit_checkpoint.signature", "audit_event.mac", "audit_head.mac"),
    *("audit_head.peaks", "audit_inbox.event_mac", "audit_link.mac"),
    # what the API has answered anyway
    *("stored_reply.body", "stored_reply.fingerprint"),
    # a part of the engine's histories, encrypted as they are, and never changed
    "stored_payload.data",
}


async def test_column_of_bytes_when_it_is_no_known_exception_then_a_rotation_goes_through_it(
    database: Database,
) -> None:
    async with database.system.connect() as connection:
        found = set(await connection.scalars(_BYTES))
    registered = {f"{one.table.name}.{one.column.name}" for one in sealed_columns(metadata())}
    assert found - NO_SECRETS == registered
    assert found >= NO_SECRETS


def test_purpose_of_each_column_names_columns_of_its_own_table_that_tell_rows_apart() -> None:
    for one in sealed_columns(metadata()):
        assert one.named, one.table.name
        if one.of_tenants:
            assert one.table.c.org_id in one.named, one.table.name
