"""Python faces of the browser's own parts in ``assets/cs``: names and props, no geometry and no logic."""

import json
from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex_components_core.el.element import Element  # type: ignore[import-untyped]

from ui.words import BROWSER

AG_GRID = "ag-grid-community@36.2.0"
DIALOG = "@radix-ui/react-dialog@1.3.1"
TABS = "@radix-ui/react-tabs@1.2.1"


class Island(rx.Component):
    """Base of all faces. Whichever page shows one teaches the browser its words first."""

    def add_imports(self) -> dict[str, Any]:
        """Every module of the island reads its words from ``draw.js``."""
        return {"$/public/cs/draw.js": ["learn"]}

    def add_custom_code(self) -> list[str]:
        """Runs once, when the page's module is loaded and before anything is drawn."""
        return [f"learn({json.dumps(BROWSER, ensure_ascii=False)});"]


class Drawing(Island):
    """A drawing of ``draw.js``."""

    library = "$/public/cs/react.js"


class Seal(Drawing):
    """The seal of one standing."""

    tag = "Seal"
    state: rx.Var[str]
    size: rx.Var[int]
    you: rx.Var[bool]
    signed: rx.Var[int]
    required: rx.Var[int]
    hidden: rx.Var[bool]


class Standing(Drawing):
    """The seal with its word."""

    tag = "Standing"
    state: rx.Var[str]
    you: rx.Var[bool]
    signed: rx.Var[int]
    required: rx.Var[int]


class Logo(Drawing):
    """The product's mark."""

    tag = "Logo"
    size: rx.Var[int]
    left: rx.Var[str]
    right: rx.Var[str]


class Meter(Drawing):
    """The risk scale without its number."""

    tag = "Meter"
    score: rx.Var[int]
    width: rx.Var[int]
    height: rx.Var[int]


class Time(Drawing):
    """A time (ISO 8601) in the reader's zone. ``form``: ago, clock, moment, due."""

    tag = "Time"
    at: rx.Var[str]
    form: rx.Var[str]


class Due(Drawing):
    """The emptying ring with the time left."""

    tag = "Due"
    at: rx.Var[str]
    since: rx.Var[str]


class Chrome(Island):
    """A part of ``chrome.js``."""

    library = "$/public/cs/chrome.js"


class Do(Chrome):
    """A button that acts in the browser, without a round trip."""

    tag = "Do"
    act: rx.Var[str]
    arg: rx.Var[Any]
    live: rx.Var[bool]
    disabled: rx.Var[bool]
    title: rx.Var[str]
    offline: rx.Var[str]


class When(Chrome):
    """Shows its children while the browser's value ``of`` is one of ``equals`` (separated by spaces)."""

    tag = "When"
    of: rx.Var[str]
    equals: rx.Var[str]


class Unless(When):
    """The opposite of :class:`When`."""

    tag = "Unless"


class Value(Chrome):
    """One value of the browser's own, as text."""

    tag = "Value"
    of: rx.Var[str]


class Phase(Chrome):
    """Shows its children while the proposal ``id`` stands as one of ``show``; ``server`` is what the card said."""

    tag = "Phase"
    id: rx.Var[str]
    server: rx.Var[str]
    show: rx.Var[str]


class Connection(Chrome):
    """The connection indicator; its children say what it means."""

    tag = "Connection"


class Find(Chrome):
    """The search field of the list."""

    tag = "Find"
    placeholder: rx.Var[str]


class Sort(Chrome):
    """The order of the list, as a select."""

    tag = "Sort"


class Reason(Chrome):
    """The form of an act that needs a reason; ``arg`` is the act without it."""

    tag = "Reason"
    arg: rx.Var[Any]


class Hold(Chrome):
    """Counts down how long an approval can be taken back; ``word`` has a gap, ``over`` is said at the end."""

    tag = "Hold"
    id: rx.Var[str]
    at: rx.Var[str]
    seconds: rx.Var[float]
    word: rx.Var[str]
    over: rx.Var[str]


class Hear(Chrome):
    """Calls ``on_change`` when the change stream tells of something that the page shows."""

    tag = "Hear"
    of: rx.Var[str]
    id: rx.Var[str]
    every: rx.Var[int]
    on_change: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg,valid-type]


class Bridge(Chrome):
    """Opens the change stream for ``who``; leaves for the page ``leave`` once there is one.

    ``ended``: Python has met the end of the session.
    """

    tag = "Bridge"
    who: rx.Var[str]
    leave: rx.Var[str]
    ended: rx.Var[bool]


class Frame(Island):
    """A part of ``frame.js``."""

    library = "$/public/cs/frame.js"


class Ended(Frame):
    """The dialog that stands over the page once its session is over."""

    tag = "Ended"


class Announce(Frame):
    """Tells a screen reader of new proposals, politely and not more often than every five seconds."""

    tag = "Announce"


class Remember(Frame):
    """Brings back the address that was typed into the log-in, and where to go on, after a refusal."""

    tag = "Remember"
    refused: rx.Var[bool]
    next: rx.Var[str]


class Walk(Frame):
    """A list whose buttons the arrow keys go through."""

    tag = "Walk"


class Palette(Island):
    """The command palette around its field. ``entries`` are group, words, and a path or ``#`` with a button's id."""

    library = "$/public/cs/palette.js"
    tag = "Palette"
    entries: rx.Var[list[list[str]]]


class Rows(Island):
    """The matrix, or below 768 px the list."""

    library = "$/public/cs/grid.js"
    tag = "Rows"

    def add_imports(self) -> dict[str, Any]:
        """Installs the grid, which the part imports itself."""
        return {AG_GRID: [rx.ImportVar(tag=None, render=False)]}


class Boxes(Island):
    """A part of ``boxes.js``."""

    library = "$/public/cs/boxes.js"


class Counting(Boxes):
    """Keeps the counts of the inbox of ``who``."""

    tag = "Counting"
    who: rx.Var[str]


class Box(Boxes):
    """The tab of one box of the inbox; ``name`` as the API calls it."""

    tag = "Box"
    name: rx.Var[str]


class Inbox(Island):
    """The rows of the box that is open; ``more`` is said on the button that loads further ones."""

    library = "$/public/cs/inbox.js"
    tag = "Inbox"
    more: rx.Var[str]


class SheetPart(Island):
    """A part of ``sheet.js``."""

    library = "$/public/cs/sheet.js"

    def add_imports(self) -> dict[str, Any]:
        """Installs the dialog, which the part imports itself."""
        return {DIALOG: [rx.ImportVar(tag=None, render=False)]}


class Sheet(SheetPart):
    """The frame of the card: open while the address names a proposal.

    ``home`` is the address of its list; ``pane``: it stands beside the list where there is room.
    """

    tag = "Sheet"
    loaded: rx.Var[str]
    title: rx.Var[str]
    away: rx.Var[str]
    home: rx.Var[str]
    pane: rx.Var[bool]


class Place(SheetPart):
    """Where the card stands in the list."""

    tag = "Place"
    word: rx.Var[str]
    id: rx.Var[str]


class Keys(SheetPart):
    """The one listener to keys."""

    tag = "Keys"


class LookPart(Island):
    """A part of ``look.js``."""

    library = "$/public/cs/look.js"


class Look(LookPart):
    """Applies theme, density and the keys that are off, and keeps them in the browser; empty: not known yet."""

    tag = "Look"
    theme: rx.Var[str]
    density: rx.Var[str]
    quiet: rx.Var[str]


class Poll(LookPart):
    """Calls ``on_tick`` every ``every`` ms while the page is visible."""

    tag = "Poll"
    every: rx.Var[int]
    on_tick: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg,valid-type]


class Form(Element):  # type: ignore[misc]
    """A form that the browser sends itself (Reflex's own waits for a handler in Python)."""

    tag = "form"
    method: rx.Var[str]
    action: rx.Var[str]


class Anchor(Element):  # type: ignore[misc]
    """A link that the browser follows itself (Reflex's own goes through the router)."""

    tag = "a"
    href: rx.Var[str]


class Link(rx.Component):
    """A link inside the app, without a page load."""

    library = "react-router"
    tag = "Link"
    to: rx.Var[str]


class Tabs(rx.Component):
    """Tabs with the keyboard behaviour of the ARIA pattern (Radix)."""

    library = TABS
    tag = "Root"
    alias = "TabsRoot"
    default_value: rx.Var[str]


class TabList(Tabs):
    """The row of tabs."""

    tag = "List"
    alias = "TabsList"


class Tab(Tabs):
    """One tab."""

    tag = "Trigger"
    alias = "TabsTrigger"
    value: rx.Var[str]


class TabPanel(Tabs):
    """What a tab shows."""

    tag = "Content"
    alias = "TabsContent"
    value: rx.Var[str]
