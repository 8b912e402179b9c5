"""A chain of models: the next one is asked in an outage and for no other reason, and the trace shows every hop."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.core.ids import RunId
from backend.playbooks.service import Definition
from backend.runs.budget_models import ModelCall
from backend.runs.repository import RunView, StepView
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.faults import tunnel
from tests.providers import INPUT_TOKENS, Call, Plan, Provider
from tests.waiting import eventually
from tests.worker import WorkerProcess

_FIRST, _SECOND, _THIRD = "gpt-5.6-sol", "gpt-4o-mini", "claude-sonnet-4-5"
_CHAIN = (f"openai:{_FIRST}", f"openai:{_SECOND}", f"anthropic:{_THIRD}")
_STEPS = 3


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(autouse=True)
def _well_behaved(provider: Provider) -> None:
    provider.forget()


@pytest.fixture(scope="module")
def two_providers(environ: Mapping[str, str], provider: Provider) -> Mapping[str, str]:
    """The settings of a worker that has keys for both."""
    return {
        **environ,
        "COUNTERSIGN_MODEL": _CHAIN[0],
        "COUNTERSIGN_MODEL_API_KEY": "sk-first",
        "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
        "COUNTERSIGN_ANTHROPIC_API_KEY": "sk-third",
        "COUNTERSIGN_ANTHROPIC_BASE_URL": provider.url,
    }


@pytest.fixture(scope="module")
def worker(
    two_providers: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    process = WorkerProcess(two_providers, tmp_path_factory.mktemp("worker") / "log")
    asyncio.run(process.start())
    yield process
    assert process.stop() == 0


@pytest.fixture
def second_worker(two_providers: Mapping[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(two_providers, tmp_path / "log")
    yield process
    process.kill()


def chained(*fallbacks: str) -> Definition:
    return replace(quick(_CHAIN[0]), fallbacks=fallbacks)


@pytest.fixture
async def desk(opened: OpenDesk, account: Account, provider: Provider) -> Desk:
    provider.only_about(account.overdue_invoice())
    return await opened(definition=chained(*_CHAIN[1:]))


async def child_of(desk: Desk) -> RunView:
    run_id = await desk.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    return child


async def model_steps(desk: Desk, child: RunView) -> Counter[tuple[str, str]]:
    """How often each model of the chain has answered (done) or not (failed), by the trace."""
    steps: list[StepView] = await desk.steps(RunId(child.row.id))
    return Counter((step.name, step.state) for step in steps if step.kind == "model")


def asked(provider: Provider) -> Counter[str]:
    return Counter(body["model"] for body in provider.requests)


@pytest.mark.usefixtures("worker")
async def test_outage_of_the_first_model_leads_to_the_second_and_both_stand_in_the_trace(
    desk: Desk, provider: Provider
) -> None:
    provider.always(Plan(model=_FIRST, status=500))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert asked(provider) == {_FIRST: _STEPS, _SECOND: _STEPS}
    assert await model_steps(desk, child) == {
        (_CHAIN[0], "failed"): _STEPS,
        (_CHAIN[1], "done"): _STEPS,
    }
    assert (child.row.model_calls, child.row.input_tokens) == (_STEPS, _STEPS * INPUT_TOKENS)


@pytest.mark.usefixtures("worker")
async def test_outage_of_a_whole_provider_leads_to_the_other_one_with_its_own_key(
    desk: Desk, provider: Provider
) -> None:
    provider.always(Plan(model=_FIRST, reset=True))
    provider.always(Plan(model=_SECOND, status=503))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert asked(provider) == dict.fromkeys((_FIRST, _SECOND, _THIRD), _STEPS)
    keys = {
        (body["model"], key) for body, key in zip(provider.requests, provider.secrets, strict=True)
    }
    assert keys == {(_FIRST, "sk-first"), (_SECOND, "sk-first"), (_THIRD, "sk-third")}


@pytest.mark.usefixtures("worker")
async def test_busy_provider_is_waited_for_before_the_next_one_is_asked(
    desk: Desk, provider: Provider
) -> None:
    provider.always(Plan(model=_FIRST, status=429, headers={"retry-after-ms": "50"}))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert asked(provider) == {_FIRST: 3 * _STEPS, _SECOND: _STEPS}


@pytest.mark.usefixtures("worker")
async def test_busy_provider_that_wants_a_long_wait_is_left_at_once(
    desk: Desk, provider: Provider
) -> None:
    provider.always(Plan(model=_FIRST, status=429, headers={"retry-after": "600"}))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert asked(provider) == {_FIRST: _STEPS, _SECOND: _STEPS}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("status", [400, 401])
async def test_refusal_is_no_reason_to_ask_another_model(
    desk: Desk, provider: Provider, status: int
) -> None:
    provider.always(Plan(model=_FIRST, status=status))
    child = await child_of(desk)
    assert child.row.state == "failed"
    assert asked(provider) == {_FIRST: 1}


@pytest.mark.usefixtures("worker")
async def test_malformed_answer_is_no_reason_to_ask_another_model(
    desk: Desk, provider: Provider
) -> None:
    provider.plan(Plan(calls=[Call("odd-1", "send_reminder", {"confidence": 7})]))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert asked(provider) == {_FIRST: _STEPS + 1}


@pytest.mark.usefixtures("worker")
async def test_chain_of_which_none_answers_ends_the_run_with_all_of_their_reasons(
    desk: Desk, provider: Provider
) -> None:
    for model in (_FIRST, _SECOND, _THIRD):
        provider.always(Plan(model=model, status=503, headers={"retry-after-ms": "50"}))
    child = await child_of(desk)
    assert child.row.error == (
        "The model provider openai does not answer: it failed with status 503; "
        "The model provider openai does not answer: it failed with status 503; "
        "The model provider anthropic does not answer: it failed with status 503"
    )
    assert child.row.outcome is None


async def test_fallbacks_reply_is_kept_when_its_worker_dies_before_the_engine_hears_of_it(
    desk: Desk,
    second_worker: WorkerProcess,
    provider: Provider,
    *,
    two_providers: Mapping[str, str],
    temporal_address: str,
    tmp_path: Path,
) -> None:
    hanging = Plan(model=_SECOND, hold=True)
    provider.plan(Plan(model=_FIRST, status=500), hanging)
    async with tunnel(temporal_address) as address:
        own = {**two_providers, "COUNTERSIGN_TEMPORAL_ADDRESS": address}
        cut_off = WorkerProcess(own, tmp_path / "cut-off.log")
        await cut_off.start()
        run_id = await desk.start()
        assert await asyncio.to_thread(hanging.met.wait, 40)
    hanging.release.set()
    await eventually(lambda: answered(desk), "the reply to be kept")
    cut_off.kill()
    await second_worker.start()
    await desk.finished(run_id)
    assert len(await desk.proposed(run_id)) == 1
    assert asked(provider) == {_FIRST: _STEPS, _SECOND: 1}


async def answered(desk: Desk) -> bool:
    query = select(ModelCall).where(ModelCall.state == "answered")
    async with tenant(desk.database, desk.context) as session:
        return await session.scalar(query) is not None
