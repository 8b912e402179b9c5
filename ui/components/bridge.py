"""Toasts from Python without eval (``rx.toast`` needs ``unsafe-eval``)."""

import reflex as rx
from reflex.event import EventSpec


def notify(kind: str, title: str, detail: str = "") -> EventSpec:
    """A toast. ``kind`` is a standing of a proposal, or ``refused``."""
    return rx.set_value("cs_toast", {"kind": kind, "title": title, "detail": detail})
