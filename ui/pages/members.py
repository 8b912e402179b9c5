"""Who belongs to the organization, in which role and teams."""

import reflex as rx

from ui.components.directory_state import Directory
from ui.components.invitation_list import invitation_list
from ui.components.invitation_state import Invitations
from ui.components.member_list import member_list
from ui.components.panel import part
from ui.components.team_list import team_list
from ui.reflex_types import el
from ui.session import Session
from ui.template import page

ROUTE = "/members"
ON_LOAD = [Session.boot, Directory.load, Invitations.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Members",
        el.div(
            part(
                "Members",
                "A role is what somebody may do; it holds from their next click on.",
                member_list(),
            ),
            part(
                "Invitations",
                "Who was sent a link and has not come yet. It counts as a person of the tier.",
                invitation_list(),
            ),
            part(
                "Teams",
                "Work belongs to the first team of who started it. The role of a team adds to what its members may do, "
                "within that team alone.",
                team_list(),
            ),
            class_name="cs-settings cs-directory",
        ),
    )
