"""A page that shows the OpenAPI document: Swagger UI from an installed package, nothing from another host."""

import functools

from litestar import Response, get
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from swagger_ui_bundle import swagger_ui_path

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; "  # Swagger UI sets widths in the page
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-cache",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Countersign API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/schema/docs/swagger-ui.css">
<main id="page"></main>
<script src="/schema/docs/swagger-ui-bundle.js"></script>
<script src="/schema/docs/start.js"></script>
</html>
"""
_START = b"""SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    request.headers["X-Countersign"] = "1"; // a write with the session's cookie needs it
    return request;
  },
});
"""
_SCRIPT = "text/javascript"
_VENDOR = {"swagger-ui-bundle.js": _SCRIPT, "swagger-ui.css": MediaType.CSS}


@get("/docs", media_type=MediaType.HTML)
async def page() -> Response[str]:
    """The page."""
    return Response(_PAGE, media_type=MediaType.HTML, headers=_HEADERS)


@get("/docs/{name:str}")
async def part(name: FromPath[str]) -> Response[bytes]:
    """A script or style sheet of the page."""
    if name == "start.js":
        return Response(_START, media_type=_SCRIPT, headers=_HEADERS)
    if name not in _VENDOR:
        raise NotFoundException
    return Response(_read(name), media_type=_VENDOR[name], headers=_HEADERS)


@functools.cache
def _read(name: str) -> bytes:
    content: bytes = (swagger_ui_path / name).read_bytes()
    return content
