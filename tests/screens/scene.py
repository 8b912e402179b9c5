"""What the pictures show, made where the demo has none yet: proposals in every standing."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from tests.e2e.losing import lose_sight
from tests.e2e.outside import Outside
from tests.e2e.person import Person
from tests.looking.places import find_ids
from tests.stack import Stack

_REMINDER = "stripe.invoice.send_reminder"
_PATIENCE = 60_000  # milliseconds


class Scene:
    """The running demo, with ``paul`` and ``petra`` who decide."""

    def __init__(self, stack: Stack, paul: Person, petra: Person) -> None:
        self._stack = stack
        self._paul = paul
        self._petra = petra

    @cached_property
    def ids(self) -> dict[str, str]:
        """What the gaps of addresses are filled with; the standings are made when first asked for."""
        return find_ids(self._paul.get)

    @cached_property
    def half_signed(self) -> str:
        """One of two has signed."""
        return self._found(
            lambda row: row["requiredSignatures"] == 2 and len(row["signatures"]) == 1
        ) or self._approved(self._petra.choose(_REMINDER, signatures=2))

    @cached_property
    def executed(self) -> str:
        """Carried out and confirmed."""
        made = self._found(lambda row: row["execution"] == "executed")
        return made or self._until("Ran exactly", self._approved(self._petra.choose(_REMINDER)))

    @cached_property
    def stale(self) -> str:
        """Approved after the record had changed."""
        if made := self._found(lambda row: row["decision"] == "stale"):
            return made
        card, demo = self._petra.choose(_REMINDER), self._stack.demo
        with Outside(demo.stripe_url, demo.stripe_keys[demo.users[0].organization]) as outside:
            outside.change_behind_our_back(card["target"]["sourceId"])
        self._petra.post(f"/proposals/{card['id']}/decisions", _approval(card))
        return str(card["id"])

    @cached_property
    def unknown(self) -> str:
        """Sent, and nobody knows what became of it."""
        if made := self._found(lambda row: row["execution"] == "unknown"):
            return made
        card = self._petra.choose(_REMINDER)
        self._approved(card)
        lose_sight(self._stack, self._petra.get("/me")["organization"]["id"], card["id"])
        return str(card["id"])

    def _found(self, fits: Callable[[dict[str, Any]], bool]) -> str | None:
        rows = self._paul.get("/proposals", limit=200)["items"]
        return next((str(row["id"]) for row in rows if fits(row)), None)

    def _approved(self, card: dict[str, Any]) -> str:
        status, answer = self._petra.post(f"/proposals/{card['id']}/decisions", _approval(card))
        assert status == 200, answer
        return str(card["id"])

    def _until(self, words: str, proposal: str) -> str:
        sheet = self._petra.open(proposal)
        sheet.get_by_text(words).first.wait_for(timeout=_PATIENCE)
        return proposal


def _approval(card: dict[str, Any]) -> dict[str, str]:
    return {"kind": "approve", "digest": card["digest"]}
