"""A person's own settings and the places where they are signed in."""

from dataclasses import replace
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import by_person, signed_in
from backend.api.idempotency import Kept
from backend.api.presenting.people import me_of
from backend.schemas.auth import Me
from backend.schemas.profile import Preferences, ProfileUpdate, SessionList, SessionRef
from tenancy.devices import device_of
from tenancy.organizations import organizations_of
from tenancy.principals import Lease
from tenancy.profile import Wanted, prefer, preferences_of, rename
from tenancy.replies import Reply
from tenancy.session import tenant
from tenancy.signed_in import SignedIn, revoke, sessions_of


class ProfileController(Controller):
    """``/api/v1/me``."""

    path = "/me"
    opt = by_person(signed_in())

    @patch()
    async def update(self, request: ApiRequest, data: JSONBody[ProfileUpdate]) -> Me:
        """Change what is given of oneself."""
        principal, database = request.principal, request.services.database
        if data.name is not msgspec.UNSET:
            async with tenant(database, principal.tenant) as session:
                name = await rename(session, principal, data.name)
            principal = replace(principal, name=name)
        return me_of(principal, await organizations_of(database, principal.user_id))

    @get("/preferences")
    async def preferences(self, request: ApiRequest) -> Preferences:
        """How one wants the app."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            return _preferences(await preferences_of(session, principal))

    @put("/preferences")
    async def set_preferences(
        self, request: ApiRequest, data: JSONBody[Preferences]
    ) -> Preferences:
        """Set how one wants the app, in every organization."""
        principal = request.principal
        wanted = Wanted(data.theme, data.density, tuple(dict.fromkeys(data.quiet_keys)))
        async with tenant(request.services.database, principal.tenant) as session:
            await prefer(session, principal, wanted)
        return _preferences(wanted)

    @get("/sessions")
    async def sessions(self, request: ApiRequest) -> SessionList:
        """Where one is signed in, the newest use first."""
        return await _sessions(request)

    @delete("/sessions/{session_id:uuid}")
    async def end(self, request: ApiRequest, session_id: FromPath[UUID]) -> None:
        """End one of one's own sessions: its next request is refused, its stream ends."""
        await revoke(request.services.database, request.principal, [session_id])

    @post("/sessions/revoke-others", status_code=200)
    async def end_others(self, request: ApiRequest) -> Kept[SessionList]:
        """End all but the one that asks."""
        database, principal = request.services.database, request.principal
        here = _current(request.lease)

        async def act(_session: AsyncSession) -> Reply:
            others = [one.id for one in await sessions_of(database, principal) if one.id != here]
            await revoke(database, principal, others)
            return idempotency.reply(200, await _sessions(request))

        return await idempotency.kept(request, act)


async def _sessions(request: ApiRequest) -> SessionList:
    found = await sessions_of(request.services.database, request.principal)
    here = _current(request.lease)
    return SessionList(items=[_session(one, current=one.id == here) for one in found])


def _current(lease: Lease) -> UUID | None:
    return lease.session_id or lease.family_id


def _session(one: SignedIn, *, current: bool) -> SessionRef:
    return SessionRef(
        id=str(one.id),
        kind=one.kind,
        device=device_of(one.user_agent),
        address=one.address,
        organization=one.organization,
        opened_at=one.opened_at,
        last_used_at=one.last_used_at,
        expires_at=one.expires_at,
        current=current,
    )


def _preferences(wanted: Wanted) -> Preferences:
    return Preferences(
        theme=wanted.theme, density=wanted.density, quiet_keys=list(wanted.quiet_keys)
    )
