"""Both providers' wires when they misbehave: what is retried, asked again or ends the run, and how it reads."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from backend.core.ids import RunId
from backend.runs.repository import RunView, StepView
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.providers import INPUT_TOKENS, OUTPUT_TOKENS, Call, Plan, Provider
from tests.worker import WorkerProcess

_MODELS = {"openai:gpt-5.6-sol": "/v1", "anthropic:claude-sonnet-4-5": ""}
_STEPS = 3
_TIMEOUT = 2
_KEY = "sk-wire-do-not-tell"
_TRIES = 8  # the engine's policy for model calls


@dataclass(frozen=True)
class Line:
    """A worker that is set up for one provider."""

    model: str
    provider: Provider
    worker: WorkerProcess

    @property
    def who(self) -> str:
        return self.model.partition(":")[0]


@pytest.fixture(scope="module", params=list(_MODELS))
def serving(
    request: pytest.FixtureRequest,
    environ: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:
    model: str = request.param
    with Provider().running() as provider:
        own = {
            "COUNTERSIGN_MODEL": model,
            "COUNTERSIGN_MODEL_API_KEY": _KEY,
            "COUNTERSIGN_MODEL_BASE_URL": provider.url + _MODELS[model],
            "COUNTERSIGN_MODEL_TIMEOUT_SECONDS": str(_TIMEOUT),
        }
        process = WorkerProcess({**environ, **own}, tmp_path_factory.mktemp("worker") / "log")
        asyncio.run(process.start())
        yield Line(model, provider, process)
        provider.forget()
        assert process.stop() == 0


@pytest.fixture
def line(serving: Line) -> Line:
    serving.provider.forget()
    return serving


@pytest.fixture
async def desk(opened: OpenDesk, account: Account, line: Line) -> Desk:
    line.provider.only_about(account.overdue_invoice())
    return await opened(definition=quick(line.model))


async def child_of(desk: Desk) -> RunView:
    """Run the playbook; the run that looked at the invoice."""
    run_id = await desk.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    return child


async def failures(desk: Desk, child: RunView) -> list[StepView]:
    steps = await desk.steps(RunId(child.row.id))
    return [step for step in steps if (step.kind, step.state) == ("model", "failed")]


_ANSWER_WITHOUT_REASON = Call("odd-1", "send_reminder", {"plan": ["Remind."], "confidence": 7})


@pytest.mark.parametrize(
    "call",
    [
        Call("odd-1", "send_reminder", '{"plan": ["Look'),
        Call("odd-1", "delete_everything", {"really": True}),
        _ANSWER_WITHOUT_REASON,
    ],
    ids=["arguments that are no JSON", "a tool that is none", "an answer outside the schema"],
)
async def test_malformed_answer_is_asked_for_again_and_corrected(
    desk: Desk, line: Line, call: Call
) -> None:
    line.provider.plan(Plan(calls=[call]))
    child = await child_of(desk)
    assert (child.row.state, child.row.error) == ("waiting", None)
    assert len(line.provider.requests) == _STEPS + 1
    assert await failures(desk, child) == []


async def test_malformed_answers_without_end_end_the_run_as_the_models_fault(
    desk: Desk, line: Line
) -> None:
    line.provider.always(Plan(calls=[_ANSWER_WITHOUT_REASON]))
    child = await child_of(desk)
    assert child.row.state == "failed"
    assert child.row.error is not None
    assert child.row.error.startswith("The model gave no answer")
    assert len(line.provider.requests) == 3  # the answer and two corrections


async def test_too_many_requests_are_retried_after_as_long_as_the_provider_says(
    desk: Desk, line: Line
) -> None:
    line.provider.plan(Plan(status=429, headers={"retry-after": "2"}))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    refused, again = line.provider.came[:2]
    assert 2 <= again - refused < 10
    [step] = await failures(desk, child)
    assert step.name == line.model
    assert step.summary == (
        f"The model provider {line.who} does not answer: it is asked too often (429)"
    )


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Plan(status=500), "it failed with status 500"),
        (Plan(status=529), "it failed with status 529"),
        (Plan(reset=True), "the connection broke off"),
        (Plan(slow=True), f"no answer within {_TIMEOUT} s"),
        (Plan(hold=True), f"no answer within {_TIMEOUT} s"),
        (Plan(garbage=True), "what it sent is no reply"),
    ],
    ids=["500", "overloaded", "reset", "slow body", "silence", "no JSON"],
)
async def test_failure_that_passes_is_retried_and_told_in_the_trace(
    desk: Desk, line: Line, plan: Plan, why: str
) -> None:
    line.provider.plan(Plan(), plan)
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert len(line.provider.requests) == _STEPS + 1
    assert child.row.input_tokens == _STEPS * INPUT_TOKENS
    [step] = await failures(desk, child)
    assert step.summary == f"The model provider {line.who} does not answer: {why}"


async def test_reply_that_was_cut_off_is_paid_for_but_never_taken_for_an_answer(
    desk: Desk, line: Line
) -> None:
    line.provider.plan(Plan(), Plan(), Plan(cut=True))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert len(line.provider.requests) == _STEPS + 1
    assert child.row.input_tokens == (_STEPS + 1) * INPUT_TOKENS
    [step] = await failures(desk, child)
    assert "was cut off after 30 tokens and is no whole answer" in step.summary
    assert (step.input_tokens, step.output_tokens) == (INPUT_TOKENS, OUTPUT_TOKENS)


async def test_reply_that_is_cut_off_again_ends_the_run_with_what_to_do(
    desk: Desk, line: Line
) -> None:
    line.provider.always(Plan(cut=True))
    child = await child_of(desk)
    assert child.row.error is not None
    assert child.row.error.startswith(f"The reply of {line.model} was cut off after 30 tokens")
    assert "COUNTERSIGN_MODEL_MAX_OUTPUT_TOKENS" in child.row.error
    assert len(line.provider.requests) == 2


async def test_outage_that_lasts_ends_the_run_as_an_outage(desk: Desk, line: Line) -> None:
    line.provider.always(Plan(status=503, headers={"retry-after-ms": "50"}))
    child = await child_of(desk)
    assert (child.row.state, child.row.outcome) == ("failed", None)
    assert child.row.error == (
        f"The model provider {line.who} does not answer: it failed with status 503"
    )
    assert len(line.provider.requests) == _TRIES
    assert len(await failures(desk, child)) == _TRIES


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refuses the key"), (404, "has no model"), (400, "refuses the request")],
)
async def test_refusal_ends_the_run_at_once(
    desk: Desk, line: Line, status: int, words: str
) -> None:
    line.provider.always(Plan(status=status))
    child = await child_of(desk)
    assert child.row.error is not None
    assert child.row.error.startswith(f"The model provider {line.who} {words}")
    assert len(line.provider.requests) == 1


async def test_redirect_is_not_followed(desk: Desk, line: Line) -> None:
    elsewhere = {"location": f"{line.provider.url}/v1/elsewhere"}
    line.provider.plan(Plan(status=307, headers=elsewhere))
    child = await child_of(desk)
    assert child.row.state == "waiting"
    assert len(line.provider.requests) == _STEPS + 1


async def test_log_of_the_worker_tells_no_prompt_no_reply_and_no_key(
    desk: Desk, line: Line
) -> None:
    for plan in (Plan(status=401), Plan(garbage=True), Plan(calls=[_ANSWER_WITHOUT_REASON])):
        line.provider.forget()
        line.provider.plan(plan)
        await child_of(desk)
    log = line.worker.log()
    assert "activity.failed" in log
    words = (
        _KEY,
        _KEY[:6],
        "Bring in what is overdue",
        "Halvorsen",
        "Remind.",
        "no reply</html>",
        "is open and overdue",
        "status 401",
    )
    assert [word for word in words if word in log] == []
