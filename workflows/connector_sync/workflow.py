"""Brings a connection's canonical records up to date: customers first, then the invoices that name them."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.connector_sync import activities
    from workflows.contracts import Process, SyncCounts, SyncInput
    from workflows.runtime import policies


@workflow.defn(name=Process.CONNECTOR_SYNC)
class ConnectorSync:
    """One at a time per connection: its workflow id is the connection."""

    @workflow.run
    async def run(self, given: SyncInput) -> None:
        """All kinds of records, then the note on the connection."""
        customers = await workflow.execute_activity(
            activities.sync_customers, given, **policies.SYNC
        )
        invoices = await workflow.execute_activity(activities.sync_invoices, given, **policies.SYNC)
        counts = SyncCounts(given.org_id, given.connection_id, customers, invoices)
        await workflow.execute_activity(activities.finish_sync, counts, **policies.DATABASE)
