"""What people say about a proposal: questions to the agent, comments, whose signature is given to whom, an undo."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.proposals import DecisionRequest
from ui.api_client import Api
from ui.components.bridge import close_form, notify
from ui.requests import ApiError
from ui.session import explained, session_of

REASONING = 1  # the tab, counted from 0


@dataclass(frozen=True)
class PersonOption:
    """Somebody who can be chosen."""

    id: str = ""
    name: str = ""


class Talk(rx.State):
    """The form that is open. ``problem`` says why the one ``place`` names was refused; what was typed stays."""

    busy: bool = False
    place: str = ""
    problem: str = ""
    said: int = 0
    people: rx.Field[list[PersonOption]] = rx.field(default_factory=list)

    @rx.event
    def begin(self) -> None:
        """A form opens."""
        self.problem = ""

    @rx.event(background=True)
    async def meet(self, proposal_id: str) -> None:
        """The form of a delegation opens: find out to whom the signature can be given."""
        async with self:
            self.problem, self.people, session = "", [], session_of(self)
        try:
            people = await Api(session).receivers(proposal_id)
        except ApiError as error:
            async with self:
                self.place, self.problem = "delegate", await explained(self, error)
            return
        async with self:
            self.people = [PersonOption(one.id, one.name) for one in people]

    @rx.event(background=True)
    async def ask(self, proposal_id: str, form: dict[str, Any]) -> list[EventSpec]:
        """Ask the agent. Its answer comes through the change stream."""
        if not await self._carry_out("ask", lambda api: api.ask(proposal_id, form["text"])):
            return []
        detail = "The agent looks into it. Its answer appears under Reasoning."
        return [close_form(proposal_id, REASONING), notify("pending", "Asked", detail)]

    @rx.event(background=True)
    async def delegate(
        self, proposal_id: str, digest: str, form: dict[str, Any]
    ) -> list[EventSpec]:
        """Give one's own signature to somebody else."""
        reason = form.get("reason") or None
        wanted = DecisionRequest(kind="delegate", digest=digest, reason=reason, to=UUID(form["to"]))
        if not await self._carry_out("delegate", lambda api: api.decide(proposal_id, wanted)):
            return []
        name = next((one.name for one in self.people if one.id == form["to"]), "")
        return [close_form(proposal_id), notify("pending", f"{name} may sign in your place")]

    @rx.event(background=True)
    async def undo(self, proposal_id: str, form: dict[str, Any]) -> list[EventSpec]:
        """Have the inverse of what was executed proposed."""
        if not await self._carry_out("undo", lambda api: api.undo(proposal_id, form["reason"])):
            return []
        detail = "It is a proposal of its own and waits for its signatures."
        return [close_form(proposal_id), notify("queued", "The undo is being proposed", detail)]

    @rx.event(background=True)
    async def comment(self, proposal_id: str, form: dict[str, Any]) -> None:
        """Say something; the history shows it."""
        if await self._carry_out("comment", lambda api: api.comment(proposal_id, form["text"])):
            async with self:
                self.said += 1

    async def _carry_out(self, place: str, act: Callable[[Api], Awaitable[object]]) -> bool:
        async with self:
            if self.busy:
                return False
            self.busy, self.place, self.problem = True, place, ""
            api = Api(session_of(self))
        try:
            await act(api)
        except ApiError as error:
            async with self:
                self.problem = await explained(self, error)
            return False
        finally:
            async with self:
                self.busy = False
        return True
