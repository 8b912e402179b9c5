"""Every word that the browser's own parts (grid, list, toasts) say.

They receive it once, when the page's module loads.
"""

from typing import Any

COLUMNS: list[dict[str, Any]] = [
    {
        "colId": "status",
        "headerName": "Status",
        "width": 140,
        "pinned": "left",
        "suppressMovable": True,
    },
    {"colId": "change", "headerName": "Change", "flex": 1, "minWidth": 200},
    {"colId": "party", "headerName": "Customer", "width": 208, "from": 940},
    {"colId": "record", "headerName": "Record", "width": 132, "from": 1150},
    {"colId": "amount", "headerName": "Amount", "width": 138, "sort": "amount", "end": True},
    {"colId": "risk", "headerName": "Risk", "width": 112, "sort": "risk"},
    {"colId": "signed", "headerName": "Signed by", "width": 88, "from": 1050},
    {"colId": "due", "headerName": "Due", "width": 120, "sort": "dueAt"},
    {"colId": "playbook", "headerName": "Playbook", "width": 180, "from": 1400},
    {"colId": "confidence", "headerName": "Confidence", "width": 116, "from": 1400, "end": True},
]
"""Columns of the matrix. ``from``: shown when the grid is at least so wide; ``sort``: the API's sort key."""

STATES = {
    "pending": "Pending",
    "yours": "Your turn",
    "partial": "{} of {} signed",
    "signing": "Signing…",
    "rejecting": "Rejecting…",
    "sending": "Sending…",
    "approved": "Approved",
    "queued": "Queued",
    "executing": "Executing",
    "executed": "Executed",
    "rejected": "Rejected",
    "expired": "Expired",
    "withdrawn": "Withdrawn",
    "stale": "Stale",
    "failed": "Failed",
    "unknown": "Unknown",
    "undone": "Undone",
}

BROWSER: dict[str, Any] = {
    "locale": "en-GB",
    "columns": COLUMNS,
    "state": STATES,
    "risk": ["Low risk", "Moderate risk", "High risk", "Critical risk"],
    "riskLabel": "Risk {} of 100, {}",
    "time": {
        "now": "just now",
        "min": "{} min",
        "h": "{} h",
        "d": "{} d",
        "ago": "{} ago",
        "over": "{} over",
    },
    "slots": {
        "policy": "by policy",
        "you": "Your signature",
        "open": "Open",
        "label": "{} of {} signed",
    },
    "noAmount": "No amount",
    "more": "Show more ({} of {})",
    "network": "There is no connection to Countersign. Try again when it is back.",
    "refused": {
        "stale": "Not carried out: the record changed",
        "already_decided": "Somebody decided before you",
        "already_claimed": "Too late to take it back",
        "outcome_known": "The outcome is known already",
        "digest_mismatch": "The card was not the newest",
        "own_request": "You may not decide this one",
        "permission_denied": "You may not decide this one",
        "network": "Not recorded",
        "rate_limited": "Too many requests",
        "other": "Not recorded",
    },
    "toast": {
        "partial": "Signed. One more signature is needed",
        "executed": "Ran exactly what you approved",
        "failed": "Refused by the outside system",
        "unknown": "Sent, but the outcome is not known yet",
        "stale": "Not carried out: the record changed",
    },
    "said": {
        "reject": "Rejected. Nothing was changed",
        "take_back": "Taken back. Nothing was sent",
        "withdraw": "Withdrawn. Nothing was changed",
    },
}
