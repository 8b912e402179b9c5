"""The event stream: what happened to which object, as it was then, and by which request."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.embedded.simulators.stripe.errors import missing_object
from backend.embedded.simulators.stripe.listing import PAGING, envelope, window
from backend.embedded.simulators.stripe.params import RANGE, TEXT, TEXTS, Param, choice
from backend.embedded.simulators.stripe.store import Object, pack, unpack

if TYPE_CHECKING:
    from backend.embedded.simulators.stripe.call import Call

API_VERSION = "2026-08-26.dahlia"
RETENTION = 30 * 86_400
LIST: dict[str, Param] = {
    **PAGING,
    "created": RANGE,
    "type": TEXT,
    "types": TEXTS,
    "delivery_success": choice("true", "false"),
}


def emit(call: "Call", name: str, body: Object, before: Object | None = None) -> None:
    """Record that something happened; events too old to be listed are not kept at all."""
    if call.now < call.events_since:
        return
    event_id = call.new_id("evt")
    head: Object = {"request": {"id": call.request_id, "idempotency_key": call.idempotency_key}}
    if before is not None:
        head["previous"] = {key: before.get(key) for key in body if body[key] != before.get(key)}
    call.store.db.execute(
        "INSERT INTO event (account, id, type, created, subject, head, snapshot)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (call.account.row, event_id, name, call.now, body["id"], json.dumps(head), pack(body)),
    )
    for endpoint in call.store.select(call.account, "webhook_endpoint"):
        wanted = endpoint["enabled_events"]
        if endpoint["status"] == "enabled" and ("*" in wanted or name in wanted):
            call.store.db.execute(
                "INSERT INTO delivery (account, endpoint, event) VALUES (?, ?, ?)",
                (call.account.row, endpoint["id"], event_id),
            )


def list_events(call: "Call", params: Mapping[str, Any]) -> Object:
    """`GET /v1/events`, the last 30 days, newest first."""
    conditions = ["created >= ?"]
    values: list[Any] = [call.now - RETENTION]
    names = [*params.get("types", []), *([params["type"]] if params.get("type") else [])]
    if names:
        # `invoice.*` is a documented form; GLOB reads it the same way.
        conditions.append("(" + " OR ".join("type GLOB ?" for _ in names) + ")")
        values += names
    if "delivery_success" in params:
        pending = "SELECT 1 FROM delivery WHERE delivery.event = event.id AND done = 0"
        negation = "NOT " if params["delivery_success"] == "true" else ""
        conditions.append(f"{negation}EXISTS ({pending})")
    order, limit = window(call, params, conditions, values, noun="event", table="event")
    rows = call.store.db.execute(
        "SELECT * FROM event WHERE account = ? AND " + " AND ".join(conditions) + order,  # noqa: S608
        (call.account.row, *values, limit + 1),
    ).fetchall()
    return envelope("/v1/events", [_event(call, row) for row in rows], limit, params)


def get_event(call: "Call", event_id: str) -> Object:
    """`GET /v1/events/{id}`."""
    event = find(call, event_id)
    if event is None or event["created"] < call.now - RETENTION:
        raise missing_object("event", event_id, "id")
    return event


def find(call: "Call", event_id: str) -> Object | None:
    """An event however old: its delivery may still be due."""
    row = call.store.db.execute(
        "SELECT * FROM event WHERE account = ? AND id = ?", (call.account.row, event_id)
    ).fetchone()
    return _event(call, row) if row else None


def of_subject(call: "Call", object_id: str) -> list[Object]:
    """Everything that happened to one object, newest first (for the human-readable page)."""
    rows = call.store.db.execute(
        "SELECT * FROM event WHERE account = ? AND subject = ? ORDER BY seq DESC LIMIT 50",
        (call.account.row, object_id),
    )
    return [_event(call, row) for row in rows]


def _event(call: "Call", row: Mapping[str, Any]) -> Object:
    head = json.loads(row["head"])
    data: Object = {"object": unpack(row["snapshot"])}
    if "previous" in head:
        data["previous_attributes"] = head["previous"]
    pending = call.store.db.execute(
        "SELECT count(*) FROM delivery WHERE event = ? AND done = 0", (row["id"],)
    ).fetchone()[0]
    return {
        "id": row["id"],
        "object": "event",
        "api_version": API_VERSION,
        "created": row["created"],
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": head["request"],
        "type": row["type"],
    }
