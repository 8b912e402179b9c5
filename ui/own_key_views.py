"""API keys as their page shows them, and what a form of the page asks the API for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backend.schemas.api_keys import ApiKey, ApiKeyCreate
from ui.directory_views import Choice

LASTS = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked"))
"""How long a new key may live: days, and the words."""

_ACTIONS = ("read", "create", "update", "delete", "approve", "export", "admin")
_SCOPES = ("self", "team", "org", "all")
_REACHES = {
    "self": "Only what is mine",
    "team": "My teams",
    "org": "The whole organization",
}
_SCOPE_WORDS = {"self": "of one's own", "team": "of the teams", "org": "of all", "all": "of all"}


class UnfitKeyError(ValueError):
    """The form is not complete; the message is a sentence for people."""


@dataclass(frozen=True)
class KeyView:
    """A line of the list. ``kept`` and ``unturned`` say why it cannot be revoked or rotated."""

    id: str = ""
    name: str = ""
    prefix: str = ""
    permissions: list[str] = field(default_factory=list)
    summary: str = ""
    by: str = ""
    created_at: str = ""
    used_at: str = ""
    ends: str = ""
    expired: bool = False
    kept: str = ""
    unturned: str = ""


@dataclass(frozen=True)
class Group:
    """The permissions over one kind of thing that a key can be given."""

    label: str = ""
    choices: list[Choice] = field(default_factory=list)


def key_view(key: ApiKey, me: str, permissions: Sequence[str], now: datetime) -> KeyView:
    """One line, as somebody with these permissions sees it."""
    expired = key.expires_at is not None and key.expires_at <= now
    return KeyView(
        id=key.id,
        name=key.name,
        prefix=f"{key.prefix}…",
        permissions=[_words(one) for one in key.scopes],
        summary=f"{len(key.scopes)} permission{'' if len(key.scopes) == 1 else 's'}",
        by="you" if key.created_by.id == me else key.created_by.name,
        created_at=key.created_at.isoformat(),
        used_at=key.last_used_at.isoformat() if key.last_used_at else "",
        ends=key.expires_at.astimezone(UTC).date().isoformat() if key.expires_at else "",
        expired=expired,
        kept=lacking("api_keys:delete", permissions),
        unturned=_unturned(key, me, permissions, expired=expired),
    )


def lacking(right: str, permissions: Sequence[str]) -> str:
    """What to say to somebody who lacks the right; nothing to who has it."""
    has = any(one.rpartition(":")[0] == right for one in permissions)
    return "" if has else f"This needs the permission {right}."


def groups(permissions: Sequence[str]) -> list[Group]:
    """What one can give to a key: all that one has, by what it is about."""
    found: dict[str, list[Choice]] = {}
    for one in sorted(permissions, key=_in_order):
        about, action, _ = one.split(":")
        label = action.capitalize()
        found.setdefault(about, []).append(Choice(value=f"{about}:{action}", label=label))
    named = {about: _about(about) for about in found}
    return [Group(f"{named[one][0].upper()}{named[one][1:]}", found[one]) for one in sorted(found)]


def reaches(permissions: Sequence[str]) -> list[Choice]:
    """How far a key can be let reach: no further than one does oneself, the narrowest first."""
    widest = max((_SCOPES.index(one.rpartition(":")[2]) for one in permissions), default=0)
    return [
        Choice(value=name, label=_REACHES[name])
        for name in _REACHES
        if _SCOPES.index(name) <= widest
    ]


def wanted(form: Mapping[str, object], permissions: Sequence[str], now: datetime) -> ApiKeyCreate:
    """The key that the form asks for. Raises :class:`UnfitKeyError`."""
    name = str(form.get("name", "")).strip()
    if not name:
        raise UnfitKeyError("Write a name by which you will know the key.")
    reach = _SCOPES.index(str(form.get("reach", "self")))
    scopes = []
    for one in permissions:
        right, _, scope = one.rpartition(":")
        if form.get(right):
            scopes.append(f"{right}:{_SCOPES[min(reach, _SCOPES.index(scope))]}")
    if not scopes:
        raise UnfitKeyError("Choose at least one permission.")
    days = str(form.get("lasts", ""))
    expires_at = now.astimezone(UTC) + timedelta(days=int(days)) if days else None
    return ApiKeyCreate(name=name, scopes=scopes, expires_at=expires_at)


def _in_order(permission: str) -> int:
    """What changes nothing comes first."""
    return _ACTIONS.index(permission.split(":")[1])


def _unturned(key: ApiKey, me: str, permissions: Sequence[str], *, expired: bool) -> str:
    if key.created_by.id != me:
        return f"Only {key.created_by.name} can rotate it: it acts for them."
    if expired:
        return "It has expired. Make a new one."
    return lacking("api_keys:create", permissions)


def _words(permission: str) -> str:
    about, action, scope = permission.split(":")
    return f"{action.capitalize()} {_about(about)} {_SCOPE_WORDS[scope]}"


def _about(name: str) -> str:
    return name.replace("_", " ").replace("api", "API")
