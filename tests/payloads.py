"""Every payload in a history, wherever in an event it lies, but what is in the clear on purpose."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

LIMIT = 64 * 1024
_OF_IDS = 500
# Ids and states to search for, ids of requests, and the names of patches.
_IN_THE_CLEAR = frozenset({"search_attributes", "header", "patch-data"})


def payloads_of(history: WorkflowHistory) -> Iterator[Payload]:
    """All of them."""
    for event in history.events:
        yield from _within(event)


def wrong(history: WorkflowHistory) -> list[str]:
    """What is neither encrypted nor a reference, or larger than the limit; empty is as it should be."""
    return [
        f"{payload.metadata['encoding'].decode()}, {payload.ByteSize()} bytes"
        for payload in payloads_of(history)
        if payload.ByteSize() > LIMIT
        or not (payload.metadata["encoding"] == b"binary/encrypted" or is_reference(payload))
    ]


def is_reference(payload: Payload) -> bool:
    """Whether it only names what lies in the database: by ids, in the clear."""
    return bool(payload.external_payloads) and payload.ByteSize() < _OF_IDS


def _within(value: Any) -> Iterator[Payload]:  # noqa: ANN401 - whatever a field may hold
    if isinstance(value, Payload):
        yield value
    elif isinstance(value, Message):
        for field, inner in value.ListFields():
            if field.name not in _IN_THE_CLEAR:
                yield from _within(inner)
    elif hasattr(value, "items"):
        for name, inner in value.items():
            if name not in _IN_THE_CLEAR:
                yield from _within(inner)
    elif not isinstance(value, str | bytes | int | float):
        for inner in value:
            yield from _within(inner)
