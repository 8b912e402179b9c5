"""The app: pages, style sheets, and the guard in front of every event."""

import reflex as rx

from ui.pages import (
    audit,
    dashboard,
    home,
    inbox,
    invite,
    keys,
    login,
    members,
    nowhere,
    organization,
    outbox,
    playbooks,
    proposals,
    reset,
    roles,
    run,
    runs,
    security,
    settings,
)
from ui.reflex_types import el
from ui.session import Guard
from ui.template import waiting
from ui.theme import STYLESHEETS

app = rx.App(
    stylesheets=STYLESHEETS,
    hydrate_fallback=waiting,
    html_lang="en",
    toaster=None,  # ours are in assets/cs/toasts.js
    head_components=[
        el.link(rel="stylesheet", href="/branding.css"),
        el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        el.script(src="/cs/early.js"),
    ],
)
app.app_wraps.pop((5, "Overlay"))  # its "Cannot connect to server" toast; our indicator has words
app.add_middleware(Guard())

for module, title in (
    (home, "Countersign"),
    (login, "Sign in"),
    (reset, "New password"),
    (invite, "Invitation"),
    (inbox, "Inbox"),
    (dashboard, "Dashboard"),
    (proposals, "Matrix"),
    (runs, "Runs"),
    (run, "Run"),
    (playbooks, "Playbooks"),
    (members, "Members"),
    (roles, "Roles"),
    (organization, "Organization"),
    (outbox, "Outbox"),
    (audit, "Audit"),
    (settings, "Settings"),
    (security, "Security"),
    (keys, "API keys"),
    (nowhere, "Not found"),
):
    app.add_page(
        module.content, route=module.ROUTE, title=f"{title} · Countersign", on_load=module.ON_LOAD
    )
