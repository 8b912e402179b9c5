"""The UI asks the API with the user's own session and turns refusals into sentences."""

import json

import httpx
import pytest

from ui.api_client import Api
from ui.requests import ApiError


def api(answer: httpx.Response, seen: list[httpx.Request]) -> Api:
    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    transport = httpx.MockTransport(reply)
    return Api("secret", httpx.AsyncClient(base_url="http://api", transport=transport))


def problem(status: int, detail: str) -> httpx.Response:
    body = {"type": "urn:x", "title": "X", "status": status, "detail": detail, "instance": "req_1"}
    return httpx.Response(status, content=json.dumps(body))


async def test_me_when_asked_then_the_users_own_session_is_sent() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(ApiError) as refused:
        await api(problem(401, "sign in first"), seen).me()

    assert seen[0].headers["Cookie"] == "countersign_session=secret"
    assert refused.value.signed_out
    assert refused.value.detail == "Sign in first."


async def test_start_run_when_sent_then_it_can_be_repeated_without_a_second_run() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(ApiError):
        await api(problem(403, "needs runs:create"), seen).start_run("p")

    assert seen[0].headers["Idempotency-Key"]


async def test_proposal_when_the_server_fails_then_the_reference_is_told() -> None:
    with pytest.raises(ApiError) as failed:
        await api(problem(500, "something went wrong"), []).proposal("x")

    assert failed.value.detail == "Something went wrong. Reference req_1."


async def test_proposal_when_something_else_answers_then_its_status_is_told() -> None:
    with pytest.raises(ApiError) as failed:
        await api(httpx.Response(502, content=b"<html>"), []).proposal("x")

    assert failed.value.detail == "The server answered 502."
