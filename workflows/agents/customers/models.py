"""What the agent may answer: merge the details of the duplicate, or nothing."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from workflows.agents.answers import Choice


class Address(BaseModel):
    """A billing address as the duplicate has it."""

    model_config = ConfigDict(extra="forbid")

    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class MergeDetails(Choice):
    """Fill what the surviving customer lacks from its duplicate, and link the two."""

    action = "stripe.customer.merge_details"

    duplicate: Annotated[str, Field(description="`record_id` of the duplicate")]
    email: Annotated[str | None, Field(description="the duplicate's, if it is missing")] = None
    phone: Annotated[str | None, Field(description="the duplicate's, if it is missing")] = None
    billing_address: Annotated[
        Address | None, Field(description="the duplicate's, if it is missing")
    ] = None


class Nothing(Choice):
    """Leave the two customers as they are, with the reason."""


Answer = MergeDetails | Nothing

TOOL_NAMES: dict[type[Choice], str] = {MergeDetails: "merge_details", Nothing: "nothing"}
"""How a model names each answer; the names lie in histories and never change."""
