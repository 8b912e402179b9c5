"""What the offline model of this agent reads and by which rules it answers."""

from collections.abc import Iterator

from pydantic import TypeAdapter

from workflows.agents.invoice_facts import InvoiceFacts
from workflows.agents.offline import OfflineRules, Told
from workflows.agents.payments.facts import Attempts, PayerFacts
from workflows.agents.payments.judgement import PLAN, Case, answers
from workflows.agents.payments.models import TOOL_NAMES, Answer


def _answers(told: Told, refusals: tuple[str, ...]) -> Iterator[Answer]:
    return answers(Case(told["invoice"], told["customer"], told["payment_attempts"], refusals))


RULES = OfflineRules(
    plan=PLAN,
    tools={
        "invoice": TypeAdapter(InvoiceFacts),
        "customer": TypeAdapter(PayerFacts),
        "payment_attempts": TypeAdapter(Attempts),
    },
    tool_names=TOOL_NAMES,
    answers=_answers,
)
