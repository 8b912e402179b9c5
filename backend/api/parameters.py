"""Refuses query parameters that a route does not declare, so that a misspelt filter is no silent "everything"."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from backend.api import sparse
from backend.core.errors import InvalidInputError, NotFoundError


def refuse_unknown_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Raise :class:`InvalidInputError` naming those that the handler does not know, or whose text nothing can keep."""
    if not all(is_text(one) for one in connection.path_params.values() if isinstance(one, str)):
        raise NotFoundError("there is nothing at this address")
    sent = connection.query_params
    if not sent:
        return
    known = set(written_names(handler).values())
    if sparse.selectable(handler):
        known.add(sparse.PARAMETER)
    if unknown := sorted(set(sent.keys()) - known):
        raise _refusal("unknown query parameter", unknown)
    if unfit := sorted({name for name, value in sent.multi_items() if not is_text(value)}):
        raise _refusal("is no text: it holds a NUL character or is not UTF-8", unfit)
    sparse.refuse_unknown_fields(connection, handler)


def written_names(handler: BaseRouteHandler) -> dict[str, str]:
    """The query parameters of a handler: what it calls them, and how they are written in the address."""
    signatures = [handler.parsed_fn_signature]
    signatures += [
        provide.parsed_fn_signature
        for name, provide in handler.resolve_dependencies().items()
        if name in handler.parsed_fn_signature.parameters
    ]
    return {
        name: field.kwarg_definition.name
        for signature in signatures
        for name, field in signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter) and field.kwarg_definition.name
    }


def is_text(value: str) -> bool:
    """Whether the database can keep it. U+FFFD stands where the address was not UTF-8."""
    return not {"\0", "\N{REPLACEMENT CHARACTER}"} & set(value)


def _refusal(message: str, names: list[str]) -> InvalidInputError:
    return InvalidInputError(
        f"{message}: {', '.join(names)}",
        errors=[{"field": name, "message": message} for name in names],
    )
