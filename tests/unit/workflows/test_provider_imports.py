"""A provider is imported whole, however busy the machine is: half a module would stay half for ever."""

import ctypes
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from multiprocessing import get_context
from types import ModuleType

from workflows.agents.providers import keyless_model

LATE = "openai.types.responses.input_token_count_params"
"""Imported while a package is half done, of which the rest is asked for by name."""


class BrokenOffError(Exception):
    """What the engine raises in the thread of a workflow task that takes too long."""


class BreaksOff(MetaPathFinder):
    """Breaks a thread off when the import has come to :data:`LATE`."""

    def __init__(self, task: threading.Thread) -> None:
        self._task = task

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname == LATE:
            sys.meta_path.remove(self)
            thread = ctypes.c_ulong(self._task.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(BrokenOffError))
        return None


def broken_off_and_tried_again(name: str) -> str:
    """The model's name as the second workflow task sees it, in a process that knew no provider before."""

    def first() -> None:
        try:
            keyless_model(name)
        except BrokenOffError:
            broken.append(name)

    broken: list[str] = []
    task = threading.Thread(target=first)
    sys.meta_path.insert(0, BreaksOff(task))
    task.start()
    task.join()
    assert broken
    return keyless_model(name).model_name


def test_import_when_the_task_that_needs_it_is_broken_off_then_the_next_task_has_all_of_it() -> (
    None
):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        again = fresh.submit(broken_off_and_tried_again, "openai:gpt-5.6-sol").result()
    assert again == "gpt-5.6-sol"
