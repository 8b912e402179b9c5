"""What the organization uses of its tier."""

import reflex as rx

from ui.api_client import Api
from ui.components import panel
from ui.reflex_types import cond, el, foreach, fragment
from ui.requests import ApiError
from ui.session import explained, session_of
from ui.settings_views import QuotaView, UsageView, usage_view


class TierUsage(rx.State):
    """The tier with its quotas."""

    usage: UsageView = UsageView()
    loaded: bool = False
    error: str = ""
    forbidden: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read what is used."""
        async with self:
            session = session_of(self)
        try:
            found = usage_view(await Api(session).usage())
        except ApiError as error:
            async with self:
                told = await explained(self, error)
                self.error, self.forbidden = ("", told) if error.forbidden else (told, "")
            return
        async with self:
            self.usage, self.loaded, self.error, self.forbidden = found, True, "", ""


def usage_list() -> rx.Component:
    """The panel's body."""
    listed = fragment(
        el.div(
            el.div(
                el.div("Tier", class_name="w5"),
                el.div("The month ends on ", TierUsage.usage.month_ends, class_name="t3 s12"),
                class_name="what",
            ),
            el.span(TierUsage.usage.tier, class_name="cs-tag accent", id="tier"),
            class_name="line",
        ),
        foreach(TierUsage.usage.quotas, _quota),
    )
    return cond(
        TierUsage.forbidden != "",
        panel.closed("Usage is not open to you", TierUsage.forbidden),
        cond(
            TierUsage.error != "",
            panel.broken("Usage could not be read", TierUsage.error, TierUsage.load),
            cond(TierUsage.loaded, listed, panel.skeleton(5)),
        ),
    )


def _quota(one: QuotaView) -> rx.Component:
    bar = el.div(el.i(style={"inlineSize": one.share}), class_name="cs-share", aria_hidden="true")
    return el.div(
        el.div(one.label, class_name="what w5"),
        cond(one.warning != "", el.span(one.warning, class_name="cs-tag " + one.tone)),
        el.div(
            el.div(one.used, class_name="num"),
            cond(one.share != "", bar),
            class_name="used",
        ),
        class_name="line",
        custom_attrs={"data-quota": one.label},
    )
