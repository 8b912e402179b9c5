"""Encrypts every payload in a workflow's history with a key of its organization (AES-256-GCM).

The organization comes from the workflow id (``process/org/key``), never from the payload.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from backend.core.crypto import Keys, UnknownKeyError
from workflows.contracts import organization_of

_ENCODING = b"binary/encrypted"
_NONCE = 12


class PayloadRefusedError(RuntimeError):
    """A payload without a tenant, in plain text, or under a key that this process does not have."""


@dataclass(frozen=True, slots=True)
class TenantCodec(PayloadCodec, WithSerializationContext):
    """Bound to one organization by :meth:`with_context`; unbound it refuses to work."""

    keys: Keys
    org_id: str | None = None

    def with_context(self, context: SerializationContext) -> "TenantCodec":
        """The codec for the workflow that a payload belongs to."""
        known = isinstance(context, WorkflowSerializationContext | ActivitySerializationContext)
        workflow_id = context.workflow_id if known else None  # type: ignore[attr-defined]
        return TenantCodec(self.keys, str(organization_of(workflow_id)) if workflow_id else None)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt; the key's id stays readable beside it."""
        org_id, key_id = self._tenant(), self.keys.key_id
        cipher, bound_to = self._cipher(org_id, key_id)
        return [_sealed(payload, key_id, cipher, bound_to) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt; raises ``InvalidTag`` for the payload of another organization."""
        org_id = self._tenant()
        opened = []
        for payload in payloads:
            if payload.metadata.get("encoding") != _ENCODING:
                raise PayloadRefusedError("refusing a payload that is not encrypted")
            cipher, bound_to = self._cipher(org_id, payload.metadata["kid"].decode())
            nonce, body = payload.data[:_NONCE], payload.data[_NONCE:]
            opened.append(Payload.FromString(cipher.decrypt(nonce, body, bound_to)))
        return opened

    def _tenant(self) -> str:
        if self.org_id is None:
            raise PayloadRefusedError("the workflow id names no organization")
        return self.org_id

    def _cipher(self, org_id: str, key_id: str) -> tuple[AESGCM, bytes]:
        try:
            key = self.keys.derive(f"temporal/{org_id}", key_id)
        except UnknownKeyError as error:
            raise PayloadRefusedError(f"there is no payload key {key_id!r}") from error
        return AESGCM(key), f"{org_id}|{key_id}".encode()


def _sealed(payload: Payload, key_id: str, cipher: AESGCM, bound_to: bytes) -> Payload:
    nonce = os.urandom(_NONCE)
    return Payload(
        metadata={"encoding": _ENCODING, "kid": key_id.encode()},
        data=nonce + cipher.encrypt(nonce, payload.SerializeToString(), bound_to),
    )
