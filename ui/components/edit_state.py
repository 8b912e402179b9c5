"""The edit of a proposal while it is typed: verified after each pause, written once with a reason."""

import asyncio
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.proposals import ProposalCard, RevisionRequest
from ui.api_client import Api
from ui.card_views import pieces
from ui.components.bridge import close_form, focus_on, notify
from ui.editing import EditField, Preview, edit_fields, judged, parameters, typed
from ui.formats import Piece
from ui.requests import ApiError
from ui.session import explained, session_of

PAUSE = 0.35  # seconds without a key before what was typed is verified


class Edit(rx.State):
    """The edit of the proposal ``of``. What was typed stays until it is saved, discarded, or another one is edited."""

    of: str = ""
    fields: rx.Field[list[EditField]] = rx.field(default_factory=list)
    preview: Preview = Preview()
    statement: rx.Field[list[Piece]] = rx.field(default_factory=list)
    busy: bool = False
    _card: ProposalCard | None = None
    _turn: int = 0
    _last: str = ""

    @rx.event(background=True)
    async def begin(self, proposal_id: str) -> EventSpec:
        """Fill the form with the present revision, unless this person is in the middle of editing it."""
        async with self:
            session = session_of(self)
        try:
            card = await Api(session).proposal(proposal_id)
        except ApiError as error:
            async with self:
                return notify("refused", "It cannot be edited now", await explained(self, error))
        async with self:
            same = self._card is not None and self._card.digest == card.digest
            if self.of != proposal_id or not same:
                self.reset()  # type: ignore[no-untyped-call]
                self.of, self._card, self.fields = proposal_id, card, edit_fields(card)
        return focus_on(".cs-fields .cs-input")

    @rx.event
    def discard(self, proposal_id: str) -> EventSpec:
        """Forget what was typed."""
        self.reset()  # type: ignore[no-untyped-call]
        return close_form(proposal_id)

    @rx.event
    def type_in(self, name: str, text: str) -> EventSpec:
        """Keep what stands in a field now, and have it verified once the person pauses."""
        self.fields = typed(self.fields, name, text)
        self._last, self._turn = name, self._turn + 1
        return Edit.verify

    @rx.event(background=True)
    async def verify(self) -> None:
        """Ask what would become of the edit; nothing is written."""
        async with self:
            turn = self._turn
        await asyncio.sleep(PAUSE)
        async with self:
            if turn != self._turn or self._card is None:
                return
            wanted = self._wanted(dry_run=True)
            session, proposal_id = session_of(self), self.of
        if wanted is None:
            return
        try:
            answer = await Api(session).revise(proposal_id, wanted)
        except ApiError as error:
            async with self:
                if turn == self._turn:
                    self._broken(await explained(self, error), error)
            return
        async with self:
            if turn == self._turn and self._card is not None:
                self.fields, self.preview = judged(answer, self.fields, self._last)
                self.statement = pieces(self._card, self.preview.sentence)

    @rx.event(background=True)
    async def save(self, form: dict[str, Any]) -> list[EventSpec] | None:
        """Write the revision. What is refused stays as it was typed."""
        async with self:
            self._turn += 1
            wanted = self._wanted(reason=form["reason"])
            if self.busy or wanted is None:
                return None
            self.busy, session, proposal_id = True, session_of(self), self.of
        try:
            answer = await Api(session).revise(proposal_id, wanted)
        except ApiError as error:
            async with self:
                self._broken(await explained(self, error), error)
            return None
        finally:
            async with self:
                self.busy = False
        async with self:
            if answer.proposal is None:
                self.fields, self.preview = judged(answer, self.fields, self._last)
                return None
            self.reset()  # type: ignore[no-untyped-call]
        saved = notify("pending", "Saved as another revision", answer.proposal.statement.text)
        return [close_form(proposal_id, 0), saved]

    def _wanted(self, *, reason: str = "", dry_run: bool = False) -> RevisionRequest | None:
        """What to ask the API for; None, and the preview says why, when nothing can be asked."""
        if self._card is None:
            return None
        wanted, self.fields = parameters(self._card.parameters, self.fields)
        if any(one.error for one in self.fields):
            self.preview, self.statement = Preview(state="refused"), []
            return None
        if wanted == self._card.parameters:
            self.preview, self.statement = Preview(), []
            return None
        self.preview = replace(self.preview, state="checking", problem="")
        return RevisionRequest(
            digest=self._card.digest, parameters=wanted, reason=reason, dry_run=dry_run
        )

    def _broken(self, detail: str, error: ApiError) -> None:
        if error.code == "digest_mismatch":
            detail = "Somebody wrote another revision meanwhile. Discard this edit and begin on it."
        self.preview, self.statement = Preview(state="broken", problem=detail), []
