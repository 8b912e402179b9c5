"""Hears that the server begins to stop. It waits for open streams before the lifespan ends, so they must end before."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def when_stopping(act: Callable[[], None]) -> Iterator[None]:
    """Run ``act`` on the loop when the process is told to stop, beside what the server does about it.

    The loop's own handlers hang on the wake-up descriptor: a handler of Python's that is put over theirs takes
    nothing from them. Where nobody handles the signal, it keeps its default.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    handled = [number for number in _SIGNALS if callable(before[number])]
    for number in handled:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in handled:
            if signal.getsignal(number) is hear:
                signal.signal(number, before[number])
