"""What every measurement says of itself, its figures' common forms, and how it ends."""

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any, NoReturn

import structlog


def heading() -> str:
    """When, how busy the machine is, and the command."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {busyness()}: python {' '.join(sys.orig_argv[1:])}"


def busyness() -> str:
    """How busy the machine is now."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def p95(found: Sequence[float]) -> float:
    """The 95th percentile, never beyond the largest; needs two values."""
    return quantiles(found, n=20, method="inclusive")[18]


def carry_out(measurement: Coroutine[Any, Any, None]) -> NoReturn:
    """Run it to its end and leave with 0, or with 1 and what went wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    code = 1
    try:
        asyncio.run(measurement)
        code = 0
    except Exception:  # noqa: BLE001 - the last line of the process: whatever it was is shown
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)  # the engine's threads can abort the interpreter's end
