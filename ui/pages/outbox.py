"""The mail that a demo without a mail server has kept: one's own, and invitations for who may send them."""

import reflex as rx

from ui.api_client import Api
from ui.components import panel
from ui.components.island import Time
from ui.components.panel import part
from ui.invitation_views import LineView, MailView, mail_view
from ui.reflex_types import cond, el, foreach, longer
from ui.requests import ApiError
from ui.session import Session, explained, session_of
from ui.template import page


class Mails(rx.State):
    """The list. ``absent``: mail goes out, or this is no demo."""

    all: rx.Field[list[MailView]] = rx.field(default_factory=list)
    loaded: bool = False
    error: str = ""
    absent: bool = False

    @rx.event(background=True)
    async def load(self) -> None:
        """Read what is kept."""
        async with self:
            api = Api(session_of(self))
        try:
            found = [mail_view(one) for one in await api.outbox()]
        except ApiError as error:
            async with self:
                self.error, self.absent = await explained(self, error), error.missing
            return
        async with self:
            self.all, self.loaded, self.error, self.absent = found, True, "", False


ROUTE = "/outbox"
ON_LOAD = [Session.boot, Mails.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Outbox",
        el.div(
            part(
                "Outbox",
                "This demo sends no mail. It is kept here: what went to you, and the invitations of your"
                " organization if you may invite.",
                _list(),
            ),
            class_name="cs-settings",
        ),
    )


def _list() -> rx.Component:
    listed = el.ul(foreach(Mails.all, _mail), class_name="cs-mails")
    empty = panel.closed("No mail yet", "An invitation or a link for a new password appears here.")
    return cond(
        Mails.error != "",
        cond(
            Mails.absent,
            panel.closed("There is no outbox here", Mails.error),
            panel.broken("The outbox could not be read", Mails.error, Mails.load),
        ),
        cond(
            Mails.loaded,
            cond(longer(Mails.all, 0), listed, empty),
            panel.skeleton(5),
        ),
    )


def _mail(mail: MailView) -> rx.Component:
    return el.li(
        el.article(
            el.header(
                el.h3(mail.subject, class_name="w5"),
                el.div(
                    "To ",
                    el.bdi(mail.recipient),
                    " · ",
                    Time.create(at=mail.at, form="moment"),
                    class_name="t3 s12",
                ),
            ),
            foreach(mail.lines, _line),
            aria_label=mail.subject,
        ),
        custom_attrs={"data-mail": mail.recipient},
    )


def _line(line: LineView) -> rx.Component:
    return el.p(cond(line.path != "", el.a(line.text, href=line.path), line.text))
