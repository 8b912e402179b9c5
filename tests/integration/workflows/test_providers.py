"""The very same agent driven by a real provider's wire protocol instead of the offline rules."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from backend.core.ids import RunId
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import OpenDesk
from tests.providers import INPUT_TOKENS, OUTPUT_TOKENS, READING, Provider
from tests.worker import WorkerProcess

_MODELS = {"openai:gpt-5.6-sol": "/v1", "anthropic:claude-sonnet-4-5": ""}
_KEYLESS = "openai:gpt-5.6-sol"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(params=list(_MODELS))
def model(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def worker(
    environ: Mapping[str, str], provider: Provider, model: str, tmp_path: Path
) -> Iterator[WorkerProcess]:
    configured = {
        "COUNTERSIGN_MODEL": model,
        "COUNTERSIGN_MODEL_API_KEY": "sk-provider",
        "COUNTERSIGN_MODEL_BASE_URL": provider.url + _MODELS[model],
    }
    process = WorkerProcess({**environ, **configured}, tmp_path / "log")
    yield process
    process.kill()


@pytest.fixture
def keyless(environ: Mapping[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that is set up for a provider but has no key."""
    process = WorkerProcess({**environ, "COUNTERSIGN_MODEL": _KEYLESS}, tmp_path / "log")
    yield process
    process.kill()


async def test_provider_model_when_configured_corrects_itself_and_comes_to_a_proposal(
    opened: OpenDesk,
    account: Account,
    provider: Provider,
    worker: WorkerProcess,
    model: str,
) -> None:
    account.overdue_invoice()
    definition = quick(model)
    desk = await opened(definition=definition)
    await worker.start()
    view = await desk.one_proposal()
    assert worker.stop() == 0
    assert (view.row.action, view.row.model) == ("stripe.invoice.send_reminder", model)
    first, second = view.row.attempts
    assert [verdict["passed"] for verdict in first["verdicts"]] == [True, True, False]
    assert all(verdict["passed"] for verdict in second["verdicts"])
    steps = await desk.steps(RunId(view.row.run_id))
    calls = [step for step in steps if step.kind == "model"]
    assert [(c.input_tokens, c.output_tokens) for c in calls] == [(INPUT_TOKENS, OUTPUT_TOKENS)] * 3
    assert sum(step.kind == "tool" for step in steps) == len(READING)
    assert set(provider.secrets) == {"sk-provider"}
    run = await desk.run(RunId(view.row.run_id))
    assert (run.row.input_tokens, run.row.model_calls) == (3 * INPUT_TOKENS, 3)


async def test_provider_key_when_missing_fails_the_run_with_the_setting_to_set(
    opened: OpenDesk,
    account: Account,
    keyless: WorkerProcess,
) -> None:
    account.overdue_invoice()
    desk = await opened(definition=quick(_KEYLESS))
    await keyless.start()
    run_id = await desk.start()
    await desk.finished(run_id)
    assert keyless.stop() == 0
    [child] = await desk.children(run_id)
    assert child.row.state == "failed"
    assert child.row.error is not None
    assert "COUNTERSIGN_MODEL_API_KEY" in child.row.error
