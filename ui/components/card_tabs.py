"""The bodies of the card's tabs on the change itself, its policy, cost and history."""

import reflex as rx

from ui.components.card_edit import edit_form
from ui.components.card_ledger import ledger
from ui.components.card_parts import pair, pair_of, section
from ui.components.card_talk import comment_form
from ui.components.card_trace import card_trace
from ui.components.island import Do, Seal, Time, Unless, When
from ui.reflex_types import cond, el, foreach, fragment, longer
from ui.theme import icon, link
from ui.view_models import CardView, HistoryView, RevisionView, RuleView, SignatureView


def change(c: CardView) -> rx.Component:
    """What runs, or the form while it is edited."""
    shown = _change(c)
    edited = cond(c.can_edit, edit_form(c), shown)
    return fragment(
        When.create(edited, of="mode", equals="edit"),
        Unless.create(shown, of="mode", equals="edit"),
    )


def _change(c: CardView) -> rx.Component:
    stale = longer(c.stale_changes, 0)
    return fragment(
        _linked(c),
        cond(stale, _stale(c)),
        section(
            cond(c.execution == "executed", "What is different now", "What will be different"),
            c.system,
            cond(
                longer(c.changes, 0),
                ledger(c.changes, cond(c.execution == "executed", "Before", "Now"), "After"),
                el.p("No field of the record itself changes.", class_name="t2 para"),
            ),
        ),
        section("How it is carried out", "", el.dl(foreach(c.how, pair), class_name="cs-kv")),
        section(
            "Why, in the agent\N{RIGHT SINGLE QUOTATION MARK}s words",
            "",
            el.p(c.reasoning, class_name="t2 para"),
        ),
        _data(c),
    )


def _data(c: CardView) -> rx.Component:
    """The same as data, for who wants to see exactly what is sealed."""
    copy = Do.create(
        icon("copy", 14), "Copy", act="copy", arg=c.raw, class_name="cs-btn small", id="copy-raw"
    )
    return el.details(
        el.summary(icon("chevron-right", 14), "As data", class_name="cs-fold"),
        el.div(copy, el.pre(c.raw, tab_index=0, aria_label="Data of the change"), class_name="raw"),
        class_name="cs-raw",
    )


def policy(c: CardView) -> rx.Component:
    """Why it asks, whom, until when, and what silence does."""
    return fragment(
        section(
            cond(c.your_turn, "Why this asks you", "Why this asks"),
            "",
            el.p(c.policy_reason, class_name="t2 para"),
            el.table(
                el.thead(el.tr(el.th("Rule"), el.th("Here", class_name="r"))),
                el.tbody(foreach(c.rules, _rule)),
                class_name="cs-ledger",
            ),
        ),
        section(
            "Who signs",
            fragment(c.signed_word, " signed"),
            el.ol(foreach(c.signatures, _slot), class_name="cs-plan"),
            cond(
                c.different_teams,
                el.p("The signatures come from different teams.", class_name="t2 para"),
            ),
        ),
        section("If nobody decides", "", _silence(c)),
        section("After approval", "", el.p(c.hold, class_name="t2 para")),
    )


def _slot(one: SignatureView) -> rx.Component:
    """One signature, given or open, and who can give it."""
    given = one.at != ""
    return el.li(
        Seal.create(state=cond(given, "approved", "pending"), you=one.you, hidden=True),
        el.div(el.div(el.bdi(one.name), class_name="w5"), el.div(one.note, class_name="t2")),
        cond(given, Time.create(at=one.at, form="stamp", class_name="meta")),
    )


def _silence(c: CardView) -> rx.Component:
    due = el.li(
        icon("hourglass"),
        el.div(c.on_silence, class_name="w5"),
        Time.create(at=c.due_at, form="moment", class_name="meta"),
    )
    told = el.li(
        icon("user-round-check"),
        el.div("Escalated: an admin may sign as well", class_name="w5"),
        Time.create(at=c.escalated_at, form="stamp", class_name="meta"),
    )
    return el.ol(cond(c.escalated_at != "", told), due, class_name="cs-plan")


def cost(c: CardView) -> rx.Component:
    """Where tokens, money and every step are shown, and the technical names of this proposal."""
    pairs = (
        ("Driven by", c.model),
        ("Revision", c.revision),
        ("Record version", c.source_version),
        ("Digest", c.digest),
        ("Idempotency key", c.effect_key),
    )
    shown = [
        cond(value != "", pair_of(label, el.span(value, class_name="mono wrap")), fragment())
        for label, value in pairs
    ]
    return fragment(
        section(
            "Cost of the run",
            c.cost,
            el.dl(foreach(c.usage, pair), class_name="cs-kv num"),
        ),
        section("Trace", "every step of the run", card_trace(c)),
        section("Names", "", el.dl(*shown, class_name="cs-kv")),
    )


def history(c: CardView) -> rx.Component:
    """Everything that happened, oldest first, then what is said about it; and what it said before."""
    return fragment(
        el.ol(foreach(c.history, _entry), class_name="cs-timeline"),
        comment_form(c),
        cond(
            longer(c.revisions, 0),
            section("Revisions", "newest first", el.ol(foreach(c.revisions, _revision))),
        ),
    )


def _linked(c: CardView) -> rx.Component:
    to = "/proposals/"
    return fragment(
        cond(
            c.undoes_id != "",
            _note(
                "Undoes what ", link(c.undoes, to=to + c.undoes_id, class_name="link mono"), " did."
            ),
        ),
        cond(
            c.undone_by_id != "",
            _note(
                cond(c.execution == "undone", "Undone by ", "Its undo has been proposed as "),
                link(c.undone_by, to=to + c.undone_by_id, class_name="link mono"),
                ".",
            ),
        ),
    )


def _note(*words: object) -> rx.Component:
    return el.div(icon("undo-2"), el.div(*words), class_name="cs-note first")


def _stale(c: CardView) -> rx.Component:
    return section(
        "What changed outside",
        fragment("since the draft"),
        ledger(c.stale_changes, "Drafted on", fragment(c.system, " now")),
        el.div(
            icon("info"),
            el.div("Nothing was sent. A new run drafts it again on the changed record."),
            class_name="cs-note amber gap",
        ),
    )


def _rule(rule: RuleView) -> rx.Component:
    return el.tr(
        el.td(rule.text, class_name=cond(rule.applies, "w6", "")),
        el.td(
            cond(rule.applies, "applies", "does not apply"),
            class_name=cond(rule.applies, "r w6", "r t3"),
        ),
    )


def _revision(one: RevisionView) -> rx.Component:
    return el.li(
        el.div(
            el.b(one.title, class_name="w5"),
            el.span("by ", el.bdi(one.who), class_name="t2"),
            el.span(one.short_digest, class_name="mono t3", title=one.digest),
            Time.create(at=one.at, form="moment", class_name="t3 s12 end nowrap"),
            class_name="row",
        ),
        el.div(one.sentence, class_name="t2"),
        cond(one.reason != "", el.div(one.reason, class_name="t3 s12")),
        class_name="cs-revision",
    )


def _entry(entry: HistoryView) -> rx.Component:
    return el.li(
        el.span(
            cond(entry.who != "", icon("user-round", 14), icon("circle-dot", 14)),
            class_name="mk",
        ),
        el.div(
            el.div(
                entry.what,
                cond(entry.who != "", fragment(", ", el.bdi(entry.who))),
            ),
            el.div(entry.detail, class_name="t2 s12"),
            class_name="grow",
        ),
        Time.create(at=entry.at, form="stamp", class_name="t3 num s12 nowrap"),
    )
