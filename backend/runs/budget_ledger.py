"""Moves the running totals of what models cost: sets aside, gives back, counts. Always organization, playbook, run.

That order, and the run's row locked before all of them, is what keeps concurrent runs from waiting in a circle.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.runs.budget_models import ModelCall, Spending
from tenancy.session import context_of


class Scope(StrEnum):
    """Whose budget: in the order in which the rows are locked."""

    ORGANIZATION = "organization"
    PLAYBOOK = "playbook"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, and money in millionths of a US dollar; None where nobody knows the price."""

    tokens: int
    micro_usd: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """One running total with its caps; ``name`` is how a sentence calls it."""

    scope: Scope
    subject_id: UUID
    period: str
    name: str
    cap_tokens: int | None
    cap_micro_usd: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has used and holds for calls that are under way."""

    used_tokens: int = 0
    held_tokens: int = 0
    used_micro_usd: int = 0
    held_micro_usd: int = 0
    unpriced_calls: int = 0


def month_of(moment: datetime) -> str:
    """The period of monthly accounts: ``2026-11``."""
    return f"{moment:%Y-%m}"


def costs_nothing(model: str) -> bool:
    """Whether calls of this model need no budget: the offline rules."""
    return model.startswith("rules:")


async def set_aside(session: AsyncSession, account: Account, amount: Amount) -> bool:
    """Hold the amount against the account's caps, or say that it does not fit; locks the account either way."""
    money = amount.micro_usd or 0
    if _above(amount.tokens, account.cap_tokens) or _above(money, account.cap_micro_usd):
        return False
    values = {"held_tokens": amount.tokens, "held_micro_usd": money}
    statement = insert(Spending).values(
        org_id=context_of(session).org_id,
        scope=account.scope,
        subject_id=account.subject_id,
        period=account.period,
        **values,
    )
    held = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=["org_id", "scope", "subject_id", "period"],
            set_={name: getattr(Spending, name) + value for name, value in values.items()},
            where=and_(*_room(account, amount.tokens, money)),
        ).returning(Spending.scope)
    )
    return held is not None


def _above(needed: int, cap: int | None) -> bool:
    return cap is not None and needed > cap


def _room(account: Account, tokens: int, money: int) -> Sequence[ColumnElement[bool]]:
    room: list[ColumnElement[bool]] = [true()]
    if account.cap_tokens is not None:
        room.append(Spending.used_tokens + Spending.held_tokens + tokens <= account.cap_tokens)
    if account.cap_micro_usd is not None:
        taken = Spending.used_micro_usd + Spending.held_micro_usd
        room.append(taken + money <= account.cap_micro_usd)
    return room


async def standing_of(session: AsyncSession, account: Account) -> Standing:
    """How the account stands."""
    row = (await session.execute(_columns().where(_is(account)))).one_or_none()
    return Standing(*row) if row else Standing()


async def book(
    session: AsyncSession, calls: Iterable[ModelCall], *, used: Amount, unpriced: int = 0
) -> None:
    """Give back what these locked calls hold, and count what each of them has used."""
    moves: Counter[tuple[int, Scope, UUID, str, str]] = Counter()
    for call in calls:
        held = call.state == "reserved"
        change = {
            "held_tokens": -call.reserved_tokens if held else 0,
            "held_micro_usd": -(call.reserved_micro_usd or 0) if held else 0,
            "used_tokens": used.tokens,
            "used_micro_usd": used.micro_usd or 0,
            "unpriced_calls": unpriced,
        }
        for place, (scope, subject_id, period) in enumerate(_accounts_of(call)):
            for column, number in change.items():
                moves[place, scope, subject_id, period, column] += number
    for account, columns in groupby(sorted(moves), key=lambda move: move[:4]):
        await _move(session, account[1:], {move[4]: moves[move] for move in columns})


def _accounts_of(call: ModelCall) -> Sequence[tuple[Scope, UUID, str]]:
    return (
        (Scope.ORGANIZATION, call.org_id, call.period),
        (Scope.PLAYBOOK, call.playbook_id, call.period),
        (Scope.RUN, call.family_id, ""),
    )


async def _move(
    session: AsyncSession, account: tuple[Scope, UUID, str], numbers: Mapping[str, int]
) -> None:
    scope, subject_id, period = account
    await session.execute(
        update(Spending)
        .where(
            Spending.scope == scope,
            Spending.subject_id == subject_id,
            Spending.period == period,
        )
        .values({name: getattr(Spending, name) + number for name, number in numbers.items()})
    )


async def release(session: AsyncSession, run_ids: Collection[UUID]) -> None:
    """Give back what these runs still hold and forget their replies: they are over, and nobody will ask again."""
    found = await session.scalars(
        select(ModelCall)
        .where(ModelCall.run_id.in_(run_ids), ModelCall.state == "reserved")
        .order_by(ModelCall.run_id, ModelCall.key, ModelCall.place)
        .with_for_update()
    )
    calls = found.all()
    await book(session, calls, used=Amount(0, None))
    for call in calls:
        call.state, call.error, call.settled_at = "failed", "the run ended before the reply", now()
    await session.execute(
        update(ModelCall)
        .where(ModelCall.run_id.in_(run_ids), ModelCall.reply.is_not(None))
        .values(reply=None)
    )


def _columns() -> Select[int, int, int, int, int]:
    return select(
        Spending.used_tokens,
        Spending.held_tokens,
        Spending.used_micro_usd,
        Spending.held_micro_usd,
        Spending.unpriced_calls,
    )


def _is(account: Account) -> ColumnElement[bool]:
    return and_(
        Spending.scope == account.scope,
        Spending.subject_id == account.subject_id,
        Spending.period == account.period,
    )
