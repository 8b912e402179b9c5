"""The tenancy matrix's rows: every protected route, the right that it asks for, and what who has it gets."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.ids import new_uuid
from tenancy.permissions import Right

KEY: Mapping[str, object] = {"name": "Nightly report", "scopes": ["proposals:read:team"]}
ROLE: Mapping[str, object] = {"name": "Signer", "permissions": ["proposals:*:team"]}
CREDIT = {"reason": "product_unsatisfactory", "memo": "Scratched boards"}

VIEW: Mapping[str, object] = {
    "name": "Mine",
    "filter": {"decision": ["pending"]},
    "sort": "-risk",
    "columns": [{"id": "status"}],
}


@dataclass(frozen=True)
class Case:
    """``of`` names the object in the path, ``status`` is what ``by``, who has the right, gets."""

    method: str
    path: str
    right: Right | None
    status: int = 200
    of: str | None = None
    body: Mapping[str, object] | None = None
    by: str = "lead"
    query: str = ""


CASES = [
    Case("GET", "/api/v1/me", None),
    Case("GET", "/api/v1/playbooks", Right.PLAYBOOKS_READ),
    Case("POST", "/api/v1/playbooks/{playbook_id:uuid}/runs", Right.RUNS_CREATE, 202, "playbook"),
    Case(
        "GET",
        "/api/v1/playbooks/{playbook_id:uuid}/triggers",
        Right.PLAYBOOKS_READ,
        of="playbook",
    ),
    Case(
        "PUT",
        "/api/v1/playbooks/{playbook_id:uuid}/triggers/{kind:str}",
        Right.PLAYBOOKS_UPDATE,
        of="playbook",
        body={"enabled": True},
    ),
    Case("GET", "/api/v1/runs", Right.RUNS_READ),
    Case("GET", "/api/v1/runs/{run_id:uuid}", Right.RUNS_READ, of="run"),
    Case("GET", "/api/v1/runs/{run_id:uuid}/trace", Right.RUNS_READ, of="run"),
    Case(
        "POST",
        "/api/v1/runs/{run_id:uuid}/cancel",
        Right.RUNS_UPDATE,
        of="spare_run",
        body={"reason": "The wrong playbook"},
    ),
    Case(
        "POST",
        "/api/v1/runs/{run_id:uuid}/terminate",
        Right.RUNS_UPDATE,
        of="other_run",
        body={"reason": "It does not react"},
    ),
    Case("GET", "/api/v1/proposals", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/proposals/columns", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/proposals/columns/options", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/proposals/summary", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/proposals/export", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/inbox/counts", Right.PROPOSALS_READ),
    Case("GET", "/api/v1/views", Right.PROPOSALS_READ),
    Case("POST", "/api/v1/views", Right.PROPOSALS_READ, 201, body={**VIEW, "name": "Another"}),
    Case("PUT", "/api/v1/views/{view_id:uuid}", Right.PROPOSALS_READ, of="view", body=VIEW),
    Case("DELETE", "/api/v1/views/{view_id:uuid}", Right.PROPOSALS_READ, 204, "view"),
    Case(
        "POST",
        "/api/v1/proposals/bulk/preview",
        Right.PROPOSALS_APPROVE,
        body={"kind": "approve", "selection": {"filter": {}}},
    ),
    Case(
        "POST",
        "/api/v1/proposals/bulk",
        Right.PROPOSALS_APPROVE,
        body={"kind": "approve", "items": [{"id": str(new_uuid()), "digest": "0"}]},
    ),
    Case("GET", "/api/v1/proposals/{proposal_id:uuid}", Right.PROPOSALS_READ, of="proposal"),
    Case(
        "GET",
        "/api/v1/proposals/{proposal_id:uuid}/receivers",
        Right.PROPOSALS_APPROVE,
        of="proposal",
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/questions",
        Right.PROPOSALS_APPROVE,
        201,
        "proposal",
        {"text": "Has the customer been called?"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/comments",
        Right.PROPOSALS_APPROVE,
        201,
        "proposal",
        {"text": "I have called the customer"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/revisions",
        Right.PROPOSALS_APPROVE,
        of="credit",
        body={"digest": "", "reason": "Half of it", "parameters": {**CREDIT, "amount": 2_500}},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/undo",
        Right.PROPOSALS_APPROVE,
        202,
        "executed",
        {"reason": "The wrong invoice"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/decisions",
        Right.PROPOSALS_APPROVE,
        of="proposal",
        body={"kind": "reject", "digest": "", "reason": "Paid by cheque"},
    ),
    Case(
        "POST",
        "/api/v1/proposals/{proposal_id:uuid}/effect",
        Right.PROPOSALS_APPROVE,
        of="unknown",
        body={"kind": "mark_not_done", "reason": "Nothing is there"},
    ),
    Case(
        "PUT",
        "/api/v1/connections/{connection_id:uuid}/webhook-secrets",
        Right.CONNECTORS_UPDATE,
        of="connection",
        body={"secrets": ["whsec_matrix_0123456789"]},
        by="admin",
    ),
    Case(
        "GET",
        "/api/v1/connections/{connection_id:uuid}/events",
        Right.CONNECTORS_READ,
        of="connection",
        by="admin",
    ),
    Case(
        "POST",
        "/api/v1/connections/{connection_id:uuid}/events/{event_id:uuid}/replay",
        Right.CONNECTORS_UPDATE,
        202,
        "connection",
        by="admin",
    ),
    Case("GET", "/api/v1/budget", Right.BILLING_READ, by="admin"),
    Case(
        "PUT",
        "/api/v1/budget",
        Right.BILLING_UPDATE,
        body={"tokens": 1_000_000, "microUsd": None},
        by="admin",
    ),
    Case("GET", "/api/v1/model-keys", Right.SETTINGS_READ),
    Case(
        "PUT",
        "/api/v1/model-keys/{provider:str}",
        Right.SETTINGS_ADMIN,
        body={"key": "sk-matrix-0123456789"},
        by="admin",
    ),
    Case("DELETE", "/api/v1/model-keys/{provider:str}", Right.SETTINGS_ADMIN, by="admin"),
    Case("GET", "/api/v1/api-keys", Right.API_KEYS_READ),
    Case("POST", "/api/v1/api-keys", Right.API_KEYS_CREATE, 201, body=KEY),
    Case("POST", "/api/v1/api-keys/{key_id:uuid}/rotate", Right.API_KEYS_CREATE, of="api_key"),
    Case("DELETE", "/api/v1/api-keys/{key_id:uuid}", Right.API_KEYS_DELETE, 204, "api_key"),
    Case("GET", "/api/v1/events", None),
    Case("GET", "/api/v1/analytics/overview", Right.ANALYTICS_READ),
    Case("GET", "/api/v1/status", None),
    Case("GET", "/api/v1/activity", None),
    Case("GET", "/api/v1/notifications", None),
    Case("POST", "/api/v1/notifications/read", None, body={}),
    Case("PATCH", "/api/v1/me", None, body={"name": "lead One"}),
    Case("GET", "/api/v1/me/preferences", None),
    Case("PUT", "/api/v1/me/preferences", None, body={"theme": "dark"}),
    Case("GET", "/api/v1/me/sessions", None),
    Case("DELETE", "/api/v1/me/sessions/{session_id:uuid}", None, 204, "session"),
    Case("POST", "/api/v1/me/sessions/revoke-others", None),
    Case("GET", "/api/v1/audit", Right.AUDIT_LOGS_READ),
    Case("GET", "/api/v1/audit/acts", Right.AUDIT_LOGS_READ),
    Case("GET", "/api/v1/audit/checkpoints", Right.AUDIT_LOGS_READ),
    Case(
        "GET",
        "/api/v1/audit/consistency",
        Right.AUDIT_LOGS_READ,
        404,
        query="first=1000000&second=2000000",
    ),
    Case(
        "GET",
        "/api/v1/audit/{entry_id:uuid}/inclusion",
        Right.AUDIT_LOGS_READ,
        409,
        of="audit_entry",
    ),
    Case("GET", "/api/v1/audit/export", Right.AUDIT_LOGS_EXPORT, query="format=csv", by="admin"),
    # What would change how the shared people log in is met with the refusal of a wrong proof.
    Case("POST", "/api/v1/me/password", None, 422, body={"password": "x", "new": "y" * 12}),
    Case("GET", "/api/v1/me/totp", None),
    Case("POST", "/api/v1/me/totp", None, 422, body={"password": "x"}),
    Case("POST", "/api/v1/me/totp/confirm", None, 409, body={"code": "000000"}),
    Case("POST", "/api/v1/me/totp/recovery-codes", None, 422, body={"password": "x"}),
    Case("POST", "/api/v1/me/totp/disable", None, 422, body={"password": "x"}),
    Case("GET", "/api/v1/usage", Right.SETTINGS_READ),
    Case("GET", "/api/v1/organization", Right.SETTINGS_READ),
    Case(
        "PATCH",
        "/api/v1/organization",
        Right.SETTINGS_UPDATE,
        body={"name": "Brindlemoor Ltd"},
        by="admin",
    ),
    Case("GET", "/api/v1/outbox", None, 404),
    Case("GET", "/api/v1/invitations", Right.USERS_READ),
    Case(
        "POST",
        "/api/v1/invitations",
        Right.USERS_CREATE,
        201,
        body={"email": "invited@people.example", "role": "viewer"},
        by="admin",
    ),
    Case(
        "POST",
        "/api/v1/invitations/{invitation_id:uuid}/resend",
        Right.USERS_CREATE,
        of="invitation",
        by="admin",
    ),
    Case(
        "DELETE",
        "/api/v1/invitations/{invitation_id:uuid}",
        Right.USERS_CREATE,
        204,
        "revoked",
        by="admin",
    ),
    Case("GET", "/api/v1/members", Right.USERS_READ),
    Case(
        "PATCH",
        "/api/v1/members/{user_id:uuid}",
        Right.USERS_UPDATE,
        204,
        "member",
        body={"role": "viewer"},
        by="admin",
    ),
    Case("DELETE", "/api/v1/members/{user_id:uuid}", Right.USERS_DELETE, 204, "member", by="admin"),
    Case("GET", "/api/v1/roles", Right.USERS_READ),
    Case("POST", "/api/v1/roles", Right.SETTINGS_ADMIN, 201, body=ROLE, by="admin"),
    Case(
        "PATCH",
        "/api/v1/roles/{role_id:uuid}",
        Right.SETTINGS_ADMIN,
        of="role",
        body={"name": "Watcher"},
        by="admin",
    ),
    Case("DELETE", "/api/v1/roles/{role_id:uuid}", Right.SETTINGS_ADMIN, 204, "role", by="admin"),
    Case("GET", "/api/v1/teams", Right.USERS_READ),
    Case("POST", "/api/v1/teams", Right.USERS_UPDATE, 201, body={"name": "Audit"}, by="admin"),
    Case(
        "PUT",
        "/api/v1/teams/{team_id:uuid}",
        Right.USERS_UPDATE,
        of="team",
        body={"name": "Accounts"},
        by="admin",
    ),
    Case("DELETE", "/api/v1/teams/{team_id:uuid}", Right.USERS_UPDATE, 204, "team", by="admin"),
    Case("DELETE", "/api/v1/me/membership", None, 204, by="outsider"),
]
