"""Members and teams as the page shows them. What is allowed comes with each from the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.schemas.common import Permission
from backend.schemas.directory import Member, Team
from backend.schemas.roles import RoleInfo
from ui.formats import sentence


@dataclass(frozen=True)
class Choice:
    """One entry of a list to choose from. ``off``: it cannot be chosen."""

    value: str = ""
    label: str = ""
    chosen: bool = False
    off: bool = False


@dataclass(frozen=True)
class MemberView:
    """A line of the members. ``locked`` and ``kept`` say why it cannot be changed or removed."""

    id: str = ""
    name: str = ""
    initials: str = ""
    email: str = ""
    role: str = ""
    teams: str = ""
    roles: list[Choice] = field(default_factory=list)
    places: list[Choice] = field(default_factory=list)
    since: str = ""
    you: bool = False
    locked: str = ""
    kept: str = ""


@dataclass(frozen=True)
class TeamView:
    """A line of the teams, indented by how deep it lies. ``kept`` says why its role cannot change."""

    id: str = ""
    name: str = ""
    parent: str = ""
    members: str = ""
    indent: str = "0px"
    role: str = ""
    kept: str = ""
    parents: list[Choice] = field(default_factory=list)
    roles: list[Choice] = field(default_factory=list)


def member_view(
    member: Member, roles: Sequence[RoleInfo], teams: Sequence[Team], me: str
) -> MemberView:
    """One line; roles that the reader may not give can be seen and not chosen."""
    names = {team.id: team.name for team in teams}
    return MemberView(
        id=member.id,
        name=member.name,
        initials=member.initials,
        email=member.email,
        role=member.role,
        teams=", ".join(names[team] for team in member.teams if team in names) or "No team",
        roles=[
            Choice(
                role.id,
                role.name,
                role.id == member.role,
                not role.can_give.allowed and role.id != member.role,
            )
            for role in roles
        ],
        places=[Choice(team.id, team.name, team.id in member.teams) for team in teams],
        since=member.since.isoformat(),
        you=member.id == me,
        locked=reason(member.can_change),
        kept="" if member.id == me else reason(member.can_remove),
    )


def team_views(teams: Sequence[Team], roles: Sequence[RoleInfo]) -> list[TeamView]:
    """The tree as lines: each team after the one that it lies below."""
    below: dict[str, list[Team]] = {}
    for team in teams:
        below.setdefault(team.parent or "", []).append(team)
    lines: list[TeamView] = []

    def walk(parent: str, depth: int) -> None:
        for team in below.get(parent, []):
            lines.append(_line(team, depth, roles))
            walk(team.id, depth + 1)

    walk("", 0)
    return [replace(one, parents=_parents(one, lines, teams)) for one in lines]


def reason(permission: Permission) -> str:
    """Why it is not allowed, as a sentence; empty when it is."""
    return "" if permission.allowed else sentence(permission.reason or "")


def moved(teams: Sequence[str], team: str) -> list[str]:
    """The teams of a member after the box of ``team`` was pressed; the first one stays the first."""
    return [one for one in teams if one != team] if team in teams else [*teams, team]


def _line(team: Team, depth: int, roles: Sequence[RoleInfo]) -> TeamView:
    given = next((role for role in roles if role.id == team.role), None)
    choices = [Choice("", "No role", given is None)]
    choices += [
        Choice(role.id, role.name, role is given, not role.can_give.allowed and role is not given)
        for role in roles
    ]
    return TeamView(
        id=team.id,
        name=team.name,
        parent=team.parent or "",
        members="1 member" if team.members == 1 else f"{team.members} members",
        indent=f"{20 * depth}px",
        role=team.role or "",
        kept=reason(given.can_give) if given else "",
        roles=choices,
    )


def _parents(line: TeamView, lines: Sequence[TeamView], teams: Sequence[Team]) -> list[Choice]:
    """Where the team can lie: at the top, or below any team that does not lie below it."""
    above = {team.id: team.parent for team in teams}

    def lies_below(team: str | None) -> bool:
        while team:
            if team == line.id:
                return True
            team = above.get(team)
        return False

    top = Choice("", "At the top", not line.parent)
    rest = [
        Choice(one.id, f"Below {one.name}", one.id == line.parent)
        for one in lines
        if not lies_below(one.id)
    ]
    return [top, *rest]
