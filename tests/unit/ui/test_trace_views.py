"""The trace places every step on one axis, on which long waits are folded, and heads the steps with their part."""

from datetime import timedelta
from typing import Any

from backend.schemas.common import Cost
from backend.schemas.runs import RunTrace, TraceSpan
from tests.unit.ui import wire
from ui.trace_views import trace_view

NOW = wire.AT + timedelta(hours=2)


def span(key: str, kind: str, after: float, seconds: float | None, **changed: object) -> TraceSpan:
    given: dict[str, Any] = {
        "id": key,
        "parent_id": "r",
        "run_id": "r",
        "kind": kind,
        "name": kind,
        "state": "done",
        "summary": "",
        "started_at": wire.AT + timedelta(seconds=after),
        "offset_ms": after * 1000,
        "duration_ms": None if seconds is None else seconds * 1000,
    }
    return TraceSpan(**(given | changed))


def trace(*spans: TraceSpan) -> RunTrace:
    cost = Cost(input_tokens=0, output_tokens=0, model_calls=0)
    return RunTrace(
        run_id="r",
        state="completed",
        started_at=wire.AT,
        duration_ms=None,
        cost=cost,
        spans=list(spans),
    )


def test_trace_when_a_person_was_waited_for_then_the_wait_is_folded_and_work_keeps_its_scale() -> (
    None
):
    view = trace_view(
        trace(
            span("propose", "propose", 0, 1),
            span("wait", "wait", 1, 3600),
            span("execute", "execute", 3601, 3),
        ),
        NOW,
    )

    bars = {line.id: line for line in view.lines if not line.group}
    assert (bars["propose"].start, bars["propose"].width) == ("0.00%", "22.00%")
    assert (bars["wait"].start, bars["wait"].width, bars["wait"].took) == (
        "22.00%",
        "12.00%",
        "1 h",
    )
    assert (bars["execute"].start, bars["execute"].width) == ("34.00%", "66.00%")
    assert [(fold.start, fold.word) for fold in view.folds] == [("22.00%", "1 h")]
    assert (view.working, view.waiting) == ("4.0 s", "1 h")


def test_trace_when_a_wait_lasts_then_it_is_folded_at_the_end_and_said_to_be_running() -> None:
    view = trace_view(
        trace(span("propose", "propose", 0, 1), span("wait", "wait", 1, None, state="running")), NOW
    )

    wait = view.lines[-1]
    assert (wait.start, wait.width, wait.state) == ("88.00%", "12.00%", "running")
    assert view.folds[0].start == "88.00%"


def test_trace_when_a_draft_was_corrected_then_its_steps_stand_under_their_attempts() -> None:
    view = trace_view(
        trace(
            span("read", "read", 0, 1),
            span("a1", "attempt", 1, 2, attempt=1),
            span("m1", "model", 1, 1, parent_id="a1"),
            span("v1", "verify", 2, 1, parent_id="a1", state="failed"),
            span("a2", "attempt", 3, 1, attempt=2),
            span("m2", "model", 3, 1, parent_id="a2"),
            span("propose", "propose", 4, 1),
        ),
        NOW,
    )

    assert [line.name for line in view.lines if line.group] == [
        "Preparation",
        "Attempt 1",
        "Attempt 2",
        "Decision",
    ]
    assert [line.id for line in view.lines if line.state == "failed"] == ["v1"]
    assert view.attempts == 2


def test_trace_when_nothing_was_done_yet_then_it_is_empty() -> None:
    assert trace_view(trace(span("r", "run", 0, None)), NOW).lines == []
