"""What the answers of all agents have in common; each agent adds its own choices."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Evidence(BaseModel):
    """A record that the tools have shown, and what it proves."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["invoice", "customer", "payment_history", "payment_attempts"]
    record_id: Annotated[
        str, Field(description="`record_id` as a tool gave it; of the customer for payment_…")
    ]
    claim: Annotated[str, Field(description="what this record shows, in one short sentence")]


class Choice(BaseModel):
    """What all answers have in common. ``action`` is what it proposes; None: nothing is to be done."""

    model_config = ConfigDict(extra="forbid")
    action: ClassVar[str | None] = None

    plan: Annotated[list[str], Field(description="your steps, one short sentence each")]
    summary: Annotated[str, Field(description="the reason in at most twelve words")]
    reasoning: Annotated[str, Field(description="why, in two to five plain sentences")]
    evidence: list[Evidence]
    confidence: Annotated[float, Field(ge=0, le=1)]


REPLY = "reply"
"""How a model names its answer to a question; the name lies in histories and never changes."""


class Reply(BaseModel):
    """Answer the person's question; the proposal stays as it is."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(description="the answer, in one to five plain sentences")]
    evidence: list[Evidence]
