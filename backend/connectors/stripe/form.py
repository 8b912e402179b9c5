"""Stripe's form encoding: ``a[b][0]=c`` (https://docs.stripe.com/api)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value] | None"


def encode(params: Mapping[str, Value]) -> str:
    """The same parameters give the same text, byte for byte. What is None is left out."""
    return urlencode([pair for name, value in params.items() for pair in _pairs(name, value)])


def _pairs(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, str | int):
        yield name, str(value)
    else:
        for index, inner in enumerate(value):
            yield from _pairs(f"{name}[{index}]", inner)
