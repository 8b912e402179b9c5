"""`countersign demo`: the main job end to end in the terminal, checked against the outside system's own answer."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile, DemoUser
from backend.embedded.errors import StartupError
from backend.playbooks import overdue_invoices

_PATIENCE_SECONDS = 50
_CHOICE_SECONDS = 20
_POLL_SECONDS = 0.2
_SHOWN = ("status", "amount_due", "amount_remaining", "pre_payment_credit_notes_amount")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Walk:
    """The two people and the outside system of the walk."""

    analyst: DemoApi
    approver: DemoApi
    stripe: httpx.AsyncClient


async def walk(demo: DemoFile, say: Say) -> bool:
    """Run, show a card, approve as a second person; true when Stripe then is what the card said."""
    analyst, approver = _person(demo, "analyst"), _person(demo, "approver")
    key = demo.stripe_keys[analyst.organization]
    async with (
        httpx.AsyncClient(base_url=demo.api_url, timeout=30) as http,
        httpx.AsyncClient(base_url=demo.stripe_url, auth=(key, ""), timeout=30) as stripe,
        asyncio.timeout(_PATIENCE_SECONDS),
    ):
        people = _Walk(
            await DemoApi.log_in(http, analyst.email, analyst.password),
            await DemoApi.log_in(http, approver.email, approver.password),
            stripe,
        )
        return await _walk(people, analyst, approver, say)


async def _walk(people: _Walk, analyst: DemoUser, approver: DemoUser, say: Say) -> bool:
    run = await people.analyst.run_playbook(overdue_invoices.SLUG, {"minDaysOverdue": 1})
    say(f"{analyst.email} started the run {run}")
    await people.analyst.first_proposals(run, at_least=1)
    card = await _choose(people.approver, say)
    _show(card, say)
    path = f"/v1/invoices/{card['target']['sourceId']}"
    before = (await people.stripe.get(path)).raise_for_status().json()
    say(f"Stripe before: {_facts(before)}")
    await people.approver.post(
        f"/proposals/{card['id']}/decisions", {"kind": "approve", "digest": card["digest"]}
    )
    say(f"{approver.email} approved it")
    done = await _settled(people.approver, card["id"])
    after = (await people.stripe.get(path)).raise_for_status().json()
    say(f"Stripe after:  {_facts(after)}")
    differences = _differences(card, after)
    key = (done["effect"] or {}).get("idempotencyKey", "")
    traces = await _traces(people.stripe, key)
    say(f"Stripe's events under the key {key}: {', '.join(traces) or 'none'}")
    if not traces:
        differences.append("Stripe has no event under the effect's key")
    if done["execution"] != "executed":
        differences.append(f"the execution is {done['execution']}, not executed")
    for difference in differences:
        say(f"NOT AS APPROVED: {difference}")
    if not differences:
        sentence = done["statement"]["done"] + card["sentence"].removeprefix(
            card["statement"]["verb"]
        )
        say(f"{sentence}: Stripe is what the card said.")
    return not differences


def _person(demo: DemoFile, role: str) -> DemoUser:
    organization = demo.users[0].organization
    return next(u for u in demo.users if u.role == role and u.organization == organization)


async def _choose(api: DemoApi, say: Say) -> dict[str, Any]:
    """A proposal that one signature settles: a credit note as soon as there is one, else what there is."""
    deadline = asyncio.get_running_loop().time() + _CHOICE_SECONDS
    while True:
        page = await api.get("/proposals", decision="pending", limit=200)
        single = [r for r in page["items"] if r["yourTurn"] and r["requiredSignatures"] == 1]
        credits_ = [row for row in single if row["action"] == "stripe.credit_note.create"]
        if credits_ or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(_POLL_SECONDS)
    if not single:
        raise StartupError(
            "No pending proposal needs just one signature: decide some, or seed anew."
        )
    say(f"{page['total']} proposals wait for a decision; this is one of them")
    card: dict[str, Any] = await api.get(f"/proposals/{[*credits_, *single][0]['id']}")
    return card


async def _traces(stripe: httpx.AsyncClient, key: str) -> list[str]:
    """The kinds of the newest events that Stripe keeps under this idempotency key."""
    reply = (await stripe.get("/v1/events", params={"limit": 100})).raise_for_status().json()
    return [
        event["type"]
        for event in reply["data"]
        if (event["request"] or {}).get("idempotency_key") == key
    ]


def _show(card: Mapping[str, Any], say: Say) -> None:
    say("")
    say(f"  {card['sentence']}")
    say(f"  sealed as {card['digest'][:12]}, risk {card['risk']['score']} ({card['risk']['band']})")
    for change in card["changes"]:
        say(f"  {change['label']}: {_text(change['before'])} -> {_text(change['after'])}")
    say(f"  why: {card['reasoning']}")
    say("")


async def _settled(api: DemoApi, proposal: str) -> dict[str, Any]:
    while True:
        card: dict[str, Any] = await api.get(f"/proposals/{proposal}")
        if card["decision"] != "approved" or card["execution"] not in ("queued", "executing"):
            return card
        await asyncio.sleep(_POLL_SECONDS)


def _differences(card: Mapping[str, Any], invoice: Mapping[str, Any]) -> list[str]:
    """Where the invoice at Stripe is not what the card announced."""
    read = {
        "status": invoice["status"],
        "balance": invoice["amount_remaining"],
        "credited": invoice["pre_payment_credit_notes_amount"]
        + invoice["post_payment_credit_notes_amount"],
    }
    return [
        f"{change['label']} is {read[change['path']]}, the card said {_text(change['after'])}"
        for change in card["changes"]
        if change["path"] in read and read[change["path"]] != _plain(change["after"])
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    return value["minor"] if isinstance(value, Mapping) else value


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return (
            f"{value['currency']} {value['minor'] / 10 ** value['exponent']:,.{value['exponent']}f}"
        )
    return "none" if value is None else str(value)


def _facts(invoice: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {invoice[name]}" for name in _SHOWN)
