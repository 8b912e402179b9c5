"""The connectors of this installation: the one list of vendors."""

from backend.connectors.registry import Connectors
from backend.connectors.stripe import catalog
from backend.connectors.stripe.adapter import opener
from backend.connectors.stripe.webhook import StripeHook
from backend.core.settings import Settings


def install(settings: Settings) -> Connectors:
    """All vendors with their actions, as a process needs them. Opens no connection yet."""
    return Connectors(
        keys=settings.keys,
        openers={"stripe": opener(settings.stripe)},
        actions={action.name: action for action in catalog.ACTIONS},
        hooks={"stripe": StripeHook()},
    )
