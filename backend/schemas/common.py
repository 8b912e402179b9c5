"""Wire types that more than one controller shares."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Base of every wire type: camelCase outside, unknown fields refused."""


class Money(Wire, frozen=True):
    """An amount in the currency's minor unit; ``exponent`` is how many decimals the currency has."""

    minor: int
    currency: str
    exponent: int


class Cost(Wire, frozen=True):
    """Tokens and money that a run has used; ``spend`` is absent for the offline rules.

    ``unpricedCalls``: their tokens are counted, their price nobody knows, so that ``spend`` lacks it.
    """

    input_tokens: int
    output_tokens: int
    model_calls: int
    spend: Money | None = None
    unpriced_calls: int = 0


class Person(Wire, frozen=True):
    """Somebody of this organization, as far as others may see them."""

    id: str
    name: str
    initials: str


class Permission(Wire, frozen=True):
    """Whether the asking person may do it, and if not, why."""

    allowed: bool
    reason: str | None = None


class Page(Wire, Generic[T], frozen=True):
    """One page of a list. ``total`` is exact up to 10,000, beyond it ``total_is_estimate`` is true."""

    items: list[T]
    next_cursor: str | None
    total: int
    total_is_estimate: bool
