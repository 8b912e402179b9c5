"""The audit as its page shows it: what narrows it, each act in words, how far it is sealed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from backend.schemas.audit import AuditAct, AuditCheckpoint, AuditEntry
from ui.directory_views import Choice
from ui.formats import NONE, short_digest
from ui.view_models import Pair

ROUTE = "/audit"
_SYSTEM = "Countersign"
_CHANNELS = {
    "web": "in the browser",
    "rest": "by a program",
    "api_key": "with an API key",
    "cli": "on the command line",
    "system": "by itself",
}
_PAGES = {"proposal": "/proposals/", "effect": "/proposals/", "run": "/runs/"}
_OF_ALL = ("proposal.exported",)  # about no single one
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


@dataclass(frozen=True)
class Narrow:
    """What the address narrows the list to; ``since`` and ``until`` are days (UTC), both included."""

    q: str = ""
    action: str = ""
    actor: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class ActView:
    """One act. ``about`` and ``href`` are what it was done to and its page, ``place`` is its number in the chain."""

    id: str = ""
    title: str = ""
    about: str = ""
    by: str = ""
    initials: str = ""
    actor: str = ""
    how: str = ""
    at: str = ""
    kind: str = ""
    subject: str = ""
    href: str = ""
    place: str = ""
    standing: str = ""
    tone: str = ""
    pairs: list[Pair] = field(default_factory=list)


@dataclass(frozen=True)
class ActGroup:
    """Kinds of acts about the same thing."""

    label: str = ""
    acts: list[Choice] = field(default_factory=list)


@dataclass(frozen=True)
class CheckpointView:
    """The newest signed root; ``anchor`` is what `countersign audit verify --anchor` takes."""

    size: str = ""
    root: str = ""
    at: str = ""
    anchor: str = ""


def narrow_of(query: Mapping[str, str]) -> Narrow:
    """What the address says."""
    return Narrow(**{name: query.get(name, "") for name in asdict(Narrow())})


def path_of(wanted: Narrow, **changed: str) -> str:
    """The address of the list that is narrowed so."""
    given = {name: value for name, value in asdict(replace(wanted, **changed)).items() if value}
    return f"{ROUTE}?{urlencode(given)}" if given else ROUTE


def query_of(wanted: Narrow) -> str:
    """The same as the API takes it. A day that is none is left to the API to refuse."""
    given = {name: value for name, value in asdict(wanted).items() if value}
    if since := given.pop("since", ""):
        given["from"] = _midnight(since, 0)
    if until := given.pop("until", ""):
        given["to"] = _midnight(until, 1)
    return urlencode(given)


def act_view(entry: AuditEntry, signed: int) -> ActView:
    """One act; ``signed`` is how many events the newest checkpoint covers."""
    kind = entry.action.partition(".")[0]
    page = "" if entry.action in _OF_ALL else _PAGES.get(kind, "")
    standing, tone = _standing(entry.seq, signed)
    return ActView(
        id=entry.id,
        title=entry.title,
        about="" if entry.actor and entry.actor.id == entry.subject_id else entry.about or "",
        by=entry.actor.name if entry.actor else _SYSTEM,
        initials=entry.actor.initials if entry.actor else "",
        actor=entry.actor.id if entry.actor else "",
        how=_CHANNELS.get(entry.channel, entry.channel),
        at=entry.at.isoformat(),
        kind=_words(kind).lower(),
        subject=entry.subject_id,
        href=f"{page}{entry.subject_id}" if page else "",
        place="" if entry.seq is None else f"{entry.seq:,}",
        standing=standing,
        tone=tone,
        pairs=[
            *[Pair(_words(name), _text(value)) for name, value in entry.details.items()],
            Pair("Object", entry.subject_id),
            Pair("Entry", entry.id),
            Pair("Request", entry.request_id or NONE),
        ],
    )


def act_groups(acts: Sequence[AuditAct]) -> list[ActGroup]:
    """The kinds of acts, by what they are about."""
    return [
        ActGroup(_words(kind), [Choice(act.name, act.title) for act in some])
        for kind, some in groupby(acts, key=lambda act: act.name.partition(".")[0])
    ]


def checkpoint_view(checkpoint: AuditCheckpoint) -> CheckpointView:
    """The newest checkpoint as a line."""
    return CheckpointView(
        size=f"{checkpoint.size:,}",
        root=short_digest(checkpoint.root),
        at=checkpoint.at,
        anchor=f"{checkpoint.size}:{checkpoint.root}",
    )


def _standing(seq: int | None, signed: int) -> tuple[str, str]:
    if seq is None:
        return "Not sealed yet", "amber"
    return ("Signed", "green") if seq <= signed else ("Sealed", "")


def _midnight(day: str, later: int) -> str:
    try:
        return f"{date.fromisoformat(day) + timedelta(days=later)}T00:00:00Z"
    except (ValueError, OverflowError):
        return day


def _words(name: str) -> str:
    return " ".join(_HUMP.split(name)).capitalize().replace("Api key", "API key")


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    match value:
        case None | "" | []:
            return NONE
        case bool():
            return "Yes" if value else "No"
        case str():
            return value
        case [*items] if all(isinstance(one, str) for one in items):
            return ", ".join(items)
    return json.dumps(value, ensure_ascii=False)
