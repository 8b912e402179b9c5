"""What the agent may answer: charge the card again, ask for another one, or nothing."""

from workflows.agents.answers import Choice


class ChargeAgain(Choice):
    """Charge the customer's card again: the decline was one that passes, and enough time has gone by."""

    action = "stripe.invoice.pay"


class AskForAnotherCard(Choice):
    """Send the invoice again, so that the customer can pay by another card: this one will never pay."""

    action = "stripe.invoice.send_reminder"


class Nothing(Choice):
    """Leave the invoice alone for now, with the reason."""


Answer = ChargeAgain | AskForAnotherCard | Nothing

TOOL_NAMES: dict[type[Choice], str] = {
    ChargeAgain: "charge_again",
    AskForAnotherCard: "ask_for_another_card",
    Nothing: "nothing",
}
"""How a model names each answer; the names lie in histories and never change."""
