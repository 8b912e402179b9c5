"""Keeps services alive: restarts what dies, gives up when that does not help, stops all in reverse order."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backend.embedded.child import Service, describe_exit
from backend.embedded.console import Console
from backend.embedded.errors import StartupError

_WINDOW = 60.0  # seconds
_DEATHS_ALLOWED = 5
_NOTICEABLE_OUTAGE = 2.0


@dataclass(slots=True)
class _Watched:
    service: Service
    deaths: deque[float] = field(default_factory=deque)
    recycling: bool = False
    watch: asyncio.Task[None] | None = None


class Supervisor:
    """Owns the services of one stack.

    ``order`` names them all in the order of their start. ``follow`` says which services must begin
    anew after another one was away for more than two seconds: a Temporal worker's polls back off.
    """

    def __init__(
        self,
        console: Console,
        *,
        order: tuple[str, ...],
        follow: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._console = console
        self._order = order
        self._follow = follow
        self._changed: Callable[[], None] = lambda: None
        self._watched: dict[str, _Watched] = {}
        self._gave_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, in the order of the start."""
        return {
            name: pid
            for name in self._order
            if name in self._watched and (pid := self._watched[name].service.pid) is not None
        }

    def on_change(self, call: Callable[[], None]) -> None:
        """What to call from now on when a service has got another process id."""
        self._changed = call

    async def start(self, service: Service) -> None:
        """Start the service and keep it alive from now on."""
        watched = self._watched[service.name] = _Watched(service)
        await service.start()
        watched.watch = asyncio.create_task(self._keep_alive(watched))
        self._changed()

    async def until_given_up(self) -> None:
        """Wait for ever; raises :class:`StartupError` when a service keeps dying."""
        await self._gave_up

    async def stop_all(self) -> None:
        """Stop everything that was started, the last first, also when one of them resists."""
        watches = [watched.watch for watched in self._watched.values() if watched.watch]
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        for name in reversed(self._order):
            if name not in self._watched:
                continue
            try:
                await self._watched[name].service.stop()
            except StartupError as error:
                self._console.say(str(error))

    async def _keep_alive(self, watched: _Watched) -> None:
        service = watched.service
        while True:
            code = await service.wait()
            died = time.monotonic()
            if watched.recycling:
                watched.recycling = False
            else:
                self._console.say(f"{service.name} died ({describe_exit(code)}); starting it again")
                if not await self._may_restart(watched, died, describe_exit(code)):
                    return
            try:
                await service.start()
            except StartupError as error:
                self._console.say(str(error))
                continue
            self._changed()
            outage = time.monotonic() - died
            self._console.say(f"{service.name} is back (pid {service.pid}, {outage:.1f} s)")
            if outage > _NOTICEABLE_OUTAGE:
                await self._recycle_followers(service.name)

    async def _may_restart(self, watched: _Watched, died: float, how: str) -> bool:
        deaths, name = watched.deaths, watched.service.name
        deaths.append(died)
        while deaths[0] < died - _WINDOW:
            deaths.popleft()
        if len(deaths) >= _DEATHS_ALLOWED:
            message = (
                f"The {name} process died {len(deaths)} times within a minute (last: {how}): "
                f"{self._console.last_line(name)}"
            )
            if not self._gave_up.done():
                self._gave_up.set_exception(StartupError(message))
            return False
        await asyncio.sleep(len(deaths) - 1)  # at once the first time, then ever later
        return True

    async def _recycle_followers(self, name: str) -> None:
        for follower in self._follow.get(name, ()):
            watched = self._watched.get(follower)
            if watched and watched.service.pid is not None:
                self._console.say(f"{name} was away for long; starting {follower} anew")
                watched.recycling = True
                await watched.service.stop()
