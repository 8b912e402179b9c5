"""Brings the engine's namespace to what the workflows need; runs at every start of a worker and repeats harmlessly."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from workflows.search_attributes import TYPES

KEEP_CLOSED = timedelta(days=30)


class NamespaceError(RuntimeError):
    """The namespace is not as the workflows need it, and we may not change it."""


async def prepare(client: Client) -> None:
    """Search attributes and retention. Raises :class:`NamespaceError` that says what to correct."""
    await _search_attributes(client)
    await _retention(client)


async def _search_attributes(client: Client) -> None:
    """An attribute that is missing would block a workflow for ever; one of another type as well."""
    service, namespace = client.operator_service, client.namespace
    known = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    missing = {name: kind for name, kind in TYPES.items() if name not in known.custom_attributes}
    if missing:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        )
    for name, kind in TYPES.items():
        if known.custom_attributes.get(name, kind) != kind:
            raise NamespaceError(
                f"search attribute {name} of namespace {namespace} has another type; remove it there"
            )


async def _retention(client: Client) -> None:
    service, namespace = client.workflow_service, client.namespace
    found = await service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept >= KEEP_CLOSED:
        return
    ttl = Duration()
    ttl.FromTimedelta(KEEP_CLOSED)
    config = NamespaceConfig(workflow_execution_retention_ttl=ttl)
    await service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))
