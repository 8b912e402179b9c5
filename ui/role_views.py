"""Roles as the page shows them: the matrix of the system roles, the organization's own, and the form of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.schemas.common import Permission
from backend.schemas.roles import RightInfo, RoleInfo, RoleList
from ui.formats import sentence

SCOPES = ("self", "team", "org", "all")
_WORDS = {"": "No", "self": "Own", "team": "Team", "org": "Organization", "all": "Everywhere"}
_MOST_NAMES = 5


@dataclass(frozen=True)
class Cell:
    """How far one role reaches with one right; without it, ``scope`` is empty."""

    scope: str = ""
    word: str = ""


@dataclass(frozen=True)
class RightRow:
    """One right in the matrix, with a cell for each role. ``first`` of its resource."""

    resource: str = ""
    action: str = ""
    first: bool = False
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Pick:
    """One entry of a list of scopes. ``off``: it cannot be chosen."""

    value: str = ""
    label: str = ""
    off: bool = False


@dataclass(frozen=True)
class RightField:
    """The choice of one right in the form. ``locked`` says what of it the reader cannot give, and why."""

    name: str = ""
    action: str = ""
    chosen: str = ""
    locked: str = ""
    picks: list[Pick] = field(default_factory=list)


@dataclass(frozen=True)
class FieldGroup:
    """The rights of one resource."""

    resource: str = ""
    fields: list[RightField] = field(default_factory=list)


@dataclass(frozen=True)
class RoleView:
    """A role of the organization's own. ``locked`` says why it cannot be changed, ``kept`` why not deleted."""

    id: str = ""
    name: str = ""
    rights: str = ""
    held: str = ""
    written: str = ""
    locked: str = ""
    kept: str = ""


@dataclass(frozen=True)
class RolesView:
    """Everything on the page."""

    system: list[str] = field(default_factory=list)
    matrix: list[RightRow] = field(default_factory=list)
    own: list[RoleView] = field(default_factory=list)
    locked: str = ""


def roles_view(found: RoleList) -> RolesView:
    """The page."""
    system = [role for role in found.items if not role.custom]
    scopes = [scopes_of(role.grants) for role in system]
    matrix: list[RightRow] = []
    for right in found.rights:
        cells = [_cell(one.get(_name(right), "")) for one in scopes]
        first = not matrix or matrix[-1].resource != _words(right.resource)
        matrix.append(RightRow(_words(right.resource), _words(right.action), first, cells))
    return RolesView(
        system=[role.name for role in system],
        matrix=matrix,
        own=[_role(one) for one in found.items if one.custom],
        locked=_reason(found.can_create),
    )


def form_of(role: RoleInfo | None, rights: Sequence[RightInfo]) -> list[FieldGroup]:
    """The choices for a role; all open at No for a new one. What the reader lacks can be seen and not chosen."""
    chosen = scopes_of(role.grants) if role else {}
    groups: dict[str, list[RightField]] = {}
    for right in rights:
        name = _name(right)
        one = _field(right, chosen.get(name, ""))
        groups.setdefault(_words(right.resource), []).append(one)
    return [FieldGroup(resource, fields) for resource, fields in groups.items()]


def permissions_of(form: Mapping[str, object]) -> list[str]:
    """What was chosen in the form: ``runs:read:team`` of a field ``runs:read`` at ``team``."""
    return [f"{name}:{scope}" for name, scope in form.items() if ":" in name and scope in SCOPES]


def scopes_of(grants: Sequence[str]) -> dict[str, str]:
    """The scope of each right: ``runs:read`` at ``team``."""
    split = (grant.rpartition(":") for grant in grants)
    return {right: scope for right, _, scope in split}


def holders(names: Sequence[str], total: int) -> str:
    """Some of the people by name, and how many more there are."""
    more = total - len(names[:_MOST_NAMES])
    said = ", ".join(names[:_MOST_NAMES])
    return f"{said} and {more} more" if more else said


def _role(role: RoleInfo) -> RoleView:
    held = [_count(role.members, "member")] if role.members else []
    held += [f"the team {name}" for name in role.teams]
    written = ", ".join(one for one in role.permissions if "*" in one)
    return RoleView(
        id=role.id,
        name=role.name,
        rights=_count(len(role.grants), "right"),
        held=", ".join(held) or "nobody",
        written=written,
        locked=_reason(role.can_change),
        kept="Somebody has this role. Give them another first." if held else "",
    )


def _field(right: RightInfo, chosen: str) -> RightField:
    widest = SCOPES.index(right.yours) if right.yours else -1
    picks = [Pick("", _WORDS[""])]
    for scope in right.scopes:
        off = SCOPES.index(scope) > widest
        if scope != "all" or not off or chosen == "all":
            picks.append(Pick(scope, _WORDS[scope], off and scope != chosen))
    locked = ""
    if right.yours is None:
        locked = "You lack this right, so you cannot give it."
    elif any(pick.off for pick in picks):
        locked = f"You have this at {_WORDS[right.yours].lower()}, so you cannot give it further."
    action = _words(right.action)
    return RightField(_name(right), action, chosen, locked, picks)


def _cell(scope: str) -> Cell:
    return Cell(scope, _WORDS[scope])


def _name(right: RightInfo) -> str:
    return f"{right.resource}:{right.action}"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize().replace("Api", "API")


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _reason(permission: Permission) -> str:
    return "" if permission.allowed else sentence(permission.reason or "")
