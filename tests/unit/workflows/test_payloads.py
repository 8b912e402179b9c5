"""What crosses Temporal: ids, contracts, encryption, failures; the API's side and the worker's side alike."""

import subprocess
import sys
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ApplicationError

from backend.core.crypto import Keys
from backend.core.errors import NotFoundError, RateLimitedError
from backend.core.ids import OrgId, RunId, new_uuid
from backend.core.masters import Master
from workflows.contracts import (
    PlaybookRunInput,
    Process,
    RunRef,
    StandingNote,
    VerdictNote,
    Verdicts,
    organization_of,
    workflow_id,
)
from workflows.runtime.agent_converter import AgentConverter
from workflows.runtime.codec import PayloadRefusedError, TenantCodec
from workflows.runtime.converter import ContractConverter
from workflows.runtime.failures import application_error
from workflows.runtime.interceptors import check_tenant

KEYS = Keys(Master("m1", b"\x5f" * 32))
ORG = OrgId(UUID("01a20c45-40ac-713b-9f20-fe01add487ad"))
RUN = RunId(UUID("01a20c45-40ac-713b-9f20-fe01add487ae"))


def codec(org_id: OrgId, keys: Keys = KEYS) -> TenantCodec:
    name = workflow_id(Process.AGENT_RUN, org_id, RUN)
    context = WorkflowSerializationContext(namespace="countersign", workflow_id=name)
    return TenantCodec(keys).with_context(context)


def test_workflow_id_names_process_organization_and_key() -> None:
    name = workflow_id(Process.PLAYBOOK_RUN, ORG, RUN)
    assert name == f"playbook_run/{ORG}/{RUN}"
    assert organization_of(name) == ORG


@pytest.mark.parametrize("name", ["", "x", "agent_run/1", f"agent_run/not-a-uuid/{RUN}"])
def test_workflow_id_without_organization_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not process/org/key|badly formed"):
        organization_of(name)


@pytest.mark.parametrize(
    "value",
    [
        PlaybookRunInput(ORG, RUN),
        StandingNote("pending", "none", "Waiting", None, datetime(2026, 11, 24, tzinfo=UTC)),
        Verdicts(
            (VerdictNote("L0", passed=True), VerdictNote("L2", passed=False, messages=("no",)))
        ),
    ],
)
def test_contract_is_the_same_bytes_on_both_sides_and_comes_back_whole(value: object) -> None:
    [api] = ContractConverter().to_payloads([value])
    [worker] = AgentConverter().to_payloads([value])
    assert api == worker
    for converter in (ContractConverter(), AgentConverter()):
        assert converter.from_payloads([api], [type(value)]) == [value]


def test_contract_with_a_field_of_the_future_is_read_and_one_of_a_wrong_type_is_refused() -> None:
    newer = msgspec.json.encode({"org_id": str(ORG), "run_id": str(RUN), "added_later": 1})
    metadata = {"encoding": b"json/msgspec"}
    found = ContractConverter().from_payload(Payload(metadata=metadata, data=newer), RunRef)
    assert found == RunRef(ORG, RUN)
    wrong = Payload(metadata=metadata, data=b'{"org_id": 1, "run_id": "x"}')
    with pytest.raises(msgspec.ValidationError, match="org_id"):
        ContractConverter().from_payload(wrong, RunRef)


def test_api_side_imports_no_agent_library() -> None:
    program = "import sys, workflows.client; sys.exit('pydantic_ai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_sealed_payload_opens_only_for_its_own_organization() -> None:
    [plain] = ContractConverter().to_payloads([RunRef(ORG, RUN)])
    [sealed] = await codec(ORG).encode([plain])
    assert str(RUN).encode() not in sealed.SerializeToString()
    assert await codec(ORG).decode([sealed]) == [plain]
    with pytest.raises(InvalidTag):
        await codec(OrgId(new_uuid())).decode([sealed])
    with pytest.raises(InvalidTag):
        await codec(ORG, Keys(Master("m1", b"\x00" * 32))).decode([sealed])


async def test_payload_without_tenant_in_plain_text_or_under_an_unknown_key_is_refused() -> None:
    [plain] = ContractConverter().to_payloads([RunRef(ORG, RUN)])
    with pytest.raises(PayloadRefusedError, match="no organization"):
        await TenantCodec(KEYS).encode([plain])
    with pytest.raises(PayloadRefusedError, match="not encrypted"):
        await codec(ORG).decode([plain])
    [sealed] = await codec(ORG, Keys(Master("m0", b"\x5f" * 32))).encode([plain])
    with pytest.raises(PayloadRefusedError, match="m0"):
        await codec(ORG).decode([sealed])


def test_activity_input_of_another_organization_or_of_none_is_refused() -> None:
    check_tenant(ORG, [RunRef(ORG, RUN)])
    for arguments in ([RunRef(OrgId(new_uuid()), RUN)], ["text"], []):
        with pytest.raises(ApplicationError) as refused:
            check_tenant(ORG, arguments)
        assert (refused.value.type, refused.value.non_retryable) == ("wrong_tenant", True)


def test_domain_error_keeps_its_code_and_says_whether_to_try_again() -> None:
    final = application_error(NotFoundError("gone"))
    assert (final.type, final.non_retryable, final.message) == ("not_found", True, "gone")
    passing = application_error(RateLimitedError("slow down", retry_after=7))
    assert (passing.type, passing.non_retryable) == ("rate_limited", False)
    assert passing.next_retry_delay is not None
    assert passing.next_retry_delay.total_seconds() == 7
