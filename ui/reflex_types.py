"""Typed faces of Reflex's functions, whose own types are lost on their way. The one place that casts."""

from collections.abc import Callable
from typing import Any, Protocol, cast

import reflex as rx
from reflex.event import EventSpec


class Tag(Protocol):
    """Makes one HTML element."""

    def __call__(self, *children: object, **props: object) -> rx.Component:
        """The element around ``children``."""


class Elements(Protocol):
    """All HTML elements by name."""

    def __getattr__(self, tag: str, /) -> Tag:
        """The maker of ``tag``."""


el = cast("Elements", rx.el)


def fragment(*children: object) -> rx.Component:
    """Several children without an element around them."""
    return cast("rx.Component", rx.fragment(*children))


def cond(test: object, yes: object, no: object = None) -> rx.Component:
    """``yes`` or ``no`` (nothing) by a value of the state. Also gives values, where a prop wants one."""
    return cast("rx.Component", rx.cond(test, yes, rx.fragment() if no is None else no))


def match(value: object, *cases: object) -> rx.Component:
    """The first of ``cases`` (pairs) that equals ``value``; the last one stands alone as the default."""
    return cast("rx.Component", rx.match(value, *cases))


def foreach(items: object, draw: Callable[[Any], rx.Component]) -> rx.Component:
    """One component for each item of a list in the state."""
    return cast("rx.Component", rx.foreach(cast("Any", items), draw))


def count(items: object) -> rx.Var[int]:
    """How many items a list in the state has."""
    return cast("rx.Var[int]", cast("Any", items).length())


def longer(items: object, than: int) -> rx.Var[bool]:
    """Whether a list in the state has more than so many items."""
    return cast("rx.Var[bool]", cast("Any", items).length() > than)


def negate(test: object) -> rx.Var[bool]:
    """The opposite of a boolean in the state."""
    return cast("rx.Var[bool]", ~cast("Any", test))


def call(handler: object, *args: object) -> EventSpec:
    """An event handler with its arguments."""
    return cast("EventSpec", cast("Any", handler)(*args))
