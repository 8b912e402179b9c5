"""The routes of an application, as tests walk them."""

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler


def handlers(app: Litestar) -> list[tuple[str, HTTPRouteHandler]]:
    """Every route that we have written, not the OPTIONS that Litestar adds."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            methods = handler.http_methods - {"OPTIONS"}
            found += [(f"{method} {route.path}", handler) for method in sorted(methods)]
    return found


def as_documented(name: str) -> str:
    """A route's name as the OpenAPI document writes it."""
    return name.replace(":uuid}", "}").replace(":str}", "}")
