"""Budgets met by real runs: refused before the call, with the reason as the run's end."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.core.ids import RunId
from backend.playbooks.budget import Budget
from backend.playbooks.service import Definition
from backend.runs.budget_models import ModelCall, Spending
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.providers import INPUT_TOKENS, OUTPUT_TOKENS, Provider
from tests.worker import WorkerProcess

_MODEL = "openai:gpt-5.6-sol"
_LONGEST = 100
_OF_A_CALL = INPUT_TOKENS + OUTPUT_TOKENS
_STEPS = 3


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(provider: Provider) -> None:
    provider.forget()


@pytest.fixture(scope="module")
def worker(
    environ: Mapping[str, str], provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    own = {
        "COUNTERSIGN_MODEL": _MODEL,
        "COUNTERSIGN_MODEL_API_KEY": "sk-provider",
        "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
        "COUNTERSIGN_MODEL_MAX_OUTPUT_TOKENS": str(_LONGEST),
    }
    process = WorkerProcess({**environ, **own}, tmp_path_factory.mktemp("worker") / "log")
    asyncio.run(process.start())
    yield process
    assert process.stop() == 0


pytestmark = pytest.mark.usefixtures("worker")


def capped(limits: Budget, *, model: str = _MODEL) -> Definition:
    return replace(quick(model), budget=limits)


async def calls(desk: Desk) -> list[ModelCall]:
    async with tenant(desk.database, desk.context) as session:
        return list(await session.scalars(select(ModelCall).order_by(ModelCall.reserved_at)))


async def test_budget_without_room_for_one_call_ends_the_run_before_the_provider_is_asked(
    opened: OpenDesk, account: Account, provider: Provider
) -> None:
    provider.only_about(account.overdue_invoice())
    desk = await opened(definition=capped(Budget(run_micro_usd=1)))
    run_id = await desk.start()
    run = await desk.finished(run_id)
    [child] = await desk.children(run_id)
    assert (run.row.state, run.counts.failed, child.row.state) == ("completed", 1, "failed")
    assert child.row.error is not None
    assert child.row.error.startswith("The budget of this run is used up: of USD 0.0000")
    assert provider.requests == []


async def test_budget_used_up_midway_keeps_what_was_paid_and_asks_nothing_more(
    opened: OpenDesk, account: Account, provider: Provider
) -> None:
    provider.only_about(account.overdue_invoice())
    free = await opened(definition=capped(Budget()))
    await free.one_proposal()
    first, second, _ = await calls(free)
    assert second.reserved_tokens > first.reserved_tokens
    provider.forget()
    tight = await opened(definition=capped(Budget(run_tokens=first.reserved_tokens + 1)))
    run_id = await tight.start()
    await tight.finished(run_id)
    [child] = await tight.children(run_id)
    assert child.row.error is not None
    assert "The budget of this run is used up" in child.row.error
    assert len(provider.requests) == 1
    assert child.row.input_tokens == INPUT_TOKENS
    assert child.spend is not None
    assert child.spend.micro_usd == (await calls(tight))[0].used_micro_usd > 0


@pytest.mark.long
async def test_many_runs_at_once_never_pass_the_playbooks_cap_and_the_rest_say_why(
    opened: OpenDesk, account: Account, provider: Provider
) -> None:
    provider.only_about(*(account.overdue_invoice() for _ in range(8)))
    free = await opened(definition=capped(Budget()))
    await free.finished(await free.start())
    most = max(call.reserved_tokens for call in await calls(free))
    provider.forget()
    cap = most + 10 * _OF_A_CALL  # about ten of the 24 calls that the runs would like to make
    desk = await opened(definition=capped(Budget(month_tokens=cap)))
    run_id = await desk.start()
    await desk.finished(run_id)
    async with tenant(desk.database, desk.context) as session:
        [account_] = await session.scalars(select(Spending).where(Spending.scope == "playbook"))
    assert account_.held_tokens == 0
    assert account_.used_tokens == len(provider.requests) * _OF_A_CALL <= cap
    assert 10 <= len(provider.requests) < 8 * _STEPS
    children = await desk.children(run_id)
    refused = [child for child in children if child.row.state == "failed"]
    assert refused
    for child in refused:
        assert child.row.error is not None
        assert "The budget of the playbook Overdue invoices for" in child.row.error
    assert len(refused) + len(await desk.proposed(run_id)) == len(children) == 8


async def test_model_without_a_known_price_is_refused_under_a_cap_in_money(
    opened: OpenDesk, account: Account, provider: Provider
) -> None:
    provider.only_about(account.overdue_invoice())
    model = "openai:house-model"
    desk = await opened(definition=capped(Budget(run_micro_usd=10_000_000), model=model))
    run_id = await desk.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    assert child.row.error is not None
    assert f"nobody knows the price of {model}" in child.row.error
    assert provider.requests == []
    counted = await opened(definition=capped(Budget(run_tokens=1_000_000), model=model))
    view = await counted.one_proposal()
    run = await counted.run(RunId(view.row.run_id))
    assert run.spend is not None
    assert (run.spend.micro_usd, run.spend.unpriced_calls) == (0, _STEPS)
