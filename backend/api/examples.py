"""Example values for the OpenAPI document: made from the wire types, so that each has one and none can be wrong."""

from typing import Any

from msgspec import inspect

_ID = "01939f3a-7c1e-7d52-9a41-5b8f0c2d6e90"
_AT = "2026-11-29T09:00:00Z"
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_SENTENCE = "Credit €120.00 on invoice BR-1042 of Harbour Optics"
_KNOWN: dict[str, Any] = {
    "BulkRequest.to": None,
    "Check.id": "database",
    "Check.state": "ok",
    "Column.id": "risk",
    "Decision.kind": "approve",
    "DecisionRequest.to": None,
    "Figure.unit": "count",
    "Notification.kind": "asked",
    "Option.value": "pending",
    "OrganizationRef.status": "active",
    "Playbook.name": "Overdue invoices",
    "Policy.reason": "a credit needs one signature",
    "RightInfo.action": "approve",
    "RightInfo.resource": "proposals",
    "RightInfo.scopes": ["self", "team", "org", "all"],
    "RightInfo.yours": "org",
    "RiskReason.label": "The customer never had a credit before",
    "RoleInfo.name": "Credit approver",
    "RoleInfo.teams": ["Receivables"],
    "RoleWish.name": "Credit approver",
    "RunRow.state": "waiting",
    "RunDetail.state": "waiting",
    "RunTrace.state": "waiting",
    "Target.kind": "invoice",
    "Trigger.kind": "schedule",
    "accessToken": "eyJhbGciOiJIUzI1NiJ9…",
    "action": "stripe.credit_note",
    "actionLabel": "Credit note",
    "band": "moderate",
    "box": "mine",
    "button": "Approve credit",
    "confidence": 0.92,
    "currency": "EUR",
    "decision": "pending",
    "digest": _DIGEST,
    "done": "Credited",
    "email": "ada@brindlemoor.example",
    "execution": "none",
    "expiresIn": 900,
    "exponent": 2,
    "grants": ["proposals:approve:team"],
    "initials": "AK",
    "instance": "5b1f2c9e7d0a4c6f8e3b",
    "kind": "approve",
    "liveCheck": "unchanged",
    "minor": 12_000,
    "name": "Ada King",
    "next": "/proposals",
    "nextCursor": "yQ3o…",
    "organization": "brindlemoor",
    "party": "Harbour Optics",
    "password": "correct horse battery staple",
    "permissions": ["proposals:approve:team"],
    "playbook": "Overdue invoices",
    "reason": "The boards arrived scratched",
    "record": "invoice BR-1042",
    "refreshToken": "3q2-7w…",
    "role": "team_lead",
    "roleName": "Team lead",
    "roles": ["team_lead"],
    "score": 34,
    "seal": "pending",
    "sentence": _SENTENCE,
    "slug": "brindlemoor",
    "sort": "-createdAt",
    "sourceId": "in_1042",
    "state": "ok",
    "summary": "Forty days overdue and never reminded",
    "system": "stripe",
    "team": "Receivables",
    "text": _SENTENCE,
    "theme": "dark",
    "tokenType": "Bearer",
    "url": "https://dashboard.stripe.com/invoices/in_1042",
    "verb": "Credit",
}
_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.BoolType: False,
    inspect.IntType: 1,
    inspect.FloatType: 1,
    inspect.DictType: {},
    inspect.UUIDType: _ID,
    inspect.DateTimeType: _AT,
    inspect.DateType: _AT[:10],
}


def example_of(annotation: Any) -> Any:  # noqa: ANN401 - a type, and a JSON value
    """A value of this type as it goes over the wire."""
    return _value(inspect.type_info(annotation), "", "")


def _value(shape: inspect.Type, owner: str, name: str) -> Any:  # noqa: ANN401 - a JSON value
    match shape:
        case inspect.StructType():
            return {field.encode_name: _field(field, shape.cls.__name__) for field in shape.fields}
        case inspect.ListType() | inspect.VarTupleType():
            return [_value(shape.item_type, owner, name)]
        case inspect.TupleType():
            return [_value(one, owner, name) for one in shape.item_types]
        case inspect.UnionType():
            return _value(shape.types[0], owner, name)
        case inspect.StrType():
            return _ID if name == "id" or name.endswith("Id") else name or "text"
    return _PLAIN.get(type(shape))


def _field(field: inspect.Field, owner: str) -> Any:  # noqa: ANN401 - a JSON value
    name = field.encode_name
    plain = _value(field.type, owner, name)
    for known in (f"{owner}.{name}", name):
        if known in _KNOWN and _fits(_KNOWN[known], plain):
            return _KNOWN[known]
    return plain


def _fits(known: object, plain: object) -> bool:
    """A name may stand for a text here and for an object there."""
    both = (known, plain)
    numbers = all(isinstance(one, int | float) for one in both)
    return known is None or numbers or type(known) is type(plain)
