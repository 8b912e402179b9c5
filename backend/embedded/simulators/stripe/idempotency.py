"""Idempotency keys and the log of executed requests, written in the transaction of the change."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError
from backend.embedded.simulators.stripe.store import Account, Store

LIFETIME = 86_400
MAX_KEY = 255


@dataclass(frozen=True)
class Stored:
    """The first answer under a key."""

    status: int
    body: str
    request_id: str


def recall(call: Call, fingerprint: str) -> Stored | None:
    """The stored answer of this key; other parameters raise, after 24 hours it is forgotten."""
    if call.idempotency_key is None:
        return None
    row = call.store.db.execute(
        "SELECT * FROM idempotency WHERE account = ? AND key = ?",
        (call.account.row, call.idempotency_key),
    ).fetchone()
    if row is None or call.now - row["created"] >= LIFETIME:
        return None
    if row["fingerprint"] != fingerprint:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{call.idempotency_key}' if you meant "
            "to execute a different request.",
            kind="idempotency_error",
        )
    return Stored(row["status"], row["body"], row["request_id"])


def remember(call: Call, fingerprint: str, status: int, body: str) -> None:
    """Keep the answer under the key."""
    if call.idempotency_key is None:
        return
    call.store.db.execute(
        "INSERT OR REPLACE INTO idempotency"
        " (account, key, fingerprint, status, body, request_id, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            call.account.row,
            call.idempotency_key,
            fingerprint,
            status,
            body,
            call.request_id,
            call.now,
        ),
    )


def log(call: Call, method: str, path: str, status: int) -> None:
    """Note that a writing request was really carried out."""
    call.store.db.execute(
        "INSERT INTO execution (account, key, method, path, status, created)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (call.account.row, call.idempotency_key, method, path, status, call.now),
    )


def in_progress(key: str) -> StripeError:
    """Another request with this key has not been answered yet."""
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def counts(store: Store, account: Account) -> dict[str, Any]:
    """The outside truth: objects per kind, executions per key, and every execution in order."""
    rows = store.db.execute(
        "SELECT key, method, path, status, created FROM execution WHERE account = ? ORDER BY seq",
        (account.row,),
    ).fetchall()
    executed = Counter(row["key"] for row in rows if row["key"] is not None)
    return {
        "objects": store.count_objects(account),
        "executed": dict(executed),
        "executions": [dict(row) for row in rows],
    }
