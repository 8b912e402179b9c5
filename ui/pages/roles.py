"""Which roles there are, what each permits and who has it."""

import reflex as rx

from ui.components import panel
from ui.components.role_list import role_list
from ui.components.role_matrix import role_matrix
from ui.components.role_state import Roles
from ui.reflex_types import cond, el, fragment
from ui.session import Session
from ui.template import page

ROUTE = "/roles"
ON_LOAD = [Session.boot, Roles.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Roles",
        el.div(
            panel.part(
                "Your own roles",
                "What members or teams may do, chosen right by right. No role holds more than who makes it.",
                cond(
                    Roles.error != "",
                    cond(
                        Roles.forbidden,
                        panel.closed("The roles are not open to you", Roles.error),
                        panel.broken("The roles could not be read", Roles.error, Roles.load),
                    ),
                    cond(Roles.loaded, role_list(), panel.skeleton(3)),
                ),
            ),
            panel.part(
                "System roles",
                "The same in every organization. Own: what somebody started or is asked for; team: of all their teams.",
                cond(
                    Roles.loaded,
                    role_matrix(),
                    cond(Roles.error != "", fragment(), panel.skeleton(8)),
                ),
            ),
            class_name="cs-settings cs-directory",
        ),
    )
