"""Keeps a model's reply until its activity has told the engine: sealed for exactly this call, up to 64 KiB."""

from uuid import UUID

from pydantic import TypeAdapter
from pydantic_ai.messages import ModelResponse

from backend.core.crypto import Keys
from backend.core.ids import OrgId
from backend.runs.budget import Call
from backend.runs.budget_models import REPLY_PURPOSE, ModelCall

_MOST = 65_536
_REPLY = TypeAdapter(ModelResponse)


def seal(keys: Keys, org_id: OrgId, call: Call, reply: ModelResponse) -> bytes | None:
    """The reply as it is kept; None when it is too large: after a crash it would be paid again."""
    plain = _REPLY.dump_json(reply)
    if len(plain) > _MOST:
        return None
    return keys.seal(_purpose(org_id, call.run_id, call.key, call.place), plain)


def unseal(keys: Keys, kept: ModelCall) -> ModelResponse:
    """The reply of a call that was answered and kept."""
    if kept.reply is None:
        raise LookupError(f"the reply of call {kept.key} is not kept")
    purpose = _purpose(kept.org_id, kept.run_id, kept.key, kept.place)
    return _REPLY.validate_json(keys.open(purpose, kept.reply))


def _purpose(org_id: UUID, run_id: UUID, key: str, place: int) -> str:
    return REPLY_PURPOSE.format(org_id=org_id, run_id=run_id, key=key, place=place)
