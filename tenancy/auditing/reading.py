"""Reads the audit: narrowed and newest first for people, the whole chain in its own order for a verifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.core.keyset import Order, Position
from tenancy.audit import AuditAction
from tenancy.auditing.chain import NOTHING
from tenancy.models.audit import AuditCheckpoint, AuditHead, AuditLink
from tenancy.models.change import AuditEvent
from tenancy.models.organization import UserAccount


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events. ``text`` is looked for in what was done, by whom, and in the details."""

    actor_id: UUID | None = None
    actions: tuple[AuditAction, ...] = ()
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the actor's name, and its place in the chain once it has one."""

    event: AuditEvent
    actor_name: str | None
    seq: int | None


@dataclass(frozen=True, slots=True)
class State:
    """What the head of the chain says, how far its links go, and up to where it is signed."""

    size: int
    last_mac: str
    key_id: str
    reaches: int
    signed: int


async def newest(
    session: AsyncSession, wanted: Wanted, *, before: Position | None, limit: int
) -> Sequence[Told]:
    """The newest events that are wanted, behind a position. Only those are joined with what tells more of them."""
    order = Order(AuditEvent.at.expression, AuditEvent.id.expression, descending=True)
    page = order.apply(select(AuditEvent).where(*_narrowed(wanted)), before).limit(limit)
    shown = aliased(AuditEvent, page.subquery())
    query = (
        select(shown, UserAccount.name, AuditLink.seq)
        .outerjoin(UserAccount, UserAccount.id == shown.actor_id)
        .outerjoin(
            AuditLink, and_(AuditLink.org_id == shown.org_id, AuditLink.event_id == shown.id)
        )
        .order_by(shown.at.desc(), shown.id.desc())
    )
    return [Told(event, name, seq) for event, name, seq in await session.execute(query)]


async def state(session: AsyncSession) -> State:
    """The chain at this moment. The head is asked for last: while the sealer works it is never behind the others."""
    signed = await session.scalar(select(func.max(AuditCheckpoint.size))) or 0
    last = await session.scalar(select(func.max(AuditLink.seq))) or 0
    head = await session.scalar(select(AuditHead))
    if head is None:
        return State(0, NOTHING, "", last, signed)
    return State(head.seq, head.mac.hex(), head.key_id, max(last, head.seq), signed)


async def links(
    session: AsyncSession, *, after: int, upto: int, limit: int
) -> Sequence[tuple[AuditLink, AuditEvent | None]]:
    """The links behind one of them in order, each with its event if that is still there."""
    query = (
        select(AuditLink, AuditEvent)
        .outerjoin(AuditEvent, _is_sealed())
        .where(AuditLink.seq > after, AuditLink.seq <= upto)
        .order_by(AuditLink.seq)
        .limit(limit)
    )
    return [(link, event) for link, event in await session.execute(query)]


async def checkpoints(session: AsyncSession, *, after: int, upto: int) -> Sequence[AuditCheckpoint]:
    """The checkpoints that end within these places."""
    query = (
        select(AuditCheckpoint)
        .where(AuditCheckpoint.size > after, AuditCheckpoint.size <= upto)
        .order_by(AuditCheckpoint.size)
    )
    return (await session.scalars(query)).all()


async def unsealed(
    session: AsyncSession, *, upto: int, until: datetime, after: UUID | None, limit: int
) -> Sequence[AuditEvent]:
    """Events until then that have no place among the links up to there, by their ids."""
    query = (
        select(AuditEvent)
        .where(~exists().where(_is_sealed(), AuditLink.seq <= upto), AuditEvent.at <= until)
        .order_by(AuditEvent.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(AuditEvent.id > after)
    return (await session.scalars(query)).all()


def _is_sealed() -> ColumnElement[bool]:
    return and_(AuditLink.org_id == AuditEvent.org_id, AuditLink.event_id == AuditEvent.id)


def _narrowed(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    if wanted.actor_id is not None:
        terms.append(AuditEvent.actor_id == wanted.actor_id)
    if wanted.actions:
        terms.append(AuditEvent.action.in_(wanted.actions))
    if wanted.subject_id is not None:
        terms.append(AuditEvent.subject_id == wanted.subject_id)
    if wanted.since is not None:
        terms.append(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        terms.append(AuditEvent.at < wanted.until)
    for word in (wanted.text or "").split():
        named = select(UserAccount.id).where(UserAccount.name.icontains(word, autoescape=True))
        places = (AuditEvent.action, cast(AuditEvent.details, Text))
        told = (place.icontains(word, autoescape=True) for place in places)
        terms.append(or_(*told, AuditEvent.actor_id.in_(named)))
    return terms
