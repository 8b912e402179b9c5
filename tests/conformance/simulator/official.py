"""Stripe's own OpenAPI document as a judge of the simulator's answers and parameters."""

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.conformance import stripe_mock

Json = dict[str, Any]


@cache
def document() -> Json:
    """`spec3.json` of the official module, its `nullable` turned into JSON Schema."""
    path = stripe_mock.module_dir() / "embedded" / "openapi" / "spec3.json"
    spec: Json = json.loads(path.read_text())
    _nullable(spec["components"])
    return spec


def operation(method: str, path: str) -> tuple[str, Json]:
    """The template and the operation that a concrete path belongs to."""
    for template in (path, *document()["paths"]):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        found = document()["paths"].get(template, {}).get(method.lower())
        if found and re.fullmatch(pattern, path):
            return template, found
    raise LookupError(f"Stripe has no {method} {path}")


def violations(method: str, path: str, status: int, body: Json) -> list[str]:
    """What in an answer differs from Stripe's document."""
    template, found = operation(method, path)
    code = "200" if status < 300 else "default"
    pointer = f"{_escape(template)}/{method.lower()}/responses/{code}/content/application~1json"
    assert code in found["responses"]
    schema = {"$ref": f"urn:stripe#/paths/{pointer}/schema"}
    validator = Draft202012Validator(schema, registry=_registry())
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]


def parameters(method: str, path: str) -> Json:
    """Name → schema of what Stripe's operation takes; required ones carry `required: True`."""
    _, found = operation(method, path)
    taken = {
        one["name"]: {**one["schema"], "required": one.get("required", False)}
        for one in found.get("parameters", [])
        if one["in"] == "query"
    }
    for content in found.get("requestBody", {}).get("content", {}).values():
        required = content["schema"].get("required", [])
        for name, schema in content["schema"].get("properties", {}).items():
            taken[name] = {**schema, "required": name in required}
    return taken


@cache
def _registry() -> Registry[Any]:
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(
        "urn:stripe", DRAFT202012.create_resource(document())
    )
    return filled


def _escape(part: str) -> str:
    # A JSON pointer inside a URI fragment.
    escaped = part.replace("~", "~0").replace("/", "~1")
    return escaped.replace("{", "%7B").replace("}", "%7D")


def _nullable(node: object) -> None:
    if isinstance(node, list):
        for one in node:
            _nullable(one)
    if not isinstance(node, dict):
        return
    if node.get("nullable") is True:
        del node["nullable"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
        if "type" in node:
            node["type"] = [node["type"], "null"]
        elif "anyOf" in node:
            node["anyOf"] = [*node["anyOf"], {"type": "null"}]
        elif "$ref" in node:
            node["anyOf"] = [{"$ref": node.pop("$ref")}, {"type": "null"}]
    for one in node.values():
        _nullable(one)
