"""Caps hold whatever happens at the same time: what is set aside and used never passes them."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.core.clock import now
from backend.core.errors import AppError
from backend.core.ids import RunId, new_uuid
from backend.playbooks.budget import Budget, MonthlyCaps, set_monthly_caps
from backend.playbooks.service import publish
from backend.runs import budget
from backend.runs.budget import Call, Usage
from backend.runs.budget_ledger import Amount, month_of
from backend.runs.budget_models import ModelCall, Spending
from backend.runs.service import RunEndedError, RunInputs, RunState, request_run, set_state
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.people import Office

_CALL = Amount(tokens=1_000, micro_usd=5_000)
_FITTING, _WANTED = 37, 100
_MODEL = "openai:gpt-5.6-sol"


async def capped(office: Office, limits: Budget) -> Office:
    """The playbook in a version with these caps."""
    definition = replace(office.playbook.definition, budget=limits, model=_MODEL)
    async with tenant(office.database, office.context) as session:
        return replace(office, playbook=await publish(session, office.playbook, definition))


async def started(office: Office) -> RunId:
    analyst = await office.principal("analyst")
    async with tenant(office.database, analyst.tenant) as session:
        return (await request_run(session, analyst, office.playbook.id, RunInputs())).id


def call_of(run_id: RunId) -> Call:
    return Call(run_id, f"{new_uuid()}/1", 0, _MODEL)


async def reserve(office: Office, call: Call, amount: Amount = _CALL) -> None:
    async with tenant(office.database, office.context) as session:
        purse = await budget.purse_of(session, call.run_id)
        await budget.reserve(session, purse, call, amount)


async def settle(office: Office, call: Call, usage: Usage) -> None:
    async with tenant(office.database, office.context) as session:
        await budget.settle(session, call, usage, reply=b"sealed")


async def accounts(office: Office) -> dict[str, Spending]:
    async with tenant(office.database, office.context) as session:
        return {row.scope: row for row in await session.scalars(select(Spending))}


async def cap_month(office: Office, caps: MonthlyCaps) -> None:
    admin = await office.principal("admin")
    async with tenant(office.database, admin.tenant) as session:
        await set_monthly_caps(session, admin, caps)


@pytest.mark.parametrize("unit", ["tokens", "money"])
@pytest.mark.parametrize("scope", ["organization", "playbook", "run"])
async def test_hundred_calls_at_once_get_exactly_what_the_cap_has_room_for(
    office: Office, scope: str, unit: str
) -> None:
    cap = _FITTING * (_CALL.tokens if unit == "tokens" else _CALL.micro_usd or 0) + 1
    name = {"tokens": "tokens", "money": "micro_usd"}[unit]
    if scope == "organization":
        await cap_month(office, MonthlyCaps(**{name: cap}))
    kind = {"organization": None, "playbook": f"month_{name}", "run": f"run_{name}"}[scope]
    office = await capped(office, Budget(**({kind: cap} if kind else {})))
    one = await started(office)
    runs = [one if scope == "run" else await started(office) for _ in range(_WANTED)]
    calls = [call_of(run_id) for run_id in runs]
    outcomes = await asyncio.gather(
        *(reserve(office, call) for call in calls), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == _WANTED - _FITTING
    assert {type(error) for error in refused} == {budget.BudgetHeldError}
    held = (await accounts(office))[scope]
    taken = held.held_tokens if unit == "tokens" else held.held_micro_usd
    assert taken == cap - 1
    for call, outcome in zip(calls, outcomes, strict=True):
        if outcome is None:
            await settle(office, call, Usage(800, 200, 5_000))
    with pytest.raises(budget.BudgetExhaustedError) as refusal:
        await reserve(office, call_of(runs[0]))
    assert refusal.value.extra["budget"] == scope
    used = (await accounts(office))[scope]
    assert (used.held_tokens, used.held_micro_usd) == (0, 0)
    assert used.used_tokens == _FITTING * _CALL.tokens


async def test_reserving_and_settling_at_once_never_passes_the_cap_and_never_locks_up(
    office: Office,
) -> None:
    await cap_month(office, MonthlyCaps(tokens=20_000))
    office = await capped(office, Budget(run_tokens=9_500, month_tokens=19_500))
    runs = [await started(office) for _ in range(4)]
    seen: list[int] = []
    over = asyncio.Event()

    async def spend(run_id: RunId) -> int:
        call, passed = call_of(run_id), 0
        while not isinstance(refusal := await attempt(call), budget.BudgetExhaustedError):
            if refusal is None:
                await settle(office, call, Usage(600, 100, 0))
                call, passed = call_of(run_id), passed + 1
        return passed

    async def attempt(call: Call) -> AppError | None:
        try:
            await reserve(office, call)
        except (budget.BudgetHeldError, budget.BudgetExhaustedError) as error:
            return error
        return None

    async def watch() -> None:
        while not over.is_set():
            found = await accounts(office)
            if "organization" in found:
                row = found["organization"]
                seen.append(row.used_tokens + row.held_tokens)

    watching = asyncio.create_task(watch())
    passed = await asyncio.gather(*(spend(run_id) for run_id in runs for _ in range(5)))
    over.set()
    await watching
    # 700 are used by a call and 1,000 set aside for the next: 27 of them fit under 19,500
    assert sum(passed) == 27
    assert max(seen) <= 19_500


async def test_refusal_names_the_budget_its_cap_what_is_used_and_what_to_do(office: Office) -> None:
    office = await capped(office, Budget(month_tokens=1_500))
    run_id = await started(office)
    call = call_of(run_id)
    await reserve(office, call)
    with pytest.raises(budget.BudgetHeldError, match="1,000 tokens set aside for calls under way"):
        await reserve(office, call_of(run_id))
    await settle(office, call, Usage(700, 100, 0))
    with pytest.raises(budget.BudgetExhaustedError) as refusal:
        await reserve(office, call_of(run_id))
    assert refusal.value.message == (
        f"The budget of the playbook Overdue invoices for {month_of(now())} is used up: of 1,500 tokens, "
        "800 tokens are used; the next call may need 1,000 tokens. "
        "Publish a version with a higher cap; it is free again with the next month"
    )
    assert (refusal.value.code, refusal.value.retryable) == ("budget_exhausted", False)


async def test_call_asked_again_under_its_key_is_reserved_and_paid_once(office: Office) -> None:
    call = call_of(await started(office))
    for _ in range(3):
        await reserve(office, call)
    assert (await accounts(office))["run"].held_tokens == _CALL.tokens
    await settle(office, call, Usage(100, 20, 900))
    async with tenant(office.database, office.context) as session:
        purse = await budget.purse_of(session, call.run_id)
        kept = await budget.reserve(session, purse, call, _CALL)
        assert kept is not None
        assert kept.reply == b"sealed"
    for account in (await accounts(office)).values():
        assert (account.used_tokens, account.held_tokens) == (120, 0)
        assert (account.used_micro_usd, account.held_micro_usd) == (900, 0)


async def test_price_that_nobody_knows_is_refused_where_money_is_capped_and_counted_elsewhere(
    office: Office,
) -> None:
    priceless = Amount(1_000, None)
    call = call_of(await started(office))
    await reserve(office, call, priceless)
    await settle(office, call, Usage(100, 20, None))
    row = (await accounts(office))["organization"]
    assert (row.used_tokens, row.used_micro_usd, row.unpriced_calls) == (120, 0, 1)
    await cap_month(office, MonthlyCaps(micro_usd=1_000_000))
    with pytest.raises(budget.PriceUnknownError, match=f"nobody knows the price of {_MODEL}"):
        await reserve(office, call_of(call.run_id), priceless)


async def test_run_that_ends_gives_back_what_its_last_call_holds(office: Office) -> None:
    office = await capped(office, Budget())
    call = call_of(await started(office))
    await reserve(office, call)
    async with tenant(office.database, office.context) as session:
        await set_state(session, call.run_id, RunState.FAILED, error="cut off")
    for account in (await accounts(office)).values():
        assert (account.used_tokens, account.held_tokens) == (0, 0)
    with pytest.raises(RunEndedError):
        await reserve(office, call_of(call.run_id))
    await settle(office, call, Usage(100, 20, 900))  # the reply came all the same, and was paid for
    assert {a.used_tokens for a in (await accounts(office)).values()} == {120}
    async with tenant(office.database, office.context) as session:
        [row] = await session.scalars(select(ModelCall))
    assert (row.state, row.input_tokens) == ("answered", 100)


async def test_run_that_ends_forgets_the_replies_that_were_kept_for_it(office: Office) -> None:
    office = await capped(office, Budget())
    call = call_of(await started(office))
    await reserve(office, call)
    await settle(office, call, Usage(100, 20, 900))
    async with tenant(office.database, office.context) as session:
        assert await budget.answered(session, call.run_id, call.key) is not None
        await set_state(session, call.run_id, RunState.COMPLETED, outcome="done")
    async with tenant(office.database, office.context) as session:
        [row] = await session.scalars(select(ModelCall))
    assert (row.state, row.reply, row.input_tokens) == ("answered", None, 100)


async def test_reply_that_is_settled_twice_counts_once(office: Office) -> None:
    call = call_of(await started(office))
    await reserve(office, call)
    for _ in range(2):  # the database was away when the first commit was confirmed
        await settle(office, call, Usage(100, 20, 900))
    assert {account.used_tokens for account in (await accounts(office)).values()} == {120}


async def test_caps_of_the_organization_are_audited(office: Office) -> None:
    await cap_month(office, MonthlyCaps(tokens=5))
    await cap_month(office, MonthlyCaps(tokens=7, micro_usd=9))
    query = select(AuditEvent.details).where(AuditEvent.action == "budget.changed")
    async with tenant(office.database, office.context) as session:
        found = list(await session.scalars(query.order_by(AuditEvent.id)))
    assert found[-1] == {"tokens": [5, 7], "microUsd": [None, 9]}
