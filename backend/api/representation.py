"""What a GET answers: the fields that were asked for, with a strong entity tag, or 304 when the client has it."""

import hashlib
from http import HTTPStatus
from typing import Any, TypeVar

from litestar import Litestar, Request, Response
from litestar.response.base import ASGIResponse

from backend.api.sparse import narrowed, selected
from backend.schemas.common import Wire

T = TypeVar("T")
_KEPT_BY_THE_CLIENT = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


class Representation(Response[T]):
    """Replies of handlers that return wire types. The tag is made of the bytes that are sent."""

    def to_asgi_response(
        self,
        app: Litestar | None,
        request: Request[Any, Any, Any],
        **given: Any,  # noqa: ANN401 - Litestar's own
    ) -> ASGIResponse:
        """The reply to this request."""
        if request.method != "GET" or not isinstance(self.content, Wire):
            return super().to_asgi_response(app, request, **given)
        if (names := selected(request)) is not None:
            self.content = narrowed(self.content, names)  # type: ignore[assignment]
        whole = super().to_asgi_response(app, request, **given)
        tag = f'"{hashlib.sha256(whole.body).hexdigest()[:32]}"'
        headers = {**_KEPT_BY_THE_CLIENT, "ETag": tag}
        if _has(request.headers.getall("If-None-Match", []), tag):
            return ASGIResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        for name, value in headers.items():
            whole.headers[name] = value
        return whole


def _has(given: list[str], tag: str) -> bool:
    """Whether the client names this tag (RFC 9110, 13.1.2: the comparison is weak)."""
    named = {one.strip().removeprefix("W/") for one in ",".join(given).split(",")}
    return "*" in named or tag in named
