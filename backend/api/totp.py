"""The second factor of a person: an authenticator app, begun, confirmed by a code, removed with the password."""

from litestar import Controller, Response, get, post
from litestar.params import JSONBody

from backend.api import logins
from backend.api.cookies import with_fresh_session
from backend.api.deps import ApiRequest
from backend.api.guards import by_person, signed_in
from backend.schemas.passwords import (
    PasswordProof,
    RecoveryCodes,
    TotpCode,
    TotpEnrolment,
    TotpState,
)
from tenancy import totp
from tenancy.new_passwords import require_password
from tenancy.principals import Authenticated
from tenancy.session import system


class TotpController(Controller):
    """``/api/v1/me/totp``."""

    path = "/me/totp"
    opt = by_person(signed_in())

    @get()
    async def show(self, request: ApiRequest) -> TotpState:
        """Whether log-in asks you for a code."""
        user_id = request.principal.user_id
        async with system(request.services.database) as session:
            return TotpState(
                enabled=await totp.is_enabled(session, user_id),
                recovery_codes_left=await totp.codes_left(session, user_id),
            )

    @post(status_code=200)
    async def enrol(self, request: ApiRequest, data: JSONBody[PasswordProof]) -> TotpEnrolment:
        """A new secret for the app. Nothing asks for it until it is confirmed."""
        await _require(request, data.password)
        services = request.services
        async with system(services.database) as session:
            made = await totp.enrol(session, services.settings.keys, request.principal)
        return TotpEnrolment(secret=made.secret, uri=made.uri)

    @post("/confirm", status_code=200)
    async def confirm(
        self, request: ApiRequest, data: JSONBody[TotpCode]
    ) -> Response[RecoveryCodes]:
        """Show that the app knows the secret: from now on log-in asks for its codes."""
        services, principal = request.services, request.principal
        await services.limiter.require(totp.CODES, str(principal.user_id))
        doing = logins.doing(request, principal.channel)
        async with system(services.database) as session:
            keys = services.settings.keys
            await totp.confirm(session, keys, principal, data.code, doing)
            codes = await totp.make_codes(session, principal.user_id, doing)
        return await with_fresh_session(request, Response(RecoveryCodes(recovery_codes=codes)))

    @post("/recovery-codes", status_code=200)
    async def make_codes(self, request: ApiRequest, data: JSONBody[PasswordProof]) -> RecoveryCodes:
        """New recovery codes; those before are good for nothing any more."""
        await _require(request, data.password)
        principal = request.principal
        doing = logins.doing(request, principal.channel)
        async with system(request.services.database) as session:
            codes = await totp.make_codes(session, principal.user_id, doing)
        return RecoveryCodes(recovery_codes=codes)

    @post("/disable", status_code=204)
    async def disable(self, request: ApiRequest, data: JSONBody[PasswordProof]) -> Response[None]:
        """Forget app and recovery codes."""
        await _require(request, data.password)
        principal = request.principal
        doing = logins.doing(request, principal.channel)
        async with system(request.services.database) as session:
            await totp.disable(session, principal.user_id, doing)
        return await with_fresh_session(request, Response(None, status_code=204))


async def _require(request: ApiRequest, password: str) -> None:
    services, who = request.services, Authenticated(request.principal, request.lease)
    await require_password(services.database, services.limiter, who, password)
