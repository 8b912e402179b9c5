"""What of an action's parameters a person can edit, read from the parameters' own types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

MONEY = {"kind": "money"}
"""Put it into ``msgspec.Meta(extra=MONEY)`` of a parameter that is an amount in minor units."""


@dataclass(frozen=True, slots=True)
class ParameterField:
    """One parameter. ``kind``: money, integer, enum or text."""

    name: str
    label: str
    kind: str
    value: int | str | None
    choices: tuple[str, ...] = ()


def fields_of(parameters: type[msgspec.Struct], values: Mapping[str, Any]) -> list[ParameterField]:
    """The parameters that are single values with their present ones, in the order of their declaration."""
    info = inspect.type_info(parameters)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{parameters.__name__} is no Struct")
    return [
        _field(one, values.get(one.encode_name)) for one in info.fields if not _has_parts(one.type)
    ]


def _has_parts(type_: inspect.Type) -> bool:
    kinds = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    return any(isinstance(one, inspect.StructType) for one in kinds)


def _field(field: inspect.Field, value: int | str | None) -> ParameterField:
    name, type_ = field.encode_name, field.type
    extra: Mapping[str, Any] = {}
    title = name.replace("_", " ").capitalize()
    if isinstance(type_, inspect.Metadata):
        extra = type_.extra or {}
        title = (type_.extra_json_schema or {}).get("title", title)
        type_ = type_.type
    if isinstance(type_, inspect.LiteralType):
        choices = tuple(str(one) for one in type_.values)
        return ParameterField(name, title, "enum", value, choices)
    plain = "integer" if isinstance(type_, inspect.IntType) else "text"
    return ParameterField(name, title, extra.get("kind", plain), value)
