"""The app: pages, style sheets, and the guard in front of every event."""

import reflex as rx

from ui.pages import home, login, playbooks, proposals, run, runs
from ui.reflex_types import el
from ui.session import Guard
from ui.template import waiting
from ui.theme import STYLESHEETS

app = rx.App(
    stylesheets=STYLESHEETS,
    hydrate_fallback=waiting,
    html_lang="en",
    toaster=rx.toast.provider(position="bottom-right", visible_toasts=3),
    head_components=[
        el.link(rel="stylesheet", href="/branding.css"),
        el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ],
)
app.app_wraps.pop((5, "Overlay"))  # its "Cannot connect to server" toast; our indicator has words
app.add_middleware(Guard())

for module, title in (
    (home, "Countersign"),
    (login, "Sign in"),
    (proposals, "Matrix"),
    (runs, "Runs"),
    (run, "Run"),
    (playbooks, "Playbooks"),
):
    app.add_page(
        module.content, route=module.ROUTE, title=f"{title} · Countersign", on_load=module.ON_LOAD
    )
