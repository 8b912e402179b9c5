"""The audit as its page shows it: what narrows it, how an act reads, how far it is sealed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.schemas.audit import AuditAct, AuditCheckpoint, AuditEntry
from tests.unit.ui.wire import ANA, AT
from ui.audit_views import (
    Narrow,
    act_groups,
    act_view,
    checkpoint_view,
    narrow_of,
    path_of,
    query_of,
)
from ui.formats import NONE


def entry(**changed: object) -> AuditEntry:
    given: dict[str, Any] = {
        "id": "e",
        "at": AT,
        "actor": ANA,
        "channel": "rest",
        "action": "proposal.approved",
        "title": "Proposal approved",
        "subject_id": "p",
        "about": "Credit EUR 45.00 on invoice INV-1042 for Brindlemoor GmbH",
        "details": {},
        "request_id": None,
        "seq": 1_234,
    }
    return AuditEntry(**(given | changed))


@pytest.mark.parametrize(
    ("seq", "place", "standing"),
    [(None, "", "Not sealed yet"), (1_234, "1,234", "Signed"), (1_235, "1,235", "Sealed")],
)
def test_act_when_shown_then_it_says_how_far_it_is_sealed(
    seq: int | None, place: str, standing: str
) -> None:
    view = act_view(entry(seq=seq), signed=1_234)
    assert (view.place, view.standing) == (place, standing)


def test_act_when_nobody_did_it_then_the_system_did() -> None:
    view = act_view(entry(actor=None, channel="system"), signed=0)
    assert (view.by, view.how, view.actor) == ("Countersign", "by itself", "")


def test_act_when_it_was_done_to_something_then_it_says_to_what_but_not_the_actor_twice() -> None:
    assert act_view(entry(), signed=0).about.startswith("Credit EUR 45.00")
    own = entry(subject_id=ANA.id, about=ANA.name)
    assert act_view(own, signed=0).about == ""
    assert act_view(entry(about=None), signed=0).about == ""


@pytest.mark.parametrize(
    ("action", "href"),
    [
        ("proposal.approved", "/proposals/p"),
        ("effect.confirmed", "/proposals/p"),
        ("run.requested", "/runs/p"),
        ("proposal.exported", ""),
        ("member.removed", ""),
    ],
)
def test_act_when_what_it_was_done_to_has_a_page_then_it_leads_there(
    action: str, href: str
) -> None:
    assert act_view(entry(action=action), signed=0).href == href


def test_act_when_unfolded_then_its_details_are_words_and_values() -> None:
    details = {
        "microUsd": None,
        "is_shared": True,
        "scopes": ["a", "b"],
        "of": {"user_id": "u"},
        "count": 3,
        "before": "viewer",
    }
    pairs = [(one.label, one.value) for one in act_view(entry(details=details), signed=0).pairs]
    assert pairs == [
        ("Micro usd", NONE),
        ("Is shared", "Yes"),
        ("Scopes", "a, b"),
        ("Of", '{"user_id": "u"}'),
        ("Count", "3"),
        ("Before", "viewer"),
        ("Object", "p"),
        ("Entry", "e"),
        ("Request", NONE),
    ]


def test_address_when_it_narrows_then_the_api_gets_the_same_and_whole_days() -> None:
    wanted = narrow_of({"q": "paid &more", "since": "2026-11-01", "until": "2026-11-30", "x": "y"})
    assert path_of(wanted) == "/audit?q=paid+%26more&since=2026-11-01&until=2026-11-30"
    assert query_of(wanted) == (
        "q=paid+%26more&from=2026-11-01T00%3A00%3A00Z&to=2026-12-01T00%3A00%3A00Z"
    )
    assert path_of(wanted, q="", since="", until="") == "/audit"
    assert query_of(Narrow()) == ""


@pytest.mark.parametrize("day", ["yesterday", "9999-12-31"])
def test_address_when_its_day_is_none_then_the_api_is_left_to_say_so(day: str) -> None:
    assert query_of(Narrow(until=day)) == f"to={day}"


def test_kinds_of_acts_when_chosen_from_then_by_what_they_are_about() -> None:
    acts = [
        AuditAct(name=name, title=name) for name in ("api_key.made", "api_key.gone", "run.ended")
    ]
    groups = [(one.label, [act.value for act in one.acts]) for one in act_groups(acts)]
    assert groups == [("API key", ["api_key.made", "api_key.gone"]), ("Run", ["run.ended"])]


def test_checkpoint_when_copied_then_as_the_verifier_takes_it() -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC).isoformat()
    root = "9f86d081884c" + "0" * 52
    view = checkpoint_view(
        AuditCheckpoint(size=1_234, root=root, at=at, key_id="m1.1", signature="s", public_key="p")
    )
    assert (view.size, view.root, view.anchor) == ("1,234", "9f86 d081 884c", f"1234:{root}")
