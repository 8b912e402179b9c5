"""The offline model as pydantic-ai sees it: asks every tool once, answers, and changes its mind when refused."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.function import AgentInfo
from pydantic_ai.tools import ToolDefinition

from tests.unit.workflows.scene import beside, facts
from workflows.agents.feedback import tell
from workflows.agents.receivables.models import TOOL_NAMES
from workflows.agents.receivables.rules import RULES
from workflows.agents.receivables.wording import Facts

INFO = AgentInfo(
    function_tools=[],
    allow_text_output=False,
    output_tools=[ToolDefinition(name=name) for name in TOOL_NAMES.values()],
    model_settings=None,
    model_request_parameters=ModelRequestParameters(),
    instructions=None,
)


def told(scene: Facts) -> list[ModelMessage]:
    results: dict[str, Any] = {
        "invoice": scene.invoice,
        "customer": scene.customer,
        "payment_history": scene.history,
        "similar_invoices": scene.similar,
    }
    parts = [
        ToolReturnPart(name, TypeAdapter(Any).dump_python(value, mode="json"), name)
        for name, value in results.items()
    ]
    return [ModelRequest([UserPromptPart("Decide.")]), ModelRequest(parts)]


def calls(response: ModelResponse) -> list[ToolCallPart]:
    return [part for part in response.parts if isinstance(part, ToolCallPart)]


async def test_first_response_calls_every_tool() -> None:
    response = await RULES.respond([ModelRequest([UserPromptPart("Decide.")])], INFO)
    assert {call.tool_name for call in calls(response)} == {
        "invoice",
        "customer",
        "payment_history",
        "similar_invoices",
    }


async def test_answer_follows_from_what_the_tools_told() -> None:
    [call] = calls(await RULES.respond(told(beside(facts())), INFO))
    assert call.tool_name == "void_duplicate"
    assert call.args_as_dict()["duplicate_of"] == "in_0"


async def test_same_messages_give_the_same_answer() -> None:
    first, second = [calls(await RULES.respond(told(facts()), INFO)) for _ in range(2)]
    assert first == second


async def test_refused_answer_is_replaced_by_the_next_best_and_the_last_one_quotes_the_refusal() -> (
    None
):
    messages = told(beside(facts()))
    seen = []
    for refusal in ("a part of it has been paid", "it is not overdue"):
        response = await RULES.respond(messages, INFO)
        seen.append(calls(response)[0].tool_name)
        messages += [response, ModelRequest([UserPromptPart(tell([refusal]))])]
    [last] = calls(await RULES.respond(messages, INFO))
    assert seen == ["void_duplicate", "send_reminder"]
    assert last.tool_name == "nothing"
    assert last.args_as_dict()["summary"] == "it is not overdue"


async def test_failed_tool_call_is_repeated() -> None:
    messages = told(facts())
    request = messages[1]
    assert isinstance(request, ModelRequest)
    parts = [
        replace(part, outcome="failed")
        if isinstance(part, ToolReturnPart) and part.tool_name == "customer"
        else part
        for part in request.parts
    ]
    response = await RULES.respond([messages[0], ModelRequest(parts)], INFO)
    assert [call.tool_name for call in calls(response)] == ["customer"]


async def test_tool_that_an_earlier_release_asked_is_asked_again_when_it_tells_more_today() -> None:
    messages = told(facts())
    request = messages[1]
    assert isinstance(request, ModelRequest)
    parts = []
    for part in request.parts:
        assert isinstance(part, ToolReturnPart)
        assert isinstance(part.content, dict)
        kept = {name: one for name, one in part.content.items() if name != "custom_fields"}
        older = ToolReturnPart("invoice", kept, "invoice")
        parts.append(older if part.tool_name == "invoice" else part)
    asked = ModelResponse([ToolCallPart("invoice", {}, tool_call_id="invoice")])
    response = await RULES.respond([messages[0], asked, ModelRequest(parts)], INFO)
    [call] = calls(response)
    assert (call.tool_name, call.tool_call_id) == ("invoice", "invoice-1")
