"""What Python may do in the browser without eval (``rx.toast`` and ``rx.call_script`` need ``unsafe-eval``)."""

import reflex as rx
from reflex.event import EventSpec


def goto(path: str) -> EventSpec:
    """Leave for ``path`` with a page load, so that the next page starts with the newest session."""
    return rx.set_value("cs_go", path)


def notify(kind: str, title: str, detail: str = "") -> EventSpec:
    """A toast. ``kind`` is a standing of a proposal, or ``refused``."""
    return rx.set_value("cs_toast", {"kind": kind, "title": title, "detail": detail})
