# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator,no-any-return"
"""The credit as a DBOS workflow, written as its documentation recommends.

Every outside call is a step, the wait for the person is ``recv``, the workflow id is the idempotency key. Launching
recovers what was interrupted: no code for that stands here.
"""

from commands import arguments, serve
from dbos import DBOS, SetWorkflowID
from outside import Outside

WAIT_SECONDS = 3600
STATE = "state"

given = arguments()
outside = Outside(given.secret, given.base, look_first=given.look_first)
DBOS(
    config={
        "name": "credits",
        "system_database_url": given.database,
        "application_version": "1",
        "log_level": "WARNING",
    }
)


@DBOS.step()
def read_balance(invoice: str) -> int:
    """What is still owed."""
    return outside.open_balance(invoice)


@DBOS.step()
def credit(invoice: str, key: str) -> str:
    """The effect."""
    return outside.credit(invoice, key)


@DBOS.workflow()
def remedy(invoice: str) -> str:
    """Read, ask, credit."""
    balance = read_balance(invoice)
    DBOS.set_event(STATE, "waiting")
    answer = DBOS.recv(timeout_seconds=WAIT_SECONDS)
    if answer != "approve" or balance == 0:
        return "nothing done"
    DBOS.set_event(STATE, "working")
    return credit(invoice, str(DBOS.workflow_id))


class Credits:
    """The application around the workflow."""

    def start(self, run: str, invoice: str) -> None:
        """Begin a workflow whose id is the run."""
        with SetWorkflowID(run):
            DBOS.start_workflow(remedy, invoice)

    def approve(self, run: str) -> None:
        """Send the answer."""
        DBOS.send(run, "approve", idempotency_key=f"{run}-approve")

    def resume(self, run: str) -> None:
        """Nothing: ``DBOS.launch`` has recovered every pending workflow."""

    def state(self, run: str) -> str:
        """From the workflow's status and its event."""
        status = DBOS.retrieve_workflow(run).get_status().status
        if status == "PENDING":
            return DBOS.get_event(run, STATE, timeout_seconds=0) or "working"
        return "done" if status == "SUCCESS" else "failed"


if __name__ == "__main__":
    DBOS.launch()
    serve(Credits())
