"""Acts of the audit in words."""

from tenancy.audit import AuditAction

_TITLES: dict[str, str] = {
    AuditAction.USER_LOGGED_IN: "Signed in",
    AuditAction.USER_LOGIN_REFUSED: "Sign-in refused",
    AuditAction.USER_LOGGED_OUT: "Signed out",
    AuditAction.USER_SWITCHED: "Switched organization",
    AuditAction.USER_RENAMED: "Name changed",
    AuditAction.USER_PASSWORD_CHANGED: "Password changed",
    AuditAction.USER_PASSWORD_RESET_ASKED: "New password asked for",
    AuditAction.USER_PASSWORD_RESET: "Password set by mail",
    AuditAction.USER_TOTP_ENABLED: "Second factor turned on",
    AuditAction.USER_TOTP_DISABLED: "Second factor turned off",
    AuditAction.USER_RECOVERY_CODE_USED: "Recovery code used",
    AuditAction.SESSION_ROTATED: "Session renewed",
    AuditAction.SESSION_REVOKED: "Session ended",
    AuditAction.TOKEN_ISSUED: "Program signed in",
    AuditAction.TOKEN_REUSED: "Refresh token used twice",
    AuditAction.WEBHOOK_SECRETS_SET: "Webhook secrets set",
    AuditAction.PROPOSAL_UNDO_REQUESTED: "Undo asked for",
    AuditAction.PROPOSALS_EXPORTED: "Proposals exported",
    AuditAction.AUDIT_EXPORTED: "Audit exported",
    AuditAction.EFFECT_CONFIRMED: "Effect confirmed by the outside system",
    AuditAction.EFFECT_UNKNOWN: "Effect of unknown outcome",
    AuditAction.EFFECT_CHECKED: "Effect read back",
    AuditAction.EFFECT_MARKED_DONE: "Effect marked as done",
    AuditAction.EFFECT_MARKED_NOT_DONE: "Effect marked as not done",
}


def title(action: str) -> str:
    """The act as a heading; most names are one already: ``api_key.created`` is "API key created"."""
    words = action.replace(".", " ").replace("_", " ").capitalize()
    return _TITLES.get(action, words.replace("Api key", "API key"))
