"""Budgets of model calls: what is set aside before a call, settled after it, and refused in time.

A call is known by its key: asked again under the same key, it is neither reserved nor paid twice.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import ConflictError
from backend.core.ids import RunId
from backend.playbooks.budget import monthly_caps
from backend.playbooks.service import Definition, get_playbook
from backend.runs import budget_ledger as ledger
from backend.runs import budget_refusals as refusals
from backend.runs.budget_ledger import Account, Amount, Scope
from backend.runs.budget_models import ModelCall
from backend.runs.service import Run, Step, add_step, hold, load_run


class BudgetExhaustedError(ConflictError):
    """A cap would be passed by what has been used already: trying again does not help."""

    code = "budget_exhausted"


class BudgetHeldError(ConflictError):
    """A cap would be passed only together with calls that are under way: some of it may come back."""

    code = "budget_held"
    retryable = True


class PriceUnknownError(ConflictError):
    """There is a cap in money, and nobody knows what the model costs."""

    code = "price_unknown"


@dataclass(frozen=True, slots=True)
class Purse:
    """Whose money a run spends, and how much of it at most."""

    run: Run
    definition: Definition
    accounts: tuple[Account, Account, Account]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one model: ``key`` names the activity that asks, ``place`` where in its chain of models."""

    run_id: RunId
    key: str
    place: int
    model: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call has used; without ``micro_usd`` nobody knows its price."""

    input_tokens: int = 0
    output_tokens: int = 0
    micro_usd: int | None = 0


async def purse_of(session: AsyncSession, run_id: RunId) -> Purse:
    """The caps that hold for the run at this moment."""
    run = await load_run(session, run_id)
    playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
    caps, budget = await monthly_caps(session), playbook.definition.budget
    month = ledger.month_of(now())
    organization = Account(
        Scope.ORGANIZATION,
        run.org_id,
        month,
        f"The organization's budget for {month}",
        caps.tokens,
        caps.micro_usd,
    )
    by_month = Account(
        Scope.PLAYBOOK,
        run.playbook_id,
        month,
        f"The budget of the playbook {playbook.name} for {month}",
        budget.month_tokens,
        budget.month_micro_usd,
    )
    own = Account(
        Scope.RUN,
        run.parent_run_id or run.id,
        "",
        "The budget of this run",
        budget.run_tokens,
        budget.run_micro_usd,
    )
    return Purse(run, playbook.definition, (organization, by_month, own))


async def answered(session: AsyncSession, run_id: RunId, key: str) -> ModelCall | None:
    """The call under this key that was answered and whose reply is kept, wherever in the chain."""
    return await session.scalar(
        select(ModelCall).where(
            ModelCall.run_id == run_id,
            ModelCall.key == key,
            ModelCall.state == "answered",
            ModelCall.reply.is_not(None),
        )
    )


async def reserve(
    session: AsyncSession, purse: Purse, call: Call, amount: Amount
) -> ModelCall | None:
    """Set the amount aside for one call. Returns the call when it was answered already: use its reply.

    Raises :class:`BudgetExhaustedError`, :class:`BudgetHeldError` or :class:`PriceUnknownError`, and
    ``RunEndedError`` when the run is over. What a call of the same key holds already is used again.
    """
    await hold(session, call.run_id)
    row = await _locked(session, call)
    if row is not None and row.state == "answered" and row.reply is not None:
        return row
    if row is not None and row.state == "reserved":
        await _note_failure(session, call, row, "the worker went away before the reply", Usage())
        row.tries, row.reserved_at = row.tries + 1, now()
        return None
    for account in purse.accounts:
        await _set_aside(session, account, call.model, amount)
    if row is None:
        row = _new(purse, call)
        session.add(row)
    row.state, row.tries, row.reserved_at = "reserved", row.tries + 1, now()
    row.reserved_tokens, row.reserved_micro_usd = amount.tokens, amount.micro_usd
    row.period = purse.accounts[0].period
    return None


async def settle(
    session: AsyncSession,
    call: Call,
    usage: Usage,
    *,
    reply: bytes | None,
    error: str | None = None,
) -> None:
    """Count what the call has used and give back the rest. With an ``error`` it has failed.

    A failure becomes a step of the trace. The reply of a call that was answered before is kept; the very same
    reply is counted once.
    """
    row = await _locked(session, call)
    if row is None:
        raise LookupError(f"the call {call.key} was never reserved")
    if reply is not None and row.reply == reply:
        return
    tokens = usage.input_tokens + usage.output_tokens
    unpriced = int(tokens > 0 and usage.micro_usd is None)
    await ledger.book(session, [row], used=Amount(tokens, usage.micro_usd), unpriced=unpriced)
    row.input_tokens += usage.input_tokens
    row.output_tokens += usage.output_tokens
    row.used_micro_usd += usage.micro_usd or 0
    row.unpriced_calls += unpriced
    row.settled_at = now()
    if error is not None:
        await _note_failure(session, call, row, error, usage)
    if row.state != "answered":
        row.state = "answered" if error is None else "failed"
        row.reply, row.error = reply, error


async def _locked(session: AsyncSession, call: Call) -> ModelCall | None:
    return await session.scalar(
        select(ModelCall)
        .where(
            ModelCall.run_id == call.run_id,
            ModelCall.key == call.key,
            ModelCall.place == call.place,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _set_aside(session: AsyncSession, account: Account, model: str, amount: Amount) -> None:
    if amount.micro_usd is None and account.cap_micro_usd is not None:
        sentence = refusals.price_unknown(account, model)
        raise PriceUnknownError(sentence, budget=account.scope)
    if await ledger.set_aside(session, account, amount):
        return
    standing = await ledger.standing_of(session, account)
    if refusals.used_up(account, standing, amount):
        sentence = refusals.exhausted(account, standing, amount)
        raise BudgetExhaustedError(sentence, budget=account.scope)
    sentence = refusals.held(account, standing, amount)
    raise BudgetHeldError(sentence, budget=account.scope)


def _new(purse: Purse, call: Call) -> ModelCall:
    run = purse.run
    return ModelCall(
        org_id=run.org_id,
        run_id=run.id,
        key=call.key,
        place=call.place,
        family_id=run.parent_run_id or run.id,
        playbook_id=run.playbook_id,
        model=call.model,
        tries=0,
        input_tokens=0,
        output_tokens=0,
        used_micro_usd=0,
        unpriced_calls=0,
    )


async def _note_failure(
    session: AsyncSession, call: Call, row: ModelCall, why: str, usage: Usage
) -> None:
    step = Step(
        key=f"call/{call.key}/{call.place}/{row.tries}",
        kind="model",
        name=call.model,
        summary=f"{why[:1].upper()}{why[1:]}",
        started_at=row.reserved_at,
        finished_at=now(),
        state="failed",
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
    )
    await add_step(session, call.run_id, step)
