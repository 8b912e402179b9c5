"""What the API says of the person who is signed in, and what they do to their own account."""

import msgspec

from backend.schemas.api_keys import ApiKey, ApiKeyCreate, ApiKeyList, ApiKeySecret
from backend.schemas.auth import Me
from backend.schemas.passwords import PasswordProof, RecoveryCodes, TotpEnrolment, TotpState
from backend.schemas.profile import Preferences, ProfileUpdate, SessionList, SessionRef
from backend.schemas.usage import Usage
from ui.requests import Requests


class PersonApi(Requests):
    """Oneself."""

    async def me(self) -> Me:
        """Who is signed in, and where."""
        return await self._get("/api/v1/me", Me)

    async def rename(self, name: str) -> Me:
        """Change one's own name."""
        body = msgspec.json.encode(ProfileUpdate(name=name))
        return await self._send("PATCH", "/api/v1/me", Me, body=body)

    async def preferences(self) -> Preferences:
        """How the person wants the app."""
        return await self._get("/api/v1/me/preferences", Preferences)

    async def prefer(self, wanted: Preferences) -> Preferences:
        """Keep how the person wants the app."""
        body = msgspec.json.encode(wanted)
        return await self._send("PUT", "/api/v1/me/preferences", Preferences, body=body)

    async def usage(self) -> Usage:
        """What the organization uses of its tier."""
        return await self._get("/api/v1/usage", Usage)

    async def sessions(self) -> list[SessionRef]:
        """Where the person is signed in."""
        return (await self._get("/api/v1/me/sessions", SessionList)).items

    async def end_session(self, session_id: str) -> None:
        """Sign out one place."""
        await self._request("DELETE", f"/api/v1/me/sessions/{session_id}")

    async def end_other_sessions(self) -> None:
        """Sign out everywhere but here."""
        await self._request("POST", "/api/v1/me/sessions/revoke-others")

    async def api_keys(self) -> list[ApiKey]:
        """The keys within the person's reach."""
        return (await self._get("/api/v1/api-keys", ApiKeyList)).items

    async def make_api_key(self, wanted: ApiKeyCreate) -> ApiKeySecret:
        """A new key, whose secret is in this answer alone."""
        return await self._post("/api/v1/api-keys", wanted, ApiKeySecret)

    async def rotate_api_key(self, key_id: str) -> ApiKeySecret:
        """Another secret for a key, in this answer alone."""
        return await self._send("POST", f"/api/v1/api-keys/{key_id}/rotate", ApiKeySecret)

    async def revoke_api_key(self, key_id: str) -> None:
        """End a key."""
        await self._request("DELETE", f"/api/v1/api-keys/{key_id}")

    async def second_factor(self) -> TotpState:
        """Whether log-in asks the person for a code."""
        return await self._get("/api/v1/me/totp", TotpState)

    async def begin_second_factor(self, password: str) -> TotpEnrolment:
        """A secret for the person's authenticator app, which waits for its first code."""
        return await self._post("/api/v1/me/totp", PasswordProof(password), TotpEnrolment)

    async def make_recovery_codes(self, password: str) -> list[str]:
        """New recovery codes, in this answer alone."""
        path = "/api/v1/me/totp/recovery-codes"
        return (await self._post(path, PasswordProof(password), RecoveryCodes)).recovery_codes
