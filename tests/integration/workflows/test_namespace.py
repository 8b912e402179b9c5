"""A worker's start brings the namespace to what the workflows need."""

import secrets
from dataclasses import replace

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client

from backend.core.settings import Settings
from workflows.client import connect
from workflows.namespace import KEEP_CLOSED, NamespaceError, prepare
from workflows.search_attributes import TYPES


@pytest.fixture
async def client(settings: Settings) -> Client:
    """A client of a fresh namespace that keeps closed workflows for a day."""
    name = f"fresh-{secrets.token_hex(6)}"
    day = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
    )
    await (await connect(settings)).workflow_service.register_namespace(day)
    return await connect(replace(settings, temporal=replace(settings.temporal, namespace=name)))


async def test_fresh_namespace_gets_our_attributes_and_keeps_workflows_for_thirty_days(
    client: Client,
) -> None:
    for _ in range(2):
        await prepare(client)
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    known = await client.operator_service.list_search_attributes(listing)
    assert {name: known.custom_attributes[name] for name in TYPES} == TYPES
    query = DescribeNamespaceRequest(namespace=client.namespace)
    found = await client.workflow_service.describe_namespace(query)
    assert found.config.workflow_execution_retention_ttl.ToTimedelta() == KEEP_CLOSED


async def test_attribute_of_another_type_is_refused_with_its_name(client: Client) -> None:
    wrong = {"CsRisk": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wrong)
    )
    with pytest.raises(NamespaceError, match="CsRisk"):
        await prepare(client)
