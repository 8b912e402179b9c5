"""What Python says to the browser's own parts without eval (``rx.toast`` needs ``unsafe-eval``)."""

import reflex as rx
from reflex.event import EventSpec


def notify(kind: str, title: str, detail: str = "") -> EventSpec:
    """A toast. ``kind`` is a standing of a proposal, or ``refused``."""
    return rx.set_value("cs_toast", {"kind": kind, "title": title, "detail": detail})


def close_form(proposal_id: str, tab: int = -1) -> EventSpec:
    """Closes the form in the decision bar, if the card of this proposal is still the open one.

    ``tab`` is the tab of the card to go to, counted from 0.
    """
    return rx.set_value("cs_form", [proposal_id, tab])


def focus_on(selector: str) -> EventSpec:
    """Gives the first element that the CSS selector finds the keyboard, once it is drawn."""
    return rx.set_value("cs_focus", selector)
