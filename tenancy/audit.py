"""Names of the acts that the audit keeps."""

from enum import StrEnum


class AuditAction(StrEnum):
    """``resource.verb_past``; an act that matters to security or to money has a name here."""

    USER_LOGGED_IN = "user.logged_in"
    USER_LOGGED_OUT = "user.logged_out"
    USER_SWITCHED = "user.switched_organization"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 - the name of an act, not a secret
    TOKEN_REFRESHED = "token.refreshed"  # noqa: S105
    TOKEN_REUSED = "token.reused"  # noqa: S105
    ORGANIZATION_CREATED = "organization.created"
    MEMBER_ADDED = "member.added"
    CONNECTION_CREATED = "connection.created"
    CONNECTION_SYNCED = "connection.synced"
    PLAYBOOK_CREATED = "playbook.created"
    PLAYBOOK_PUBLISHED = "playbook.published"
    BUDGET_CHANGED = "budget.changed"
    MODEL_KEY_SET = "model_key.set"
    MODEL_KEY_REMOVED = "model_key.removed"
    RUN_REQUESTED = "run.requested"
    RUN_CANCELLED = "run.cancelled"
    RUN_TERMINATED = "run.terminated"
    PROPOSAL_CREATED = "proposal.created"
    PROPOSAL_APPROVED = "proposal.approved"
    PROPOSAL_SIGNED = "proposal.signed"
    PROPOSAL_REJECTED = "proposal.rejected"
    PROPOSAL_EXPIRED = "proposal.expired"
    PROPOSAL_STALE = "proposal.found_stale"
    PROPOSAL_TAKEN_BACK = "proposal.taken_back"
    PROPOSAL_WITHDRAWN = "proposal.withdrawn"
    EFFECT_CLAIMED = "effect.claimed"
    EFFECT_DISPATCHED = "effect.dispatched"
    EFFECT_CONFIRMED = "effect.confirmed"
    EFFECT_FAILED = "effect.failed"
    EFFECT_UNKNOWN = "effect.unknown"
    EFFECT_CHECKED = "effect.checked"
    EFFECT_MARKED_DONE = "effect.marked_done"
    EFFECT_MARKED_NOT_DONE = "effect.marked_not_done"
