"""The UI's way to the API: the user's own session, the wire's own types. Holds no rights and caches nothing."""

import functools
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec

from backend.schemas.auth import Me
from backend.schemas.common import Page, Person
from backend.schemas.playbooks import Playbook, PlaybookList
from backend.schemas.proposals import (
    CommentRequest,
    Decision,
    DecisionRequest,
    People,
    ProposalCard,
    ProposalRow,
    Question,
    QuestionRequest,
    RevisionAnswer,
    RevisionRequest,
    UndoRequest,
)
from backend.schemas.runs import RunDetail, RunEnd, RunRow
from backend.schemas.triggers import Trigger, TriggerList, TriggerSwitch
from rxconfig import API_URL
from ui.formats import sentence

COOKIE = "countersign_session"
_PROPOSALS = "/api/v1/proposals"
T = TypeVar("T")


@dataclass(frozen=True)
class ApiError(Exception):
    """The API refused, or could not be reached (``status`` 0). ``detail`` is a sentence for people."""

    status: int
    detail: str
    code: str = ""

    @property
    def signed_out(self) -> bool:
        """There is no session any more."""
        return self.status == HTTPStatus.UNAUTHORIZED

    @property
    def missing(self) -> bool:
        """Nothing of this organization has such an id."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)


class _Problem(msgspec.Struct, frozen=True):
    detail: str
    code: str = ""
    instance: str = ""


@functools.cache
def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=API_URL, timeout=10, headers={"X-Countersign": "1"})


class Api:
    """Requests in the name of one session."""

    def __init__(self, session: str, http: httpx.AsyncClient | None = None) -> None:
        self._cookie = f"{COOKIE}={session}"
        self._http = http or _http()

    async def me(self) -> Me:
        """Who is signed in, and where."""
        return await self._get("/api/v1/me", Me)

    async def playbooks(self) -> list[Playbook]:
        """All playbooks of the organization."""
        return (await self._get("/api/v1/playbooks", PlaybookList)).items

    async def start_run(self, playbook_id: str) -> RunRow:
        """Start a run; the key makes a repeated request the same run."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._send(
            "POST", f"/api/v1/playbooks/{playbook_id}/runs", RunRow, headers=key
        )

    async def runs(self) -> Page[RunRow]:
        """The newest playbook runs."""
        return await self._get("/api/v1/runs", Page[RunRow])

    async def run(self, run_id: str) -> RunDetail:
        """One run with its steps, children and proposals."""
        return await self._get(f"/api/v1/runs/{run_id}", RunDetail)

    async def cancel_run(self, run_id: str, reason: str) -> RunRow:
        """End a run before its time."""
        return await self._post(f"/api/v1/runs/{run_id}/cancel", RunEnd(reason=reason), RunRow)

    async def triggers(self, playbook_id: str) -> list[Trigger]:
        """What starts the playbook beside a person, and what of it is on."""
        return (await self._get(f"/api/v1/playbooks/{playbook_id}/triggers", TriggerList)).items

    async def switch_trigger(self, playbook_id: str, kind: str, *, enabled: bool) -> Trigger:
        """Turn a trigger on or off."""
        path = f"/api/v1/playbooks/{playbook_id}/triggers/{kind}"
        body = msgspec.json.encode(TriggerSwitch(enabled=enabled))
        return await self._send("PUT", path, Trigger, body=body)

    async def proposal(self, proposal_id: str) -> ProposalCard:
        """The card of one proposal."""
        return await self._get(f"{_PROPOSALS}/{proposal_id}", ProposalCard)

    async def revise(self, proposal_id: str, wanted: RevisionRequest) -> RevisionAnswer:
        """Edit a proposal, or with ``dry_run`` have the edit verified."""
        return await self._post(f"{_PROPOSALS}/{proposal_id}/revisions", wanted, RevisionAnswer)

    async def ask(self, proposal_id: str, text: str) -> Question:
        """Ask the agent."""
        body = QuestionRequest(text=text)
        return await self._post(f"{_PROPOSALS}/{proposal_id}/questions", body, Question)

    async def comment(self, proposal_id: str, text: str) -> ProposalRow:
        """Say something about a proposal."""
        body = CommentRequest(text=text)
        return await self._post(f"{_PROPOSALS}/{proposal_id}/comments", body, ProposalRow)

    async def receivers(self, proposal_id: str) -> list[Person]:
        """To whom one's own signature can be given."""
        return (await self._get(f"{_PROPOSALS}/{proposal_id}/receivers", People)).items

    async def decide(self, proposal_id: str, decision: DecisionRequest) -> Decision:
        """Decide on the revision that the digest names."""
        return await self._post(f"{_PROPOSALS}/{proposal_id}/decisions", decision, Decision)

    async def undo(self, proposal_id: str, reason: str) -> RunRow:
        """Start the run that proposes the inverse of what was executed."""
        return await self._post(
            f"{_PROPOSALS}/{proposal_id}/undo", UndoRequest(reason=reason), RunRow
        )

    async def _get(self, path: str, kind: type[T]) -> T:
        return await self._send("GET", path, kind)

    async def _post(self, path: str, body: msgspec.Struct, kind: type[T]) -> T:
        return await self._send("POST", path, kind, body=msgspec.json.encode(body))

    async def _send(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        if method == "POST":
            body = body or b"{}"
        sent = {"Cookie": self._cookie, "Content-Type": "application/json", **(headers or {})}
        try:
            reply = await self._http.request(method, path, headers=sent, content=body)
        except httpx.HTTPError as error:
            raise ApiError(0, "Countersign does not answer. Try again in a moment.") from error
        if reply.is_success:
            return msgspec.json.decode(reply.content, type=kind)
        raise _refusal(reply)


def _refusal(reply: httpx.Response) -> ApiError:
    status = reply.status_code
    try:
        problem = msgspec.json.decode(reply.content, type=_Problem)
    except msgspec.DecodeError:
        return ApiError(status, f"The server answered {status}.")
    reference = f" Reference {problem.instance}." if reply.is_server_error else ""
    return ApiError(status, f"{sentence(problem.detail)}{reference}", problem.code)
