"""Proposals in the matrix on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.api.presenting.common import optional_amount, person
from backend.api.presenting.runs import run_cost
from backend.connectors.actions import Action
from backend.connectors.fields import fields_of
from backend.connectors.registry import Connectors
from backend.core.money import Money
from backend.proposals import risk, statement
from backend.proposals.models import ProposalTable
from backend.proposals.views import ProposalView
from backend.schemas import proposals as wire


@dataclass(frozen=True, slots=True)
class ProposalPresenter:
    """Knows the actions' words and where people see a vendor's records (``dashboards`` by vendor)."""

    connectors: Connectors
    dashboards: Mapping[str, str]

    def row(self, view: ProposalView, *, your_turn: bool) -> wire.ProposalRow:
        """One row of the matrix."""
        row, action = view.row, self.connectors.action(view.row.action)
        return wire.ProposalRow(
            id=str(row.id),
            decision=row.decision,
            execution=row.execution,
            action=row.action,
            action_label=action.label,
            statement=_statement(view, action),
            summary=row.summary,
            playbook_id=str(row.playbook_id),
            playbook=view.playbook,
            playbook_version=row.playbook_version,
            run_id=str(row.run_id),
            target=self._target(row, action),
            amount=optional_amount(view.amount),
            risk=_risk(row),
            confidence=row.confidence,
            cost=run_cost(view.used.run, view.used.spend) if view.used else None,
            requested_by=person(row.requested_by, view.requester),
            team=view.team,
            required_signatures=row.required_signatures,
            signatures=[
                wire.Signature(by=person(given.user_id, given.name), at=given.at)
                for given in view.signatures
            ],
            your_turn=your_turn,
            due_at=row.due_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def fields(self, row: ProposalTable) -> list[wire.Field]:
        """What of the proposal can be edited. An undo is the inverse of what was done and nothing else."""
        if row.undoes_id is not None:
            return []
        parameters = self.connectors.action(row.action).parameters
        exponent = Money(row.currency, 0).exponent if row.currency else 0
        return [
            wire.Field(
                name=one.name,
                label=one.label,
                kind=one.kind,
                value=one.value,
                choices=list(one.choices),
                currency=row.currency if one.kind == "money" else None,
                exponent=exponent if one.kind == "money" else 0,
            )
            for one in fields_of(parameters, row.parameters)
        ]

    def _target(self, row: ProposalTable, action: Action) -> wire.Target:
        dashboard = self.dashboards.get(action.vendor)
        return wire.Target(
            kind=row.target_kind,
            record_id=str(row.target_record_id),
            source_id=row.target_source_id,
            label=row.target_label,
            system=action.vendor.capitalize(),
            url=f"{dashboard}/{row.target_kind}s/{row.target_source_id}" if dashboard else None,
        )


def _statement(view: ProposalView, action: Action) -> wire.Statement:
    said = statement.state(
        action.words, amount=view.amount, record=view.row.target_label, party=view.row.party
    )
    return wire.Statement(
        text=said.text,
        verb=said.verb,
        done=said.done,
        button=said.button,
        amount=optional_amount(said.amount),
        record=said.record,
        party=said.party,
    )


def _risk(row: ProposalTable) -> wire.Risk:
    return wire.Risk(
        score=row.risk_score,
        band=risk.band(row.risk_score),
        reasons=[
            wire.RiskReason(label=reason["label"], points=reason["points"])
            for reason in row.risk_reasons
        ],
    )
