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
    unknown = sorted(set(sent) - declared(handler))
    if unknown:
        raise InvalidInputError(
            f"unknown query parameter: {', '.join(unknown)}",
            errors=[{"field": name, "message": "unknown query parameter"} for name in unknown],
        )


def declared(handler: BaseRouteHandler) -> frozenset[str]:
    """The query parameters of a handler, as they are written in the address."""
    definitions = (
        field.kwarg_definition for field in handler.parsed_fn_signature.parameters.values()
    )
    return frozenset(
        definition.name
        for definition in definitions
        if isinstance(definition, QueryParameter) and definition.name
    )
