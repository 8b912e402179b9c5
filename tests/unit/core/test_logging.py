"""What a process logs of an error: its kind, code and place, and none of its words."""

import subprocess
import sys

import pytest

from backend.core.errors import ConflictError
from backend.core.logging import describe, trace

_SECRET = "Halvorsen owes 120.00"
_PROGRAM = f"""
import logging
import structlog
from backend.core import logging as ours
from backend.core.errors import ConflictError
ours.configure()
def fails():
    try:
        raise ValueError({_SECRET!r})
    except ValueError as error:
        raise ConflictError({_SECRET!r}) from error
for log in (structlog.get_logger().exception, logging.getLogger("somebody.else").exception):
    try:
        fails()
    except ConflictError:
        log("it.failed")
"""


def test_log_of_an_error_names_its_chain_and_places_and_quotes_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "it.failed" in line
        assert "ValueError" in line
        assert "ConflictError (conflict)" in line
        assert "in fails" in line
        assert _SECRET not in line


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConflictError(_SECRET), "ConflictError (conflict)"),
        (
            ConnectionRefusedError(111, "Connection refused"),
            "ConnectionRefusedError: Connection refused",
        ),
        (OSError(_SECRET), "OSError"),
        (ValueError(_SECRET), "ValueError"),
    ],
)
def test_description_of_an_error(error: Exception, told: str) -> None:
    assert describe(error) == told


def test_trace_of_a_group_tells_of_every_error_in_it() -> None:
    told = trace(ExceptionGroup(_SECRET, [KeyError(_SECRET), TypeError(_SECRET)]))
    assert all(name in told for name in ("ExceptionGroup", "KeyError", "TypeError"))
    assert _SECRET not in told
