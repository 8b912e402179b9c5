"""Open invitations and kept mail as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backend.schemas.directory import Team
from backend.schemas.organizations import Invitation, KeptMail
from backend.schemas.roles import RoleInfo
from ui.directory_views import Choice

USUAL_ROLE = "member"
_TEAM = "team-"


@dataclass(frozen=True)
class InvitationView:
    """A line of the open invitations."""

    id: str = ""
    email: str = ""
    role: str = ""
    by: str = ""
    until: str = ""
    lapsed: bool = False


@dataclass(frozen=True)
class LineView:
    """A line of a mail; one that is a link leads to ``path`` of this site."""

    text: str = ""
    path: str = ""


@dataclass(frozen=True)
class MailView:
    """A kept mail."""

    recipient: str = ""
    subject: str = ""
    at: str = ""
    lines: list[LineView] = field(default_factory=list)


def invitation_view(one: Invitation, roles: Sequence[RoleInfo]) -> InvitationView:
    """One line."""
    labels = {role.id: role.name for role in roles}
    return InvitationView(
        id=one.id,
        email=one.email,
        role=labels.get(one.role, one.role),
        by=one.by or "",
        until=one.expires_at.isoformat(),
        lapsed=one.lapsed,
    )


def role_choices(roles: Sequence[RoleInfo]) -> list[Choice]:
    """Those to invite into; what the reader may not give can be seen and not chosen."""
    return [
        Choice(role.id, role.name, role.id == USUAL_ROLE, not role.can_give.allowed)
        for role in roles
    ]


def team_choices(teams: Sequence[Team]) -> list[Choice]:
    """All teams; the value is the name of the box in the form."""
    return [Choice(f"{_TEAM}{team.id}", team.name) for team in teams]


def chosen_teams(form: dict[str, object]) -> list[str]:
    """The teams whose boxes are ticked."""
    ticked = (name for name, value in form.items() if name.startswith(_TEAM) and value)
    return [name.removeprefix(_TEAM) for name in ticked]


def mail_view(mail: KeptMail) -> MailView:
    """The mail with its links."""
    return MailView(
        recipient=mail.to,
        subject=mail.subject,
        at=mail.at.isoformat(),
        lines=[_line(line) for line in mail.text.splitlines() if line.strip()],
    )


def _line(text: str) -> LineView:
    """Only the path of a link is kept: it can lead nowhere else."""
    if not text.startswith(("http://", "https://")):
        return LineView(text)
    url = urlsplit(text)
    return LineView(text, f"{url.path}?{url.query}")
