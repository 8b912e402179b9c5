"""Proposals and runs as the API sends them, for the tests of the pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from backend.schemas import proposals as wire
from backend.schemas.common import Cost, Money, Permission, Person
from backend.schemas.runs import RunCounts, RunDetail, RunStep

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ANA = Person(id="ana", name="Ana Analyst", initials="AA")
PAUL = Person(id="paul", name="Paul Approver", initials="PA")
ALLOWED = Permission(allowed=True)


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR", exponent=2)


def card(**changed: object) -> wire.ProposalCard:
    given: dict[str, Any] = {
        "id": "01999999-0000-7000-8000-00000000abcd",
        "decision": "pending",
        "execution": "none",
        "action": "stripe.credit_note.create",
        "action_label": "Credit an invoice",
        "statement": wire.Statement(
            text="Credit EUR\u00a0120.00 on invoice INV-7 for Brindlemoor GmbH",
            verb="Credit",
            done="Credited",
            button="Approve credit",
            amount=eur(12000),
            record="INV-7",
            party="Brindlemoor GmbH",
        ),
        "summary": "charged twice",
        "playbook_id": "p",
        "playbook": "Overdue invoices",
        "playbook_version": 1,
        "run_id": "r",
        "target": wire.Target(
            kind="invoice",
            record_id="i",
            source_id="in_7",
            label="INV-7",
            system="Stripe",
            url=None,
        ),
        "amount": eur(-12000),
        "risk": wire.Risk(
            score=35,
            band="moderate",
            reasons=[
                wire.RiskReason(label="Moves money", points=40),
                wire.RiskReason(label="Can be undone", points=-5),
            ],
        ),
        "confidence": 0.8,
        "requested_by": ANA,
        "team": None,
        "required_signatures": 1,
        "signatures": [],
        "your_turn": True,
        "due_at": AT + timedelta(hours=2),
        "created_at": AT,
        "updated_at": AT,
        "sentence": "",
        "digest": "7f3a91c2e04b" + "0" * 52,
        "revision": 1,
        "source_version": "a" * 64,
        "connection": "Stripe",
        "parameters": {},
        "changes": [],
        "how": [("Undo", "Possible")],
        "reasoning": "Charged twice.",
        "plan": ["Read"],
        "attempts": [],
        "model": "rules",
        "cost": Cost(input_tokens=0, output_tokens=0, model_calls=2),
        "evidence": [],
        "policy": policy(),
        "can_approve": ALLOWED,
        "can_reject": ALLOWED,
        "can_edit": ALLOWED,
        "can_ask": ALLOWED,
        "can_delegate": ALLOWED,
        "can_take_back": ALLOWED,
        "can_withdraw": ALLOWED,
        "can_resolve": ALLOWED,
        "can_undo": ALLOWED,
        "undoes_id": None,
        "undone_by_id": None,
        "stale_changes": [],
        "effect": None,
        "resolution": None,
        "history": [],
        "fields": [],
        "revisions": [],
        "questions": [],
    }
    return wire.ProposalCard(**(given | changed))


def policy(**changed: object) -> wire.Policy:
    given: dict[str, Any] = {
        "required_signatures": 1,
        "signed": 0,
        "different_teams": False,
        "others": [PAUL],
        "others_total": 1,
        "delegations": [],
        "escalated_at": None,
        "reason": "one signs",
        "rules": [],
        "on_silence": "it expires",
        "hold_seconds": 0,
    }
    return wire.Policy(**(given | changed))


def change(
    label: str, kind: str, before: Money | str | None, after: Money | str | None
) -> wire.Change:
    return wire.Change(path=label.lower(), label=label, kind=kind, before=before, after=after)


def step(seq: int, kind: str, seconds: float, *, at: datetime = AT, name: str = "step") -> RunStep:
    return RunStep(
        seq=seq,
        kind=kind,
        name=name,
        state="done",
        summary="",
        started_at=at,
        finished_at=at + timedelta(seconds=seconds),
        input_tokens=0,
        output_tokens=0,
    )


def run(steps: list[RunStep], **changed: object) -> RunDetail:
    given: dict[str, Any] = {
        "id": "r",
        "playbook_id": "p",
        "playbook": "Overdue invoices",
        "playbook_version": 1,
        "state": "completed",
        "outcome": None,
        "requested_by": ANA,
        "parent_run_id": None,
        "counts": RunCounts(candidates=3, working=0, proposed=2, nothing_to_do=1, failed=0),
        "cost": Cost(input_tokens=0, output_tokens=0, model_calls=0),
        "created_at": AT,
        "finished_at": AT + timedelta(seconds=28.5),
        "workflow_id": "playbook_run/o/r",
        "inputs": {"minDaysOverdue": 1, "maxInvoices": None},
        "error": None,
        "steps": steps,
        "proposals": [],
        "children": [],
    }
    return RunDetail(**(given | changed))
