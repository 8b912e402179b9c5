"""Typed identifiers. Every id of ours is a UUIDv7, so that ids sort by creation time."""

from typing import NewType
from uuid import UUID

import uuid_utils

OrgId = NewType("OrgId", UUID)
UserId = NewType("UserId", UUID)
TeamId = NewType("TeamId", UUID)
PlaybookId = NewType("PlaybookId", UUID)
RunId = NewType("RunId", UUID)
ProposalId = NewType("ProposalId", UUID)
DecisionId = NewType("DecisionId", UUID)
QuestionId = NewType("QuestionId", UUID)
EffectId = NewType("EffectId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
RecordId = NewType("RecordId", UUID)
InboundEventId = NewType("InboundEventId", UUID)


def new_uuid() -> UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
