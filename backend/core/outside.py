"""Waiting for an outside system: whoever runs us may let others work in our place meanwhile."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar

Lending = Callable[[], AbstractAsyncContextManager[None]]
_LENDING: ContextVar[Lending | None] = ContextVar("lending", default=None)


@asynccontextmanager
async def waiting() -> AsyncGenerator[None]:
    """Around the wait for an answer from outside. Never inside of a transaction: coming back may take a while."""
    lending = _LENDING.get()
    if lending is None:
        yield
        return
    async with lending():
        yield


@contextmanager
def lent(lending: Lending) -> Generator[None]:
    """For the block, every wait lends our place by ``lending``."""
    token = _LENDING.set(lending)
    try:
        yield
    finally:
        _LENDING.reset(token)
