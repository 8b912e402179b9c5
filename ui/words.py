"""Every word that the browser's own parts (grid, list, toasts) say.

They receive it once, when the page's module loads.
"""

from typing import Any

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

PALETTE = {
    "title": "Search or run a command",
    "none": "Nothing has these words.",
    "proposals": "Proposals",
    "views": "Views",
    "playbooks": "Playbooks",
    "run": "Run {}",
    "runs": "Newest runs",
    "started": "{} is running",
    "arrive": "Its proposals appear as they are made.",
    "notStarted": "The run was not started",
}

INBOX = {
    "groups": ["Overdue", "Due today", "Later"],
    "days": ["Today", "Yesterday", "Earlier"],
    "you": "needs you",
    "needs": "needs {} signatures",
    "signed": "{} signed",
}

FILTERS: dict[str, Any] = {
    "add": "Filter",
    "is": "is",
    "isNot": "is not",
    "between": "{} to {}",
    "least": "from {}",
    "most": "up to {}",
    "from": "From",
    "to": "To",
    "since": "From",
    "until": "Until",
    "currency": "Currency",
    "find": "Find",
    "done": "Done",
    "remove": "Remove the filter {}",
    "quick": {
        "due": [["Over", None, 0], ["In 24 hours", None, 1], ["In 7 days", None, 7]],
        "past": [["24 hours", 1, None], ["7 days", 7, None], ["30 days", 30, None]],
    },
    "other": {
        "box": {
            "title": "Inbox",
            "values": {
                "mine": "Your turn",
                "team": "Team",
                "waiting": "Waiting on others",
                "decided": "Decided",
            },
        },
        "run": {"title": "Run"},
        "decidedFrom": {"title": "Decided from"},
        "decidedTo": {"title": "Decided until"},
    },
}
"""Words of the filter editor. A quick choice is its name, days back and days ahead."""

BULK: dict[str, Any] = {
    "pick": "Select: {}",
    "every": "Select all that match",
    "name": "What is selected",
    "selected": "{} selected",
    "whole": "All {} that match",
    "all": "Select all {}",
    "clear": "Clear the selection",
    "risk": "highest risk {}",
    "offline": "Deciding is paused while there is no connection",
    "further": "{} more currencies",
    "bar": {"approve": "Approve {}…", "reject": "Reject…", "withdraw": "Withdraw…"},
    "asking": "Looking at each of them…",
    "failed": "This cannot be done at once",
    "ask": {
        "approve": ["Approve {} proposal?", "Approve {} proposals?"],
        "reject": ["Reject {} proposal?", "Reject {} proposals?"],
        "withdraw": ["Withdraw {} proposal?", "Withdraw {} proposals?"],
    },
    "none": {
        "approve": "None of these can be approved",
        "reject": "None of these can be rejected",
        "withdraw": "None of these can be withdrawn",
    },
    "can": {
        "approve": "of {} can be approved",
        "reject": "of {} can be rejected",
        "withdraw": "of {} can be withdrawn",
    },
    "highest": "Highest risk",
    "others": ["needs another signature afterwards", "need another signature afterwards"],
    "held": "Held for {} s, and can be taken back until then",
    "reason": {"reject": "One reason for all of them", "withdraw": "One reason for all of them"},
    "hint": "The reason is kept with each proposal.",
    "mistake": "Say why. The reason is kept with each proposal.",
    "cancel": "Cancel",
    "acts": {"approve": "Approve {}", "reject": "Reject {}", "withdraw": "Withdraw {}"},
    "busy": {"approve": "Approving {}…", "reject": "Rejecting {}…", "withdraw": "Withdrawing {}…"},
    "done": {
        "approve": "{} approved",
        "reject": "{} rejected",
        "withdraw": "{} withdrawn",
        "take_back": "{} taken back",
    },
    "after": {
        "approve": "Each runs exactly as it was signed",
        "reject": "Nothing was changed",
        "withdraw": "Nothing was changed",
        "take_back": "Nothing was sent",
    },
    "outcome": {
        "approve": "{} of {} approved",
        "reject": "{} of {} rejected",
        "withdraw": "{} of {} withdrawn",
        "take_back": "{} of {} taken back",
    },
    "gone": "A proposal that is out of your reach",
    "back": "Take back ({} s)",
}
"""Words of deciding on many at once. Of two forms the first is of one."""

VIEWS = {
    "save": "Save view",
    "change": "Change view",
    "name": "Name",
    "share": "Share with",
    "nobody": "Nobody: it is mine alone",
    "keep": "Save",
    "cancel": "Cancel",
    "changed": "Changed",
    "discard": "Discard",
    "remove": "Delete view",
    "sure": "Delete it for everybody who has it",
    "more": "What can be done with this view",
    "kept": "The view was not deleted",
    "unsaved": "The view was not saved",
}
LAYOUT = {
    "up": "Move {} up",
    "down": "Move {} down",
    "pin": "Keep {} at the left",
    "usual": "Usual columns",
}

BROWSER: dict[str, Any] = {
    "locale": "en-GB",
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
    "toasts": {"list": "Messages", "close": "Close"},
    "fresh": {"one": "{} new proposal", "many": "{} new proposals"},
    "palette": PALETTE,
    "inbox": INBOX,
    "filters": FILTERS,
    "views": VIEWS,
    "layout": LAYOUT,
    "bulk": BULK,
    "said": {
        "reject": "Rejected. Nothing was changed",
        "take_back": "Taken back. Nothing was sent",
        "withdraw": "Withdrawn. Nothing was changed",
    },
}
