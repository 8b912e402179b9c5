"""What a run of the agent carries into every model call and tool: ids only, for they lie in the history."""

from dataclasses import dataclass

from backend.core.ids import OrgId, RunId, UserId


@dataclass(frozen=True)
class Deps:
    """The organization, the person whose rights the tools use, the run that names the record, the model."""

    org_id: OrgId
    user_id: UserId
    run_id: RunId
    model: str
