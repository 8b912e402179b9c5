"""A stub that speaks the wire protocols of two model providers: OpenAI chat completions, Anthropic messages.

It looks with every tool it is given, then answers wrongly once, then rightly: what a model would do that learns.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]

READING = ("invoice", "customer", "payment_history", "similar_invoices")
INPUT_TOKENS, OUTPUT_TOKENS = 120, 30


@dataclass(frozen=True)
class Call:
    """A tool that the model calls."""

    id: str
    name: str
    arguments: Json


@dataclass
class Provider:
    """The running stub; ``requests`` are the bodies it got, ``secrets`` the keys that came with them."""

    url: str = ""
    requests: list[Json] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator["Provider"]:
        """Listen on a free port for as long as the block lasts."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            provider.requests.append(body)
            key = self.headers["x-api-key"] or self.headers["authorization"].split(" ")[1]
            provider.secrets.append(key)
            speak = _SPEAKERS[self.path.split("?")[0]]
            reply = speak(body)
            if body.get("stream"):
                self._send("text/event-stream", _events(reply))
            else:
                self._send("application/json", json.dumps(reply))

        def _send(self, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Print nothing."""

    return Handler


def _openai(body: Json) -> Json:
    results = {m["tool_call_id"]: m["content"] for m in body["messages"] if m["role"] == "tool"}
    calls = [
        {
            "id": c.id,
            "type": "function",
            "function": {"name": c.name, "arguments": json.dumps(c.arguments)},
        }
        for c in _next(results)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    usage = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return {**head, "choices": [choice], "usage": usage}


def _anthropic(body: Json) -> Json:
    results = {
        part["tool_use_id"]: _text(part["content"])
        for message in body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "tool_result"
    }
    content = [
        {"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments}
        for c in _next(results)
    ]
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    usage = {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}
    return {
        **head,
        "content": content,
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": usage,
    }


def _text(content: str | list[Json]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _next(results: dict[str, str]) -> list[Call]:
    if "look-invoice" not in results:
        return [Call(f"look-{name}", name, {}) for name in READING]
    invoice = json.loads(results["look-invoice"])
    common = {
        "plan": ["Look at the invoice.", "Decide."],
        "summary": "overdue and open",
        "reasoning": f"Invoice {invoice['number']} is open and overdue.",
        "evidence": [{"kind": "invoice", "record_id": invoice["record_id"], "claim": "is overdue"}],
        "confidence": 0.8,
    }
    if "answer-1" in results:
        return [Call("answer-2", "send_reminder", common)]
    too_much = {"amount": invoice["balance"] + 1, "reason": "order_change", "memo": "Credit"}
    return [Call("answer-1", "credit_note", {**common, **too_much})]


def _events(message: Json) -> str:
    """The same message as Anthropic streams it; its SDK asks for that where answers may be long."""
    head = {**message, "content": [], "stop_reason": None}
    events: list[Json] = [{"type": "message_start", "message": head}]
    for index, block in enumerate(message["content"]):
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        empty = {**block, "input": {}}
        events += [
            {"type": "content_block_start", "index": index, "content_block": empty},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    ending = {"stop_reason": "tool_use", "stop_sequence": None}
    usage = {"output_tokens": OUTPUT_TOKENS}
    events += [{"type": "message_delta", "delta": ending, "usage": usage}, {"type": "message_stop"}]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


_SPEAKERS = {"/v1/chat/completions": _openai, "/v1/messages": _anthropic}
