"""`countersign proposal …`: decisions from a terminal. Uses the REST API like anybody else and knows no database."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from backend.embedded.demo_api import DemoApi
from backend.embedded.errors import StartupError
from backend.embedded.terminal import Say, moment, section, signed_in, table
from backend.schemas.common import Money
from backend.schemas.proposals import ProposalCard, ProposalRow, RevisionAnswer
from backend.schemas.runs import RunRow

_SHORTEST_DIGEST = 12


async def perform(options: argparse.Namespace, demo: Path, say: Say) -> None:
    """Do what the options ask. Raises :class:`StartupError` with what the API says against it."""
    async with signed_in(options, demo) as api:
        match options.do:
            case "list":
                await _list(api, options.limit, say)
            case "show":
                _show(await _card(api, options.proposal_id), say)
            case "edit":
                await _edit(api, options, say)
            case "ask" | "comment":
                where = "questions" if options.do == "ask" else "comments"
                await api.post(_path(options, where), {"text": options.text})
                say(
                    "Asked; `show` has the answer when it is there"
                    if options.do == "ask"
                    else "Said"
                )
            case "undo":
                body = {"reason": options.reason}
                run = msgspec.convert(await api.post(_path(options, "undo"), body), RunRow)
                say(f"Run {run.id} proposes the undo")
            case word:
                await _decide(api, word.replace("-", "_"), options, say)


async def _list(api: DemoApi, limit: int, say: Say) -> None:
    page = await api.get("/proposals", decision="pending", limit=limit, sort="dueAt")
    rows = msgspec.convert(page["items"], list[ProposalRow])
    say(
        table(
            ("PROPOSAL", "RISK", "SIGNED", "YOURS", "CHANGE"),
            [
                (
                    row.id,
                    str(row.risk.score),
                    f"{len(row.signatures)} of {row.required_signatures}",
                    "yes" if row.your_turn else "",
                    row.statement.text,
                )
                for row in rows
            ],
        )
    )


def _show(card: ProposalCard, say: Say) -> None:
    say(f"{card.sentence}\n{card.decision}/{card.execution}, revision {card.revision}")
    say(f"digest {card.digest}")
    say(f"{card.policy.signed} of {card.policy.required_signatures} signed: {card.policy.reason}")
    say(f"{card.reasoning}")
    changes = [(one.label, _plain(one.before), _plain(one.after)) for one in card.changes]
    section(say, "CHANGES", table(("FIELD", "BEFORE", "AFTER"), changes))
    asked = [(one.by.name, one.text, one.answer or one.state) for one in card.questions]
    section(say, "QUESTIONS", table(("BY", "QUESTION", "ANSWER"), asked))
    acts = [
        (moment(one.at), one.what, one.actor.name if one.actor else "", one.detail or "")
        for one in card.history
    ]
    section(say, "HISTORY", table(("AT", "WHAT", "WHO", "WHY"), acts))


async def _decide(api: DemoApi, kind: str, options: argparse.Namespace, say: Say) -> None:
    card = await _named(api, options)
    body: dict[str, Any] = {"kind": kind, "digest": card.digest, "reason": options.reason}
    if kind == "delegate":
        people = (await api.get(_path(options, "receivers")))["items"]
        found = next((one["id"] for one in people if one["name"] == options.to), None)
        if found is None:
            known = ", ".join(one["name"] for one in people)
            raise StartupError(f"{options.to} cannot receive it; these can: {known}.")
        body["to"] = found
    answer = await api.post(_path(options, "decisions"), body)
    row = msgspec.convert(answer["proposal"], ProposalRow)
    say(
        f"{row.decision}/{row.execution}, {len(row.signatures)} of {row.required_signatures} signed"
    )


async def _edit(api: DemoApi, options: argparse.Namespace, say: Say) -> None:
    card = await _named(api, options)
    parameters = dict(card.parameters)
    for given in options.sets:
        name, _, value = given.partition("=")
        if name not in parameters:
            raise StartupError(f"There is no {name}; there is {', '.join(parameters)}.")
        parameters[name] = int(value) if isinstance(parameters[name], int) else value
    body = {"digest": card.digest, "parameters": parameters, "reason": options.reason}
    sent = await api.post(_path(options, "revisions"), body)
    answer = msgspec.convert(sent, RevisionAnswer)
    if not answer.passed:
        refused = [message for one in answer.verdicts for message in one.messages]
        raise StartupError(f"Not written: {' '.join(refused)}")
    say(f"{answer.sentence}\n{answer.policy_reason}")


async def _named(api: DemoApi, options: argparse.Namespace) -> ProposalCard:
    """The card, when its digest is the one that was named: nobody decides what they have not seen."""
    card = await _card(api, options.proposal_id)
    if len(options.digest) < _SHORTEST_DIGEST or not card.digest.startswith(options.digest):
        raise StartupError(f"The digest is {card.digest} now: look at it again with `show`.")
    return card


async def _card(api: DemoApi, proposal_id: str) -> ProposalCard:
    return msgspec.convert(await api.get(f"/proposals/{proposal_id}"), ProposalCard)


def _path(options: argparse.Namespace, where: str) -> str:
    return f"/proposals/{options.proposal_id}/{where}"


def _plain(value: Money | str | None) -> str:
    if isinstance(value, Money):
        whole, part = divmod(value.minor, 10**value.exponent)
        return f"{value.currency} {whole:,}" + (f".{part:0{value.exponent}}" if part else "")
    return value or ""
