"""The offline model: calls the same tools as a language model and answers by :mod:`judgement`.

Deterministic, a pure function of the messages. It is shown as "rules" wherever a model is named.
"""

from typing import Any

from pydantic import TypeAdapter
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel

from workflows.agents.receivables.facts import (
    CustomerFacts,
    InvoiceFacts,
    PaymentHistory,
    SimilarInvoices,
)
from workflows.agents.receivables.feedback import feedback_of
from workflows.agents.receivables.judgement import answers
from workflows.agents.receivables.models import TOOL_NAMES
from workflows.agents.receivables.wording import PLAN, Facts

NAME = "rules:default"
_TOOLS: dict[str, TypeAdapter[Any]] = {
    "invoice": TypeAdapter(InvoiceFacts),
    "customer": TypeAdapter(CustomerFacts),
    "payment_history": TypeAdapter(PaymentHistory),
    "similar_invoices": TypeAdapter(SimilarInvoices),
}


def model() -> FunctionModel:
    """The rules as a pydantic-ai model."""
    return FunctionModel(respond, model_name=NAME)


async def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Ask every tool once, then give the best answer that has not been refused."""
    told = _told(messages)
    missing = [name for name in _TOOLS if name not in told]
    if missing:
        calls = [ToolCallPart(name, {}, tool_call_id=name) for name in missing]
        return ModelResponse([TextPart(" ".join(PLAN)), *calls])
    outputs = {tool.name for tool in info.output_tools}
    refused = [call.tool_name for call in _calls(messages) if call.tool_name in outputs]
    facts = Facts(
        invoice=told["invoice"],
        customer=told["customer"],
        history=told["payment_history"],
        similar=told["similar_invoices"],
        refusals=feedback_of(messages),
    )
    answer = next(one for one in answers(facts) if TOOL_NAMES[type(one)] not in refused)
    call_id = f"answer-{len(refused) + 1}"
    arguments = answer.model_dump(mode="json")
    return ModelResponse([ToolCallPart(TOOL_NAMES[type(answer)], arguments, tool_call_id=call_id)])


def _told(messages: list[ModelMessage]) -> dict[str, Any]:
    return {
        part.tool_name: _TOOLS[part.tool_name].validate_python(part.content)
        for message in messages
        for part in message.parts
        if isinstance(part, ToolReturnPart)
        and part.tool_name in _TOOLS
        and part.outcome == "success"
    }


def _calls(messages: list[ModelMessage]) -> list[ToolCallPart]:
    return [
        part for message in messages for part in message.parts if isinstance(part, ToolCallPart)
    ]
