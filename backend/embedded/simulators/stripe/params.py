"""Form bodies and query strings: bracket decoding, declared parameters, Stripe's refusals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from backend.embedded.simulators.stripe.errors import StripeError, missing_param, unknown_param

_BRACKET = re.compile(r"\[([^\[\]]*)\]")
MAX_KEYS = 50
_INTEGER = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Param:
    """One declared parameter. `kind`: text, integer, boolean, choice, map, list, range, metadata.

    An empty text unsets a map that `can_unset`.
    """

    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    fields: Mapping[str, "Param"] = field(default_factory=dict)
    item: "Param | None" = None
    can_unset: bool = False


TEXT = Param()
INTEGER = Param("integer")
BOOLEAN = Param("boolean")
METADATA = Param("metadata")
RANGE = Param("range")
TEXTS = Param("list", item=TEXT)
PERIOD = Param("map", fields={"start": Param("integer", required=True), "end": INTEGER})
REQUIRED = Param(required=True)


def choice(*values: str) -> Param:
    """One of a closed set of words."""
    return Param("choice", choices=values)


def decode(encoded: str) -> dict[str, Any]:
    """`a[b][0]=c` → `{"a": {"b": {"0": "c"}}}`; `a[]=c` counts up. Lists stay maps until declared."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head = name.split("[", 1)[0]
        path = [head, *_BRACKET.findall(name[len(head) :])]
        node = root
        for part in path[:-1]:
            child = node.setdefault(part or str(len(node)), {})
            if not isinstance(child, dict):
                raise StripeError(f"Invalid parameter: {name}", param=name)
            node = child
        node[path[-1] or str(len(node))] = value
    return root


def parse(
    raw: Mapping[str, Any], declared: Mapping[str, Param], prefix: str = ""
) -> dict[str, Any]:
    """Typed values of the declared parameters that were sent; anything else raises Stripe's 400."""
    for name in raw:
        if name not in declared:
            raise unknown_param(_path(prefix, name))
    for name, param in declared.items():
        if param.required and name not in raw:
            raise missing_param(_path(prefix, name))
    return {name: _value(raw[name], declared[name], _path(prefix, name)) for name in raw}


def _path(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _value(raw: object, param: Param, path: str) -> object:
    if param.kind == "map":
        if raw == "" and param.can_unset:
            return None
        return parse(_mapping(raw, path), param.fields, path)
    if param.kind == "list":
        return _list(raw, param, path)
    if param.kind == "metadata":
        return None if raw == "" else _mapping(raw, path)
    if param.kind == "range":
        return _range(raw, path)
    if not isinstance(raw, str):
        raise StripeError(f"Invalid string: {path}", param=path)
    return _scalar(raw, param, path)


def _scalar(raw: str, param: Param, path: str) -> object:
    if param.kind == "integer":
        return integer(raw, path)
    if param.kind == "boolean":
        if raw not in {"true", "false"}:
            raise StripeError(f"Invalid boolean: {raw}", param=path)
        return raw == "true"
    if param.kind == "choice" and raw not in param.choices:
        options = ", ".join(param.choices[:-1]) + f", or {param.choices[-1]}"
        raise StripeError(f"Invalid {path}: must be one of {options}", param=path)
    if raw == "" and param.required:
        raise StripeError(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset.",
            code="parameter_invalid_empty",
            param=path,
        )
    return raw or None


def integer(raw: str, path: str) -> int:
    """The whole number that was sent, or Stripe's 400."""
    if not _INTEGER.fullmatch(raw):
        raise StripeError(f"Invalid integer: {raw}", code="parameter_invalid_integer", param=path)
    return int(raw)


def _mapping(raw: object, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise StripeError("Invalid object", param=path)
    return raw


def _list(raw: object, param: Param, path: str) -> list[Any]:
    if raw == "":
        return []
    if not isinstance(raw, dict) or param.item is None:
        raise StripeError("Invalid array", param=path)
    return [_value(value, param.item, f"{path}[{key}]") for key, value in raw.items()]


def _range(raw: object, path: str) -> dict[str, int]:
    if isinstance(raw, str):
        moment = integer(raw, path)
        return {"gte": moment, "lte": moment}
    bounds = parse(
        _mapping(raw, path), {"gt": INTEGER, "gte": INTEGER, "lt": INTEGER, "lte": INTEGER}, path
    )
    return {name: bound for name, bound in bounds.items() if bound is not None}


def merge_metadata(current: Mapping[str, str], sent: Mapping[str, Any] | None) -> dict[str, str]:
    """Apply Stripe's rules: 50 keys, 40/500 characters; an empty value removes a key, None all."""
    if sent is None:
        return {}
    merged = dict(current)
    for key, value in sent.items():
        if not isinstance(value, str):
            raise StripeError("Metadata values must be strings", param=f"metadata[{key}]")
        if value == "":
            merged.pop(key, None)
            continue
        _check_length("key", key, key, 40)
        _check_length("value", key, value, 500)
        merged[key] = value
    if len(merged) > MAX_KEYS:
        raise StripeError("Metadata can only have up to 50 keys", param="metadata")
    return merged


def _check_length(what: str, key: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise StripeError(
            f"Metadata {what}s must be {limit} characters or less: {what} of '{key[:40]}' is "
            f"{len(text)} characters long",
            param=f"metadata[{key[:40]}]",
        )
