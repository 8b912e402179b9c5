"""What the offline model of this agent reads and by which rules it answers."""

from collections.abc import Iterator

from pydantic import TypeAdapter

from workflows.agents.invoice_facts import InvoiceFacts
from workflows.agents.offline import OfflineRules, Told
from workflows.agents.receivables.facts import (
    CustomerFacts,
    PaymentHistory,
    SimilarInvoices,
)
from workflows.agents.receivables.judgement import answers
from workflows.agents.receivables.models import TOOL_NAMES, Answer
from workflows.agents.receivables.wording import PLAN, Facts


def _answers(told: Told, refusals: tuple[str, ...]) -> Iterator[Answer]:
    return answers(
        Facts(
            invoice=told["invoice"],
            customer=told["customer"],
            history=told["payment_history"],
            similar=told["similar_invoices"],
            refusals=refusals,
        )
    )


RULES = OfflineRules(
    plan=PLAN,
    tools={
        "invoice": TypeAdapter(InvoiceFacts),
        "customer": TypeAdapter(CustomerFacts),
        "payment_history": TypeAdapter(PaymentHistory),
        "similar_invoices": TypeAdapter(SimilarInvoices),
    },
    tool_names=TOOL_NAMES,
    answers=_answers,
)
