"""An organization's activities take turns; another organization's never wait for them."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from backend.core import outside
from backend.core.ids import OrgId
from workflows.runtime.turns import Turns


class Workplace:
    """Activities that work until they are told to end, and who of them is at work."""

    def __init__(self, each: int) -> None:
        self._turns = Turns(each)
        self.at_work: list[str] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, asyncio.Event] = {}

    async def come(self, name: str, org_id: OrgId, wait: asyncio.Event | None = None) -> None:
        """Begin an activity; it waits outside first, if there is something to wait for."""
        self._told[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._activity(name, org_id, wait))
        await settle()

    async def end(self, name: str) -> None:
        """Let it end its work."""
        self._told[name].set()
        await self._tasks[name]
        await settle()

    async def cancel(self, *names: str) -> None:
        """Cancel them all at the same moment."""
        for name in names:
            self._tasks[name].cancel()
        await settle()

    async def _activity(self, name: str, org_id: OrgId, wait: asyncio.Event | None) -> None:
        async with self._turns.turn(org_id, name):
            if wait is not None:
                async with outside.waiting():
                    await wait.wait()
            self.at_work.append(name)
            try:
                await self._told[name].wait()
            finally:
                self.at_work.remove(name)


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def ours() -> OrgId:
    return OrgId(uuid4())


async def test_organization_has_only_so_many_at_work_and_the_oldest_is_next(ours: OrgId) -> None:
    place = Workplace(2)
    for name in ("3", "9", "8", "5"):
        await place.come(name, ours)
    assert place.at_work == ["3", "9"]
    await place.end("9")
    assert place.at_work == ["3", "5"]
    await place.end("3")
    assert place.at_work == ["5", "8"]


async def test_another_organization_does_not_wait(ours: OrgId) -> None:
    place = Workplace(1)
    for name in ("1", "2", "3"):
        await place.come(name, ours)
    await place.come("theirs", OrgId(uuid4()))
    assert place.at_work == ["1", "theirs"]


async def test_who_waits_for_an_outside_system_lends_the_turn_and_comes_back_by_age(
    ours: OrgId,
) -> None:
    place, answer = Workplace(1), asyncio.Event()
    await place.come("1", ours, wait=answer)
    await place.come("2", ours)
    await place.come("3", ours)
    assert place.at_work == ["2"]
    answer.set()
    await settle()
    assert place.at_work == ["2"]
    await place.end("2")
    assert place.at_work == ["1"]


async def test_several_waits_at_the_same_time_lend_one_turn(ours: OrgId) -> None:
    turns, answers = Turns(1), [asyncio.Event(), asyncio.Event()]
    came_back: list[int] = []

    async def wait(number: int) -> None:
        async with outside.waiting():
            await answers[number].wait()
        came_back.append(number)

    async def reads_twice_at_once() -> None:
        async with turns.turn(ours, "1"):
            await asyncio.gather(wait(0), wait(1))

    reading = asyncio.create_task(reads_twice_at_once())
    await settle()
    for number in (0, 1):
        async with turns.turn(ours, "2"):
            answers[number].set()
            await settle()
    await reading
    assert came_back == [0, 1]
    async with asyncio.timeout(1):
        await take(turns, ours)


@pytest.mark.parametrize("leave", [("2",), ("1", "2"), ("2", "1"), ("1",)])
async def test_who_is_cancelled_leaves_no_turn_taken(ours: OrgId, leave: tuple[str, ...]) -> None:
    place = Workplace(1)
    for name in ("1", "2"):
        await place.come(name, ours)
    await place.cancel(*leave)
    if "2" not in leave:
        await place.end("2")
    elif "1" not in leave:
        await place.end("1")
    await place.come("4", ours)
    await place.come("5", ours)
    assert place.at_work == ["4"]


async def test_who_is_cancelled_at_the_moment_of_being_called_hands_the_turn_on(
    ours: OrgId,
) -> None:
    place = Workplace(1)
    for name in ("1", "2", "3"):
        await place.come(name, ours)
    await place.cancel("1")
    assert place.at_work == ["2"]
    await place.cancel("2", "3")
    await place.come("4", ours)
    assert place.at_work == ["4"]


async def test_without_turns_waiting_is_only_waiting() -> None:
    async with outside.waiting():
        pass


async def test_failure_while_waiting_comes_back_with_the_turn(ours: OrgId) -> None:
    turns = Turns(1)

    async def fails() -> None:
        async with turns.turn(ours, "1"):
            try:
                async with outside.waiting():
                    await break_off()
            except OSError:
                await hold.wait()

    hold = asyncio.Event()
    task = asyncio.create_task(fails())
    await settle()
    other: Callable[[], bool] = asyncio.create_task(take(turns, ours)).done
    await settle()
    assert not other()
    hold.set()
    await task
    await settle()
    assert other()


async def break_off() -> None:
    raise OSError("gone")


async def take(turns: Turns, org_id: OrgId) -> None:
    async with turns.turn(org_id, "9"):
        pass
