"""Payloads of our own contracts: frozen dataclasses of ``workflows.*`` as JSON by msgspec.

The API's client uses ``ContractConverter``. It must not import pydantic_ai, which only the worker has.
"""

from dataclasses import is_dataclass
from typing import Any

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
)


class MsgspecConverter(EncodingPayloadConverter):
    """Takes frozen dataclasses of ours and leaves everything else to the next converter.

    Types are checked when reading; unknown fields are dropped, so that a field may come and go.
    """

    @property
    def encoding(self) -> str:
        """The mark in a payload's metadata."""
        return "json/msgspec"

    def to_payload(self, value: object) -> Payload | None:
        """The payload, or None when the value is not ours."""
        if not _is_contract(value):
            return None
        return Payload(
            metadata={"encoding": self.encoding.encode()}, data=msgspec.json.encode(value)
        )

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ANN401
        """The value; raises ``msgspec.ValidationError`` that names the path of a wrong field."""
        return msgspec.json.decode(payload.data, type=type_hint or Any)


class ContractConverter(CompositePayloadConverter):
    """Our contracts, then Temporal's own converters."""

    def __init__(self) -> None:
        super().__init__(MsgspecConverter(), *DefaultPayloadConverter().converters.values())


def _is_contract(value: object) -> bool:
    kind = type(value)
    return (
        is_dataclass(kind)
        and kind.__module__.startswith("workflows.")
        and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
    )
