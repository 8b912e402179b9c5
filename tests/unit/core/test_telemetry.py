"""Without a collector nothing is recorded, and what would record is not even imported."""

import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.trace import SpanKind

from backend.core import otlp, telemetry

ROOT = Path(__file__).resolve().parents[3]
_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("process", ["backend.app", "workflows.worker"])
def test_process_when_no_collector_is_set_then_the_sdk_is_not_imported(process: str) -> None:
    asks = f"import sys, {process}; sys.exit('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0


def test_span_when_nothing_is_recorded_then_it_has_no_place_and_hands_on_its_callers() -> None:
    telemetry.start("api", None)
    with telemetry.span("GET /", SpanKind.SERVER, {}):
        assert telemetry.traceparent() is None
    with telemetry.within(_PARENT):
        assert telemetry.traceparent() == _PARENT
    assert telemetry.place_of("a run", _PARENT) == _PARENT
    assert telemetry.place_of("a run", None) is None


def test_place_when_worked_out_by_two_processes_then_the_same_and_below_its_parent() -> None:
    place = otlp.place_of("a run", _PARENT)
    assert place == otlp.place_of("a run", _PARENT)
    assert place != otlp.place_of("another run", _PARENT)
    assert place.split("-")[1] == _PARENT.split("-")[1]
    alone = otlp.place_of("a run", None)
    with telemetry.within(alone):
        assert telemetry.traceparent() == alone
