"""Invitations and kept mail as the pages show them."""

from backend.schemas.organizations import KeptMail
from tests.unit.ui.wire import AT
from ui.invitation_views import LineView, chosen_teams, mail_view


def test_mail_when_it_holds_a_link_then_it_leads_to_this_site_alone() -> None:
    text = "Ada invites you.\n\nhttp://127.0.0.1:8080/invite?token=a-b_c\n\nhttps://evil.example/x?y=1\n"
    shown = mail_view(KeptMail(to="nora@people.example", subject="Hello", text=text, at=AT))
    assert shown.lines == [
        LineView("Ada invites you."),
        LineView("http://127.0.0.1:8080/invite?token=a-b_c", "/invite?token=a-b_c"),
        LineView("https://evil.example/x?y=1", "/x?y=1"),
    ]


def test_form_when_boxes_are_ticked_then_those_teams_are_chosen() -> None:
    form = {"email": "nora@people.example", "team-one": True, "team-two": "", "team-three": "on"}
    assert chosen_teams(form) == ["one", "three"]
