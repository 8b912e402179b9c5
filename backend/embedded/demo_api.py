"""A small client of the REST API for the demo's seed and its walk through the terminal."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from backend.embedded.errors import StartupError

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class DemoApi:
    """The API as one person uses it."""

    http: httpx.AsyncClient
    token: str

    @classmethod
    async def log_in(cls, http: httpx.AsyncClient, email: str, password: str) -> "DemoApi":
        """Log in with a password. Raises :class:`StartupError` with what the API says."""
        reply = await http.post("/api/v1/auth/token", json={"email": email, "password": password})
        return cls(http, _body(reply)["accessToken"])

    async def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 - JSON
        """The JSON of a GET below ``/api/v1``."""
        return _body(await self.http.get(f"/api/v1{path}", params=params, headers=self._headers()))

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The JSON of a POST below ``/api/v1``."""
        return _body(await self.http.post(f"/api/v1{path}", json=body, headers=self._headers()))

    async def run_playbook(self, slug: str, inputs: Mapping[str, Any]) -> str:
        """Start a run of the playbook with this slug; gives the run's id."""
        playbooks = (await self.get("/playbooks"))["items"]
        playbook = next(item for item in playbooks if item["slug"] == slug)
        run = await self.post(f"/playbooks/{playbook['id']}/runs", {"inputs": inputs})
        return str(run["id"])

    async def first_proposals(self, run: str, *, at_least: int) -> int:
        """Wait until the run has proposed so often or has ended; gives how often it has proposed."""
        while True:
            state = await self.get(f"/runs/{run}")
            if state["state"] == "failed":
                raise StartupError(f"The run {run} failed: {state['error']}")
            proposed = int(state["counts"]["proposed"])
            if proposed >= at_least or state["state"] == "completed":
                return proposed
            await asyncio.sleep(_POLL_SECONDS)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _body(reply: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    if reply.is_success:
        return reply.json()
    try:
        said = reply.json()["detail"]
    except (ValueError, TypeError, KeyError):
        said = reply.text[:300]
    raise StartupError(f"{reply.request.method} {reply.request.url.path}: {said}")
