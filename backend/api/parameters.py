"""Refuses query parameters that a route does not declare, so that a misspelt filter is no silent "everything"."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from backend.core.errors import InvalidInputError


def refuse_unknown_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Raise :class:`InvalidInputError` naming those that the handler does not know."""
    sent = connection.query_params.keys()
    if not sent:
        return
    unknown = sorted(set(sent) - set(written_names(handler).values()))
    if unknown:
        raise InvalidInputError(
            f"unknown query parameter: {', '.join(unknown)}",
            errors=[{"field": name, "message": "unknown query parameter"} for name in unknown],
        )


def written_names(handler: BaseRouteHandler) -> dict[str, str]:
    """The query parameters of a handler: what it calls them, and how they are written in the address."""
    return {
        name: field.kwarg_definition.name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter) and field.kwarg_definition.name
    }
