"""Row-level security as SQL: which role may see which rows of which table. Used by migrations only.

Every policy goes through ``app_org()``, which is null without a tenant, so that an unbound session sees nothing.
"""

from collections.abc import Sequence

FUNCTIONS = """
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$
"""


def protect(table: str) -> list[str]:
    """Row-level security on, also for the owner, whose migrations see every row."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY owner_all ON {table} TO app_owner USING (true) WITH CHECK (true)",
    ]


def tenant_table(
    table: str, *, grants: Sequence[str] = ("SELECT", "INSERT", "UPDATE")
) -> list[str]:
    """A table of tenants' rows: ``app_rw`` sees and writes only those of its tenant."""
    own = "(org_id = app_org())"
    return [
        *protect(table),
        f"CREATE POLICY tenant ON {table} TO app_rw USING {own} WITH CHECK {own}",
        f"GRANT {', '.join(grants)} ON {table} TO app_rw",
    ]


def readable(table: str, condition: str) -> list[str]:
    """``app_rw`` may read the rows that fulfil ``condition`` and write none."""
    return [
        f"CREATE POLICY tenant ON {table} FOR SELECT TO app_rw USING ({condition})",
        f"GRANT SELECT ON {table} TO app_rw",
    ]


def system_table(table: str, *grants: str) -> list[str]:
    """What runs before a tenant is known (log-in, refresh, relay) may use this table over all tenants."""
    return _over_all(table, "system", grants)


def sealed_table(table: str, *grants: str) -> list[str]:
    """The sealer of the audit may use this table over all tenants."""
    return _over_all(table, "sealer", grants)


def _over_all(table: str, who: str, grants: Sequence[str]) -> list[str]:
    return [
        f"CREATE POLICY {who}_all ON {table} TO app_{who} USING (true) WITH CHECK (true)",
        f"GRANT {', '.join(grants)} ON {table} TO app_{who}",
    ]
