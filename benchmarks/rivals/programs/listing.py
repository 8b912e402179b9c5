# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator,no-any-return"
"""The list of runs in raw ASGI and in bare Litestar, over asyncpg alone.

The work is what the product's route asks its database, statement for statement, and a reply of the same rows; it lies
in the file that ``LISTING_WORK`` names. Nobody here authenticates, counts or checks anything beside those statements.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import litestar
import msgspec

POOL = 10


class Statement(msgspec.Struct):
    """One statement with its parameters."""

    sql: str
    parameters: list[Any]


class Transaction(msgspec.Struct):
    """Statements of one database role."""

    role: str
    statements: list[Statement]


class Work(msgspec.Struct):
    """All of one request; ``items`` are the rows of the reply, by which its type is made."""

    dsn: dict[str, str]
    transactions: list[Transaction]
    items: list[dict[str, Any]]


with open(os.environ["LISTING_WORK"], "rb") as file:  # noqa: PTH123, TID251
    WORK = msgspec.msgpack.decode(file.read(), type=Work)
FIELDS = {name: Any if value is None else type(value) for name, value in WORK.items[0].items()}


# ---- asyncpg alone
Item = msgspec.defstruct("Item", list(FIELDS.items()))
Page = msgspec.defstruct("Page", [("items", list[Item]), ("total", int)])  # type: ignore[valid-type]
pools: dict[str, asyncpg.Pool] = {}


async def connect() -> None:
    """A pool of each role."""
    for role, dsn in WORK.dsn.items():
        pools[role] = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)


async def page() -> Any:  # noqa: ANN401 - made of the work
    """The statements, and the reply as structs."""
    for each in WORK.transactions:
        async with pools[each.role].acquire() as connection, connection.transaction():
            for statement in each.statements:
                await connection.fetch(statement.sql, *statement.parameters)
    return Page([Item(**item) for item in WORK.items], len(WORK.items))


async def raw(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:  # noqa: ANN401
    """The floor."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await connect()
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = msgspec.json.encode(await page())
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@litestar.get("/")
async def listed() -> Page:  # type: ignore[valid-type]
    """The same in a handler."""
    return await page()


bare_litestar = litestar.Litestar([listed], on_startup=[connect], openapi_config=None)
