"""Lists as Stripe gives them: newest first, at most 100, `starting_after` and `ending_before`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.embedded.simulators.stripe.errors import StripeError, missing_object
from backend.embedded.simulators.stripe.params import INTEGER, TEXT, TEXTS, Param
from backend.embedded.simulators.stripe.store import Object

if TYPE_CHECKING:
    from backend.embedded.simulators.stripe.call import Call

PAGING: dict[str, Param] = {
    "limit": INTEGER,
    "starting_after": TEXT,
    "ending_before": TEXT,
    "expand": TEXTS,
}
MAX_PAGE = 100
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(call: "Call", kind: str, url: str, params: Mapping[str, Any], **columns: str) -> Object:
    """One page of a kind. `columns` maps a sent parameter to the column that it filters."""
    conditions: list[str] = []
    values: list[Any] = []
    for name, column in columns.items():
        if params.get(name) is None:
            continue
        if isinstance(params[name], dict):
            add_range(conditions, values, column, params[name])
        else:
            conditions.append(f"{column} = ?")
            values.append(params[name])
    order, limit = window(call, params, conditions, values, noun=kind)
    where = "".join(f" AND {condition}" for condition in conditions)
    rows = call.store.select(call.account, kind, where + order, (*values, limit + 1))
    return envelope(url, rows, limit, params)


def add_range(
    conditions: list[str], values: list[Any], column: str, bounds: Mapping[str, int]
) -> None:
    """`created[gte]=…` and its kin as conditions."""
    for name, bound in bounds.items():
        conditions.append(f"{column} {_OPERATORS[name]} ?")
        values.append(bound)


def window(
    call: "Call",
    params: Mapping[str, Any],
    conditions: list[str],
    values: list[Any],
    *,
    noun: str,
    table: str = "object",
) -> tuple[str, int]:
    """Add the cursor (and `created` of events) to the conditions; give the ORDER BY and the limit."""
    if table == "event" and "created" in params:
        add_range(conditions, values, "created", params["created"])
    for name, operator in (("starting_after", "<"), ("ending_before", ">")):
        cursor = params.get(name)
        if cursor is None:
            continue
        position = call.store.position(call.account, cursor, table)
        if position is None:
            raise missing_object(noun, cursor, name, status=400)
        conditions.append(f"(created, seq) {operator} (?, ?)")
        values += position
    direction = "ASC" if params.get("ending_before") else "DESC"
    return f" ORDER BY created {direction}, seq {direction} LIMIT ?", page_size(params)


def page_size(params: Mapping[str, Any]) -> int:
    """`limit`, 10 by default, 1 to 100."""
    limit: int = params.get("limit", 10)
    if limit > MAX_PAGE:
        raise StripeError(
            "This value must be less than or equal to 100.",
            code="parameter_invalid_integer",
            param="limit",
        )
    if limit < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def envelope(url: str, rows: Sequence[Object], limit: int, params: Mapping[str, Any]) -> Object:
    """The list object; one row more than the limit says that there is another page."""
    data = list(rows[:limit])
    if params.get("ending_before"):
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": url}
