"""The person behind the request."""

from litestar import get

from backend.api.deps import ApiRequest
from backend.api.guards import even_suspended, signed_in
from backend.api.presenting.people import me_of
from backend.schemas.auth import Me
from tenancy.organizations import organizations_of


@get("/me", opt=even_suspended(signed_in()))
async def me(request: ApiRequest) -> Me:
    """Who is asking, for which organization, with which rights."""
    principal = request.principal
    belonging = await organizations_of(request.services.database, principal.user_id)
    return me_of(principal, belonging)
