"""`countersign up`: start the stack, keep it alive until a signal asks for its end, leave nothing behind."""

import asyncio
import shutil
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, closing

from backend.embedded import demo_file, instance, ports, services
from backend.embedded.console import Console
from backend.embedded.errors import StartupError
from backend.embedded.launch import Launch
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.services import Stack
from backend.embedded.starting import Starting
from backend.embedded.summary import summary
from backend.embedded.supervisor import Supervisor

_DISK_NEEDED = 1 << 30  # bytes
_DISK_FULL = 128 << 20  # with less, whatever failed has failed for that reason
_END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def up(launch: Launch, *, echo: bool) -> None:
    """Run the stack until SIGINT, SIGTERM or SIGHUP. ``echo`` prints the programs' log, too.

    Raises :class:`StartupError` when it cannot be started or one of its programs keeps dying.
    """
    with instance.claim(launch.state):
        work = asyncio.create_task(_hold(launch, echo=echo))
        _on_end_signals(work.cancel)
        try:
            await work
        except* (StartupError, OSError) as group:
            raise _explained(launch, _first(group)) from None
        except* asyncio.CancelledError:
            pass


async def _hold(launch: Launch, *, echo: bool) -> None:
    _check_disk(launch)
    async with AsyncExitStack() as pipes:
        console = pipes.enter_context(closing(Console(launch.logs / "countersign.log", echo=echo)))
        if earlier := instance.read(launch.state):
            await instance.end_remains(earlier, console.say)
        chosen = ports.choose(launch.ports, launch.state / "ports.json", console.say)
        pipes.enter_context(closing(ports.reserve(chosen["web"])))
        postgres = EmbeddedPostgres(
            launch.state / "postgres",
            port=chosen["postgres"],
            output=await pipes.enter_async_context(console.pipe("postgres")),
        )
        stack = Stack(launch, services.addresses(chosen), postgres)
        supervisor = Supervisor(console, order=services.ORDER, follow={"temporal": ("worker",)})
        starting = Starting(launch, stack, console, supervisor, pipes)
        try:
            await _start_and_wait(launch, stack, console, supervisor, starting)
        finally:
            _on_end_signals(lambda: None)  # a second signal must not cut the orderly end short
            console.say("stopping")
            await supervisor.stop_all()
            instance.withdraw(launch.state)
            console.say("stopped")


async def _start_and_wait(
    launch: Launch, stack: Stack, console: Console, supervisor: Supervisor, starting: Starting
) -> None:
    url = stack.at.web_url

    def publish_start() -> None:
        instance.publish(launch.state, url, "starting", supervisor.pids)

    def publish() -> None:
        instance.publish(launch.state, url, "ready", supervisor.pids)
        demo_file.write(launch.demo, starting.demo())

    publish_start()
    supervisor.on_change(publish_start)
    demo = await starting.run()
    supervisor.on_change(publish)
    console.show(summary(demo, launch.demo, console.elapsed))
    publish()
    await supervisor.until_given_up()


def _check_disk(launch: Launch) -> None:
    free = shutil.disk_usage(launch.state).free
    if free < _DISK_NEEDED:
        raise StartupError(
            f"The disk of {launch.state} has only {free / 1e9:.1f} GB free and 1 GB is needed: "
            "free some and start again."
        )


def _explained(launch: Launch, error: BaseException) -> StartupError:
    if shutil.disk_usage(launch.state).free < _DISK_FULL:
        return StartupError(f"The disk of {launch.state} is full: free 1 GB and start again.")
    if isinstance(error, StartupError):
        return error
    return StartupError(f"{error}; correct that and start again.")


def _on_end_signals(action: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in _END_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, action)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The innermost first error: the others of the group follow from it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
