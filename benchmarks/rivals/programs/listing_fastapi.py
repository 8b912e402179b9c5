# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator,no-any-return,misc"
"""The list of runs as one writes it with FastAPI, SQLAlchemy's ORM and pydantic: log-in, count, page, children.

It runs under the same row-level security and looks up the same membership; it has no rate limits, no fields, no tags,
no order or filter to choose. ``LISTING_WORK`` names the file with its databases and the key of its tokens.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import jwt
import msgspec
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import ForeignKey, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

POOL = 10
with open(os.environ["LISTING_WORK"], "rb") as file:  # noqa: PTH123, TID251
    WORK = msgspec.msgpack.decode(file.read())
engines: dict[str, AsyncEngine] = {}


class Base(DeclarativeBase):
    """Tables as they are."""


class User(Base):
    """A person."""

    __tablename__ = "user_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]


class Organization(Base):
    """A tenant."""

    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    tier: Mapped[str]


class Membership(Base):
    """Who belongs where."""

    __tablename__ = "membership"
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[str]


class Family(Base):
    """A token of the family that an access token belongs to."""

    __tablename__ = "refresh_token"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    family_id: Mapped[UUID]
    revoked_at: Mapped[datetime | None]


class Playbook(Base):
    """What a run follows."""

    __tablename__ = "playbook"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Run(Base):
    """One run."""

    __tablename__ = "run"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID]
    playbook_version: Mapped[int]
    parent_run_id: Mapped[UUID | None]
    requested_by: Mapped[UUID]
    state: Mapped[str]
    outcome: Mapped[str | None]
    proposed: Mapped[bool]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    model_calls: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Person(BaseModel):
    """Who asked."""

    id: UUID
    name: str


class Counts(BaseModel):
    """How the children stand."""

    candidates: int = 0
    working: int = 0
    proposed: int = 0
    failed: int = 0
    cancelled: int = 0


class Cost(BaseModel):
    """What it has used."""

    input_tokens: int
    output_tokens: int
    model_calls: int


class RunOut(BaseModel):
    """One run of the list."""

    id: UUID
    playbook_id: UUID
    playbook: str
    playbook_version: int
    state: str
    outcome: str | None
    requested_by: Person
    parent_run_id: UUID | None
    counts: Counts
    cost: Cost
    created_at: datetime
    finished_at: datetime | None


class Page(BaseModel):
    """The reply."""

    items: list[RunOut]
    total: int


@dataclass
class Member:
    """Who is asking."""

    org_id: UUID
    user_id: UUID
    role: str


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """An engine of each role, its pool as the product's."""
    for role, dsn in WORK["dsn"].items():
        url = dsn.replace("postgresql://", "postgresql+asyncpg://")
        engines[role] = create_async_engine(url, pool_size=POOL, pool_pre_ping=True)
    yield


app = FastAPI(lifespan=lifespan)


async def signed_in(
    shown: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> Member:
    """The member whose token it is, as of now."""
    try:
        claims = jwt.decode(
            shown.credentials, WORK["key"], algorithms=["HS256"], audience="countersign-api"
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    revoked = (
        select(Family.id)
        .where(Family.family_id == UUID(claims["fid"]), Family.revoked_at.is_not(None))
        .exists()
    )
    query = (
        select(Membership, User, Organization)
        .join(User, User.id == Membership.user_id)
        .join(Organization, Organization.id == Membership.org_id)
        .where(
            Membership.user_id == UUID(claims["sub"]),
            Membership.org_id == UUID(claims["org"]),
            ~revoked,
        )
    )
    async with AsyncSession(engines["system"]) as session:
        found = (await session.execute(query)).first()
    if found is None:
        raise HTTPException(401)
    return Member(found[0].org_id, found[0].user_id, found[0].role)


@app.get("/", response_model=Page)
async def runs(
    member: Annotated[Member, Depends(signed_in)],
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Any:  # noqa: ANN401 - the model says it
    """One page, the newest first."""
    if member.role == "nobody":
        raise HTTPException(403)
    query = (
        select(Run, Playbook.name, User)
        .join(Playbook, and_(Playbook.org_id == Run.org_id, Playbook.id == Run.playbook_id))
        .join(User, User.id == Run.requested_by)
        .where(Run.parent_run_id.is_(None))
        .order_by(Run.created_at.desc(), Run.id.desc())
        .limit(limit)
        .offset(offset)
    )
    async with AsyncSession(engines["app"]) as session:
        await session.execute(
            text("SELECT set_config('app.org_id', :org, true)"), {"org": str(member.org_id)}
        )
        total = await session.scalar(
            select(func.count()).select_from(Run).where(Run.parent_run_id.is_(None))
        )
        found = (await session.execute(query)).all()
        working = Run.state.in_(("queued", "running"))
        children = (
            select(
                Run.parent_run_id,
                func.count(),
                func.count().filter(working),
                func.count().filter(Run.proposed, ~working),
                func.count().filter(Run.state == "failed"),
                func.count().filter(Run.state == "cancelled"),
            )
            .where(Run.parent_run_id.in_([run.id for run, _, _ in found]))
            .group_by(Run.parent_run_id)
        )
        counts = {row[0]: row[1:] for row in await session.execute(children)}
    return Page(items=[_out(*row, counts.get(row[0].id)) for row in found], total=total or 0)


def _out(run: Run, playbook: str, user: User, counts: Any) -> RunOut:  # noqa: ANN401 - a row
    names = ("candidates", "working", "proposed", "failed", "cancelled")
    return RunOut(
        id=run.id,
        playbook_id=run.playbook_id,
        playbook=playbook,
        playbook_version=run.playbook_version,
        state=run.state,
        outcome=run.outcome,
        requested_by=Person(id=user.id, name=user.name),
        parent_run_id=run.parent_run_id,
        counts=Counts(**dict(zip(names, counts or (), strict=False))),
        cost=Cost(
            input_tokens=run.input_tokens,
            output_tokens=run.output_tokens,
            model_calls=run.model_calls,
        ),
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
