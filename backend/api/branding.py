"""How an organization looks: the one colour that the stylesheets derive theirs from."""

from litestar import Response, get

from backend.api.guards import public
from tenancy.ratelimit import RateClass

_DEFAULT = b":root { --brand: #2450c4; }\n"
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}


@get("/branding.css", opt=public(RateClass.API), media_type="text/css")
async def stylesheet() -> Response[bytes]:
    """The default brand."""
    return Response(_DEFAULT, media_type="text/css", headers=_HEADERS)
