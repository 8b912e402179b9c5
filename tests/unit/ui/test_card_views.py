"""The card shows exactly what the API sealed, marked and added up so that a person can check it."""

from datetime import timedelta

import msgspec
import pytest

from backend.schemas.common import Money, Permission
from backend.schemas.proposals import (
    Delegation,
    Effect,
    HistoryEntry,
    Question,
    Resolution,
    Revision,
    Signature,
)
from tests.unit.ui import wire
from ui.card_views import card_view
from ui.formats import Piece


def test_statement_when_pending_then_amount_record_and_party_stand_out() -> None:
    pieces = card_view(wire.card(), "paul").pieces

    assert "".join(p.text for p in pieces) == wire.card().statement.text
    assert [(p.text, p.mark) for p in pieces if p.mark != "plain"] == [
        ("EUR\u00a0120.00", "amount"),
        ("INV-7", "record"),
        ("Brindlemoor GmbH", "party"),
    ]


def test_statement_when_executed_then_it_turns_to_the_past_tense() -> None:
    view = card_view(wire.card(decision="approved", execution="executed"), "paul")

    assert view.pieces[0] == Piece("Credited ")
    assert view.standing == "executed"


@pytest.mark.parametrize(
    ("decision", "execution", "signed", "standing"),
    [
        ("pending", "none", 0, "pending"),
        ("pending", "none", 1, "partial"),
        ("approved", "queued", 1, "queued"),
        ("approved", "failed", 1, "failed"),
        ("stale", "none", 1, "stale"),
    ],
)
def test_standing_when_both_fields_are_set_then_execution_speaks_first(
    decision: str, execution: str, signed: int, standing: str
) -> None:
    signatures = [Signature(by=wire.PAUL, at=wire.AT)] * signed
    card = wire.card(decision=decision, execution=execution, signatures=signatures)

    assert card_view(card, "petra").standing == standing


def test_risk_when_reasons_raise_and_lower_it_then_the_bars_join_up() -> None:
    up, down = card_view(wire.card(), "paul").risk_lines

    assert (up.start, up.width, up.points) == ("0%", "40%", "+40")
    assert (down.start, down.width, down.points, down.lowers) == (
        "35%",
        "5%",
        "\N{MINUS SIGN}5",
        True,
    )


def test_changes_when_money_falls_then_the_difference_is_signed_and_the_last_line_is_the_total() -> (
    None
):
    card = wire.card(
        changes=[
            wire.change("Credit notes", "number", "0", "1"),
            wire.change("Open", "money", wire.eur(36000), wire.eur(24000)),
        ]
    )

    notes, balance = card_view(card, "paul").changes

    assert (notes.delta, notes.tone, notes.total) == ("+1", "plus", False)
    assert (balance.before, balance.after) == ("EUR\u00a0360.00", "EUR\u00a0240.00")
    assert (balance.delta, balance.tone, balance.total) == ("\N{MINUS SIGN}120.00", "minus", True)


def test_changes_when_a_long_text_gains_words_then_only_those_are_marked() -> None:
    before, after = "Order HP-7731 of 18 Nov", "Order HP-7731 of 18 Nov, duplicate credited"
    card = wire.card(changes=[wire.change("Memo", "text", before, after)])

    pieces = card_view(card, "paul").changes[0].pieces

    assert pieces == [Piece(before), Piece(", duplicate credited", "ins")]


def test_changes_when_the_currency_has_no_decimals_then_none_are_shown() -> None:
    yen = Money(minor=184220150, currency="JPY", exponent=0)

    line = card_view(wire.card(changes=[wire.change("Paid", "money", None, yen)]), "paul").changes[
        0
    ]

    assert (line.before, line.after) == ("\N{EN DASH}", "JPY\u00a0184,220,150")


def test_signatures_when_one_of_two_is_given_then_yours_is_the_open_one() -> None:
    card = wire.card(
        required_signatures=2,
        signatures=[Signature(by=wire.PAUL, at=wire.AT)],
        policy=wire.policy(required_signatures=2, signed=1),
        your_turn=True,
    )

    view = card_view(card, "petra")

    assert view.signed_word == "1 of 2"
    assert [(s.name, bool(s.at), s.you) for s in view.signatures] == [
        ("Paul Approver", True, False),
        ("You", False, True),
    ]


def test_signatures_when_teams_must_differ_then_the_one_after_yours_is_of_another_team() -> None:
    policy = wire.policy(required_signatures=2, signed=0, different_teams=True)
    card = wire.card(required_signatures=2, signatures=[], policy=policy, your_turn=True)

    assert [s.note for s in card_view(card, "ana").signatures] == [
        "Your signature is open",
        "Somebody of another team",
    ]


def test_signatures_when_others_may_give_the_last_one_instead_then_your_line_names_them() -> None:
    [yours] = card_view(wire.card(your_turn=True), "ana").signatures

    assert (yours.name, yours.note) == ("You", "Yours is open, or that of Paul Approver")


@pytest.mark.parametrize(
    ("names", "total", "said"),
    [
        ([], 0, "Nobody may sign it"),
        (["Ana"], 1, "Ana"),
        (["Ana", "Paul"], 2, "Ana or Paul"),
        (["Ana", "Paul", "Petra"], 3, "Ana, Paul or Petra"),
        (["Ana", "Paul", "Petra", "Quin"], 30, "Ana, Paul or 28 others"),
    ],
)
def test_signatures_when_one_is_open_then_the_card_says_who_may_give_it(
    names: list[str], total: int, said: str
) -> None:
    others = [msgspec.structs.replace(wire.ANA, name=name) for name in names]
    policy = wire.policy(others=others, others_total=total)
    card = wire.card(policy=policy, your_turn=False)

    assert [s.note for s in card_view(card, "x").signatures] == [said]


def test_signatures_when_two_of_one_team_have_signed_then_one_is_still_open() -> None:
    both = [Signature(by=wire.PAUL, at=wire.AT), Signature(by=wire.ANA, at=wire.AT)]
    policy = wire.policy(required_signatures=2, signed=1, different_teams=True)
    card = wire.card(required_signatures=2, signatures=both, policy=policy, your_turn=False)

    view = card_view(card, "petra")

    assert view.signed_word == "1 of 2"
    assert [bool(s.at) for s in view.signatures] == [True, True, False]


@pytest.mark.parametrize(
    ("me", "said"),
    [
        ("paul", "You gave your signature to Ana Analyst"),
        ("ana", "Paul Approver gave their signature to you"),
        ("petra", "Paul Approver gave their signature to Ana Analyst"),
    ],
)
def test_delegation_when_given_then_the_card_says_by_whom_and_to_whom(me: str, said: str) -> None:
    given = Delegation(by=wire.PAUL, to=wire.ANA, at=wire.AT)
    card = wire.card(policy=wire.policy(delegations=[given]))

    assert [one.text for one in card_view(card, me).delegations] == [said]


def test_signature_when_it_was_given_to_you_then_your_line_says_whose_it_is() -> None:
    given = Delegation(by=wire.PAUL, to=wire.ANA, at=wire.AT)
    card = wire.card(policy=wire.policy(delegations=[given]), your_turn=True)

    assert card_view(card, "ana").signatures[0].note == "For Paul Approver"


def test_edit_when_the_proposal_has_no_field_then_the_card_says_so() -> None:
    view = card_view(wire.card(fields=[]), "paul")

    assert (view.can_edit, view.edit_reason) == (
        False,
        "Nothing of this can be worded otherwise.",
    )


def test_revision_when_a_person_wrote_it_then_the_card_says_who_and_why() -> None:
    first = Revision(
        revision=1, digest="a" * 64, sentence="Credit 120", by=None, reason=None, at=wire.AT
    )
    second = Revision(
        revision=2,
        digest="b" * 64,
        sentence="Credit 100",
        by=wire.PAUL,
        reason="less is owed",
        at=wire.AT,
    )

    view = card_view(wire.card(revision=2, revisions=[first, second]), "ana")

    assert (view.revised_by, view.revised_reason) == ("Paul Approver", "Less is owed.")
    assert [(one.title, one.who) for one in view.revisions] == [
        ("Revision 2", "Paul Approver"),
        ("Revision 1", "the agent"),
    ]


def test_question_when_answered_then_the_tab_counts_it_and_shows_the_answer() -> None:
    asked = Question(
        id="q",
        revision=1,
        by=wire.PAUL,
        text="Why now?",
        at=wire.AT,
        state="answered",
        answer="It is late.",
        evidence=[],
        answered_at=wire.AT,
    )

    view = card_view(wire.card(questions=[asked]), "paul")

    assert view.reasoning_word == "0 attempts, 1 question"
    assert [(one.who, one.state, one.answer) for one in view.questions] == [
        ("Paul Approver", "answered", "It is late.")
    ]


def test_hold_when_approved_then_it_counts_from_the_last_signature() -> None:
    later = wire.AT + timedelta(minutes=1)
    signed = [Signature(by=wire.PAUL, at=wire.AT), Signature(by=wire.ANA, at=later)]
    card = wire.card(execution="queued", signatures=signed, policy=wire.policy(hold_seconds=5))

    view = card_view(card, "paul")

    assert (view.held_since, view.hold_seconds) == (later.isoformat(), 5)


def test_permission_when_refused_then_the_reason_is_a_sentence() -> None:
    refused = Permission(allowed=False, reason="you started this run")

    view = card_view(wire.card(can_approve=refused, your_turn=False), "ana")

    assert (view.can_approve, view.approve_reason) == (False, "You started this run.")


def test_rejection_when_recorded_then_the_card_says_who_and_why() -> None:
    entry = HistoryEntry(at=wire.AT, what="Rejected", actor=wire.PAUL, detail="Wait until Friday")

    view = card_view(wire.card(decision="rejected", history=[entry]), "ana")

    assert (view.decided_by, view.decided_detail) == ("Paul Approver", "Wait until Friday")


def test_effect_when_confirmed_then_the_outside_object_can_be_opened() -> None:
    effect = Effect(
        id="e",
        state="confirmed",
        idempotency_key="e",
        dispatched_at=wire.AT,
        confirmed_at=wire.AT,
        vendor_object_id="cn_1",
        vendor_object_url="http://stripe/cn_1",
        error=None,
    )

    view = card_view(wire.card(decision="approved", execution="executed", effect=effect), "paul")

    assert (view.object_id, view.object_url) == ("cn_1", "http://stripe/cn_1")


@pytest.mark.parametrize("act", ["take_back", "withdraw", "resolve", "ask", "delegate", "undo"])
def test_act_when_the_api_refuses_it_then_the_card_says_why(act: str) -> None:
    refused = Permission(allowed=False, reason="this is approved")

    view = card_view(wire.card(**{f"can_{act}": refused}), "paul")

    assert getattr(view, f"can_{act}") is False
    assert getattr(view, f"{act}_reason") == "This is approved."


def test_outcome_when_a_person_has_said_it_then_the_card_names_them_and_their_reason() -> None:
    said = Resolution(kind="mark_done", by=wire.PAUL, at=wire.AT, reason="I saw it in Stripe")

    view = card_view(wire.card(decision="approved", execution="executed", resolution=said), "ana")

    assert (view.marked_by, view.marked_reason) == ("Paul Approver", "I saw it in Stripe")


def test_model_when_it_is_the_rules_then_it_is_labelled_as_offline() -> None:
    assert card_view(wire.card(model="rules"), "paul").model == "Offline rules"
    assert card_view(wire.card(model="openai:gpt"), "paul").model == "openai:gpt"


@pytest.mark.parametrize(
    ("approve", "reject", "said"),
    [
        (None, None, ""),
        ("you started the run", None, "You started the run."),
        ("you started the run", "it is decided", "You started the run."),
        (None, "it is decided", "It is decided."),
    ],
)
def test_bar_when_something_is_not_open_then_the_first_reason_stands_above_it(
    approve: str | None, reject: str | None, said: str
) -> None:
    def permission(reason: str | None) -> Permission:
        return Permission(allowed=reason is None, reason=reason)

    card = wire.card(can_approve=permission(approve), can_reject=permission(reject))

    assert card_view(card, "paul").barred == said


def test_data_when_shown_then_it_is_what_the_api_sealed() -> None:
    card = wire.card(parameters={"amount": 12000})

    data = msgspec.json.decode(card_view(card, "paul").raw)

    assert data["parameters"] == {"amount": 12000}
    assert data["action"] == card.action
    assert data["changes"] == msgspec.to_builtins(card.changes)
