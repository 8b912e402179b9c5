"""The named moments: each brings a scene to the point at which a kill hurts most, and keeps it there for the block.

Nothing in the product helps: the outside system is slow, a row is locked, or a process stands still.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import httpx

from tests.chaos.scene import Scene
from tests.chaos.victims import Target, thaw
from tests.waiting import eventually

_HELD = 2.0  # seconds that the outside system takes over a read
_SHORT = 1.0
_LATE = 8.0  # longer than the product needs to stand again
_INVOICE = "^/v1/invoices/in_"

Moment = Callable[[Scene], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def syncing(scene: Scene) -> AsyncIterator[None]:
    """The records are being fetched."""
    await scene.account.delay("GET", "^/v1/customers", _HELD)
    await scene.request()
    await scene.outside_called()
    yield


@asynccontextmanager
async def reading(scene: Scene) -> AsyncIterator[None]:
    """A run looks at its invoice for the first time."""
    await scene.account.delay("GET", _INVOICE, _HELD)
    await scene.request()
    await scene.step("candidates")
    await scene.outside_called()
    yield


@asynccontextmanager
async def planning(scene: Scene) -> AsyncIterator[None]:
    """The agent begins: it reads the invoice with its own tool."""
    await scene.account.delay("GET", _INVOICE, 0)
    await scene.account.delay("GET", _INVOICE, _HELD)
    await scene.request()
    await scene.step("read")
    await scene.outside_called()
    yield


@asynccontextmanager
async def drafting(scene: Scene) -> AsyncIterator[None]:
    """The agent reads how the customer has paid."""
    await scene.account.delay("GET", "^/v1/charges", _HELD)
    await scene.request()
    await scene.step("read")
    await scene.outside_called()
    yield


@asynccontextmanager
async def verifying(scene: Scene) -> AsyncIterator[None]:
    """The draft is there, the invoice is read again to judge it."""
    await scene.account.delay("GET", "^/v1/charges", _SHORT)
    await scene.request()
    await scene.step("read")
    await scene.outside_called()
    await scene.account.delay("GET", _INVOICE, _HELD)
    await scene.step("draft-1")
    await scene.outside_called()
    yield


@asynccontextmanager
async def proposing(scene: Scene) -> AsyncIterator[None]:
    """The draft has passed, the invoice is read once more to seal the proposal."""
    async with verifying(scene):
        await scene.account.delay("GET", _INVOICE, _HELD)
        await scene.step("verify-1")
        await scene.outside_called()
        yield


@asynccontextmanager
async def waiting(scene: Scene) -> AsyncIterator[None]:
    """The proposal waits for people."""
    await scene.proposals()
    yield


@asynccontextmanager
async def deciding(scene: Scene) -> AsyncIterator[None]:
    """A decision is written and not committed: the last row that it needs is locked."""
    proposal = (await scene.proposals())[0]
    counter = "SELECT 1 FROM event_counter WHERE org_id = $1 FOR UPDATE"
    async with scene.ledger.hold(counter, scene.ledger.org_id) as hold:
        asked = asyncio.create_task(scene.try_to_approve(proposal["id"]))
        await hold.met()
        yield
    await asked


@asynccontextmanager
async def editing(scene: Scene) -> AsyncIterator[None]:
    """An edit is written and not committed; whoever made it asks again, and it is written once."""
    card = await scene.card((await scene.proposals())[0]["id"])
    counter = "SELECT 1 FROM event_counter WHERE org_id = $1 FOR UPDATE"
    async with scene.ledger.hold(counter, scene.ledger.org_id) as hold:
        asked = asyncio.create_task(scene.try_to_lower(card))
        await hold.met()
        yield
    await asked
    await eventually(lambda: scene.try_to_lower(card), "an answer to the edit", seconds=90)
    assert await scene.ledger.value("SELECT count(*) FROM proposal_revision") == 2


@asynccontextmanager
async def asking(scene: Scene) -> AsyncIterator[None]:
    """The agent looks again, to answer a question; the answer comes all the same."""
    proposal = (await scene.proposals())[0]
    await scene.account.delay("GET", _INVOICE, _HELD)
    await eventually(lambda: scene.try_to_ask(proposal["id"]), "the question is taken", seconds=40)
    await scene.outside_called()
    yield

    async def answered() -> bool:
        query = "SELECT count(*) FROM question WHERE state = 'answered'"
        return bool(await scene.ledger.value(query))

    await eventually(answered, "the agent's answer", seconds=90)


@asynccontextmanager
async def decided(scene: Scene) -> AsyncIterator[None]:
    """The decision is committed and answered, the engine has not heard of it."""
    await scene.proposals()
    engine = scene.victims.freeze(Target.TEMPORAL)
    try:
        await scene.approve()
        yield
    finally:
        thaw(engine)


@asynccontextmanager
async def relaying(scene: Scene) -> AsyncIterator[None]:
    """The relay is at the wake-up, the engine does not answer it."""
    async with decided(scene):

        async def taken() -> bool:
            waiting = await scene.ledger.undelivered()
            return waiting == 1 and await scene.ledger.undelivered(unlocked=True) == 0

        await eventually(taken, "the relay has taken the wake-up", seconds=20)
        yield


@asynccontextmanager
async def claimed(scene: Scene) -> AsyncIterator[None]:
    """Before the dispatch: the intent is committed, the run's own row is locked."""
    await scene.proposals()
    run = "SELECT 1 FROM run WHERE parent_run_id IS NOT NULL FOR UPDATE"
    async with scene.ledger.hold(run) as hold:
        await scene.approve()
        await hold.met()
        yield


@asynccontextmanager
async def sending(scene: Scene) -> AsyncIterator[None]:
    """After the dispatch: the outside system has the request and carries it out a little later."""
    await _send(scene, _HELD)
    yield


@asynccontextmanager
async def sending_slowly(scene: Scene) -> AsyncIterator[None]:
    """The same, and it carries the request out only after the product stands again."""
    await _send(scene, _LATE)
    yield


@asynccontextmanager
async def unread(scene: Scene) -> AsyncIterator[None]:
    """The effect is made, the reply is not read: the worker stands still."""
    await _send(scene, _SHORT)
    worker = scene.victims.freeze(Target.WORKER)
    try:

        async def made() -> bool:
            return (await scene.account.done()).total == 1

        await eventually(made, "the effect is made", seconds=20)
        yield
    finally:
        thaw(worker)


@asynccontextmanager
async def unstored(scene: Scene) -> AsyncIterator[None]:
    """The reply is read and not stored: the proposal's row is locked."""
    await _send(scene, _SHORT)
    async with scene.ledger.hold("SELECT 1 FROM proposal FOR UPDATE") as hold:
        await hold.met()
        yield


@asynccontextmanager
async def anytime(scene: Scene) -> AsyncIterator[None]:
    """Any moment of several runs and decisions."""
    whole = asyncio.create_task(scene.finish())
    await asyncio.sleep(random.uniform(0, 4))  # noqa: S311 - any moment, not a secret
    yield
    await whole


async def _send(scene: Scene, seconds: float) -> None:
    await scene.account.delay("POST", "", seconds)
    await scene.approve()
    await scene.dispatched()


async def no_more_misfortune(scene: Scene) -> None:
    """Forget plans that nobody has met; a simulator that was killed has forgotten them itself."""
    with suppress(httpx.TransportError):
        await scene.account.forget()
