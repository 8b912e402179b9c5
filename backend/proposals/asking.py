"""Questions to the agent about a proposal, and its answers. An answer changes nothing; a revision is written apart.

A question is open while nobody has answered it and its proposal still waits for people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import InvalidInputError, NotFoundError
from backend.core.ids import ProposalId, QuestionId, new_uuid
from backend.proposals import repository
from backend.proposals.models import ProposalTable, QuestionTable
from backend.proposals.policy import cannot_ask
from backend.proposals.recording import announce, enter
from backend.proposals.states import DecisionState
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.models.organization import UserAccount
from tenancy.permissions import Right, authorize

LONGEST = 2_000


class QuestionState(StrEnum):
    """What has become of a question."""

    OPEN = "open"
    ANSWERED = "answered"
    REVISED = "revised"
    FAILED = "failed"


class QuestionNotFoundError(NotFoundError):
    """The organization has no such question."""

    code = "question_not_found"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the name of who asked it, and its answer once there is one."""

    id: UUID
    revision: int
    asked_by: UUID
    name: str
    text: str
    asked_at: datetime
    state: QuestionState
    answer: str | None
    evidence: Sequence[dict[str, object]]
    answered_at: datetime | None


async def ask(
    session: AsyncSession, principal: Principal, proposal_id: ProposalId, text: str
) -> Question:
    """Ask the agent about a pending proposal; its run is woken. Needs ``proposals:approve``.

    Raises: not found, permission denied (403), already decided (409), an empty or overlong question (422).
    """
    said = _words(text)
    row = await repository.lock(session, proposal_id)
    reach = authorize(principal, Right.PROPOSALS_READ)
    view = await repository.get(session, reach, proposal_id)
    if (refused := cannot_ask(principal, view)) is not None:
        raise refused
    question = QuestionTable(
        org_id=row.org_id,
        id=new_uuid(),
        proposal_id=row.id,
        revision=row.revision,
        asked_by=principal.user_id,
        question=said,
        asked_at=now(),
        state=QuestionState.OPEN,
        evidence=[],
    )
    session.add(question)
    enter(session, row, "ask_back", principal, reason=said)
    row.updated_at = now()
    await announce(session, row, AuditAction.PROPOSAL_QUESTIONED, wake=True, reason=said)
    await session.flush()
    return _question(question, principal.name)


async def comment(
    session: AsyncSession, principal: Principal, proposal_id: ProposalId, text: str
) -> None:
    """Say something about a proposal, in whatever state. Needs ``proposals:approve``, within what one may read."""
    said = _words(text)
    authorize(principal, Right.PROPOSALS_APPROVE)
    row = await repository.lock(session, proposal_id)
    await repository.get(session, authorize(principal, Right.PROPOSALS_READ), proposal_id)
    enter(session, row, "comment", principal, reason=said)
    row.updated_at = now()
    await announce(session, row, AuditAction.PROPOSAL_COMMENTED, reason=said)


async def questions_on(session: AsyncSession, proposal_id: ProposalId) -> list[Question]:
    """All questions about a proposal, oldest first."""
    query = (
        select(QuestionTable, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == QuestionTable.asked_by)
        .where(QuestionTable.proposal_id == proposal_id)
        .order_by(QuestionTable.asked_at, QuestionTable.id)
    )
    return [_question(row, name or "") for row, name in await session.execute(query)]


async def first_open(session: AsyncSession, row: ProposalTable) -> Question | None:
    """The oldest question that waits for the agent."""
    if row.decision != DecisionState.PENDING:
        return None
    asked = await questions_on(session, ProposalId(row.id))
    return next((one for one in asked if one.state is QuestionState.OPEN), None)


async def answer(
    session: AsyncSession,
    question_id: QuestionId,
    state: QuestionState,
    text: str,
    evidence: Sequence[dict[str, object]] = (),
) -> None:
    """Keep what the agent said; a question that has an answer keeps it."""
    question = await session.scalar(
        select(QuestionTable).where(QuestionTable.id == question_id).with_for_update()
    )
    if question is None:
        raise QuestionNotFoundError("there is no such question in this organization")
    if question.state != QuestionState.OPEN:
        return
    question.state, question.answer, question.evidence = state, text, list(evidence)
    question.answered_at = now()
    row = await repository.lock(session, ProposalId(question.proposal_id))
    row.updated_at = now()
    await announce(
        session,
        row,
        AuditAction.PROPOSAL_ANSWERED,
        state=state,
        reason=text,
        asked_by=str(question.asked_by),
    )


def _words(text: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInputError("say something", field="text")
    if len(said) > LONGEST:
        raise InvalidInputError(f"the text has more than {LONGEST} characters", field="text")
    return said


def _question(row: QuestionTable, name: str) -> Question:
    return Question(
        id=row.id,
        revision=row.revision,
        asked_by=row.asked_by,
        name=name,
        text=row.question,
        asked_at=row.asked_at,
        state=QuestionState(row.state),
        answer=row.answer,
        evidence=row.evidence,
        answered_at=row.answered_at,
    )
