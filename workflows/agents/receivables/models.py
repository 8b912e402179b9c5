"""What the agent may answer: one of five choices, each with its own typed parameters."""

from typing import Annotated, Literal

from pydantic import Field

from workflows.agents.answers import Choice


class SendReminder(Choice):
    """Send the customer the invoice again as a reminder."""

    action = "stripe.invoice.send_reminder"


class CreditNote(Choice):
    """Credit a part of the invoice that the customer contests with good reason."""

    action = "stripe.credit_note.create"

    amount: Annotated[int, Field(gt=0, description="minor units of the invoice's currency")]
    reason: Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]
    memo: Annotated[str, Field(description="what the customer will read on the credit note")]


class MarkUncollectible(Choice):
    """Write the invoice off: it is long overdue and the customer cannot be reached."""

    action = "stripe.invoice.mark_uncollectible"


class VoidDuplicate(Choice):
    """Void the invoice because the same delivery was billed by an earlier one."""

    action = "stripe.invoice.void"

    duplicate_of: Annotated[str, Field(description="`record_id` of the earlier invoice")]


class Nothing(Choice):
    """Leave the invoice alone for now, with the reason."""


Answer = SendReminder | CreditNote | MarkUncollectible | VoidDuplicate | Nothing

TOOL_NAMES: dict[type[Choice], str] = {
    SendReminder: "send_reminder",
    CreditNote: "credit_note",
    MarkUncollectible: "mark_uncollectible",
    VoidDuplicate: "void_duplicate",
    Nothing: "nothing",
}
"""How a model names each answer; the names lie in histories and never change."""
