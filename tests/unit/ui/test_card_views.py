"""The card shows exactly what the API sealed, marked and added up so that a person can check it."""

import pytest

from backend.schemas.common import Money
from backend.schemas.proposals import Effect, HistoryEntry, Permission, Resolution, Signature
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


@pytest.mark.parametrize("act", ["take_back", "withdraw", "resolve"])
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
