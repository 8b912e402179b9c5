"""``fields=``: replies that hold only the named fields of a wire type, of a list's items or of a single object."""

import functools
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import inspect

from backend.core.errors import InvalidInputError
from backend.schemas.common import Wire

PARAMETER = "fields"
_ITEMS = "items"
_Connection = ASGIConnection[Any, Any, Any, Any]


def selectable(handler: BaseRouteHandler) -> tuple[str, ...]:
    """What ``fields`` may name at this route; nothing where the route answers something else than wire types."""
    if "GET" not in getattr(handler, "http_methods", ()):
        return ()
    return _fields_of(handler.parsed_fn_signature.return_type.annotation)


def selected(connection: _Connection) -> tuple[str, ...] | None:
    """The fields that the request names: separated by commas, or the parameter many times."""
    named = connection.query_params.getall(PARAMETER, [])
    return tuple(dict.fromkeys(",".join(named).split(","))) if named else None


def refuse_unknown_fields(connection: _Connection, handler: BaseRouteHandler) -> None:
    """Raise :class:`InvalidInputError` naming the fields that the reply does not have."""
    known = selectable(handler)
    unknown = [name for name in selected(connection) or () if name not in known]
    if unknown:
        raise InvalidInputError(
            f"unknown field: {', '.join(map(repr, unknown))}; there are: {', '.join(known)}",
            errors=[{"field": PARAMETER, "message": f"unknown field {name!r}"} for name in unknown],
        )


def narrowed(content: Wire, names: tuple[str, ...]) -> dict[str, object]:
    """The reply with these fields alone; a list keeps what stands around its items."""
    whole = _of(content)
    if isinstance(items := whole.get(_ITEMS), list):
        return {**whole, _ITEMS: [_only(item, names) for item in items]}
    return _only(content, names)


@functools.cache
def _fields_of(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - any return annotation
    if not isinstance(origin := getattr(annotation, "__origin__", annotation), type):
        return ()
    if not issubclass(origin, Wire):
        return ()
    shape = inspect.type_info(annotation)
    fields = shape.fields if isinstance(shape, inspect.StructType) else ()
    for field in fields:
        if field.encode_name == _ITEMS and isinstance(field.type, inspect.ListType):
            item = field.type.item_type
            return _names(item) if isinstance(item, inspect.StructType) else ()
    return _names(shape) if isinstance(shape, inspect.StructType) else ()


def _names(shape: inspect.StructType) -> tuple[str, ...]:
    return tuple(field.encode_name for field in shape.fields)


def _only(content: Wire, names: tuple[str, ...]) -> dict[str, object]:
    whole = _of(content)
    return {name: whole[name] for name in names}


def _of(content: Wire) -> dict[str, object]:
    return {
        field.encode_name: getattr(content, field.name) for field in msgspec.structs.fields(content)
    }
