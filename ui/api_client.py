"""The UI's way to the API: the user's own session, the wire's own types. Holds no rights and caches nothing."""

import uuid
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from backend.schemas.analytics import Activity, ActivityList, Overview, Status
from backend.schemas.audit import (
    AuditAct,
    AuditActList,
    AuditCheckpoint,
    AuditCheckpointList,
    AuditEntryList,
)
from backend.schemas.common import Page, Person
from backend.schemas.notifications import NotificationList, ReadRequest
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
from backend.schemas.runs import RunDetail, RunEnd, RunRow, RunTrace
from backend.schemas.triggers import Trigger, TriggerList, TriggerSwitch
from ui.api_directory import DirectoryApi
from ui.api_person import PersonApi

_PROPOSALS = "/api/v1/proposals"


class Api(DirectoryApi, PersonApi):
    """Requests in the name of one session."""

    async def playbooks(self) -> list[Playbook]:
        """All playbooks of the organization."""
        return (await self._get("/api/v1/playbooks", PlaybookList)).items

    async def start_run(self, playbook_id: str) -> RunRow:
        """Start a run; the key makes a repeated request the same run."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._send(
            "POST", f"/api/v1/playbooks/{playbook_id}/runs", RunRow, headers=key
        )

    async def runs(
        self, *, state: str = "", playbook: str = "", limit: int = 50, offset: int = 0
    ) -> Page[RunRow]:
        """Playbook runs, newest first."""
        wanted = {"state": state, "playbook": playbook, "limit": limit, "offset": offset}
        query = urlencode({name: value for name, value in wanted.items() if value != ""})
        return await self._get(f"/api/v1/runs?{query}", Page[RunRow])

    async def run(self, run_id: str) -> RunDetail:
        """One run with its steps, children and proposals."""
        return await self._get(f"/api/v1/runs/{run_id}", RunDetail)

    async def trace(self, run_id: str) -> RunTrace:
        """One run on a time axis."""
        return await self._get(f"/api/v1/runs/{run_id}/trace", RunTrace)

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

    async def notifications(self) -> NotificationList:
        """What the person was told, the newest first."""
        return await self._get("/api/v1/notifications", NotificationList)

    async def read_notifications(self, ids: list[UUID] | None = None) -> NotificationList:
        """Mark these as read, or all."""
        return await self._post(
            "/api/v1/notifications/read", ReadRequest(ids=ids), NotificationList
        )

    async def overview(self, days: int) -> Overview:
        """The figures of the dashboard over so many days."""
        return await self._get(f"/api/v1/analytics/overview?days={days}", Overview)

    async def status(self) -> Status:
        """How the system is, as it was really asked."""
        return await self._get("/api/v1/status", Status)

    async def activity(self) -> list[Activity]:
        """What happened last, the newest first."""
        return (await self._get("/api/v1/activity", ActivityList)).items

    async def audit(self, query: str, cursor: str = "") -> AuditEntryList:
        """What was done, newest first, narrowed by ``query``, from ``cursor`` on."""
        place = f"&{urlencode({'cursor': cursor})}" if cursor else ""
        return await self._get(f"/api/v1/audit?limit=50&{query}{place}", AuditEntryList)

    async def audit_acts(self) -> list[AuditAct]:
        """All kinds of acts."""
        return (await self._get("/api/v1/audit/acts", AuditActList)).items

    async def audit_checkpoint(self) -> AuditCheckpoint | None:
        """The newest signed root, once there is one."""
        found = await self._get("/api/v1/audit/checkpoints?limit=1", AuditCheckpointList)
        return found.items[0] if found.items else None
