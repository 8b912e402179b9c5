"""Whom and what a workflow is about, as logs and spans name it: ids alone."""

from backend.core.telemetry import Attributes
from workflows.contracts import organization_of, run_of


def about(workflow_id: str) -> Attributes:
    """Attributes of every span of this workflow."""
    named = {
        "countersign.org_id": str(organization_of(workflow_id)),
        "temporal.workflow_id": workflow_id,
    }
    run_id = run_of(workflow_id)
    return named if run_id is None else {**named, "countersign.run_id": str(run_id)}
