"""Attributes by which runs are found in Temporal's own pages: ids and enums only, they are stored in clear."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from backend.core.ids import OrgId

ORG = SearchAttributeKey.for_keyword("CsOrg")
PLAYBOOK = SearchAttributeKey.for_keyword("CsPlaybook")
STATE = SearchAttributeKey.for_keyword("CsState")
RISK = SearchAttributeKey.for_int("CsRisk")

_TYPES = {
    ORG.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    PLAYBOOK.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    STATE.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    RISK.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
}


class SearchAttributesError(RuntimeError):
    """The namespace has one of our attributes with another type; workflows would hang on it."""


def at_start(org_id: OrgId, playbook_id: object | None = None) -> TypedSearchAttributes:
    """The attributes of a workflow that starts."""
    pairs: list[SearchAttributePair[str]] = [SearchAttributePair(ORG, str(org_id))]
    if playbook_id is not None:
        pairs.append(SearchAttributePair(PLAYBOOK, str(playbook_id)))
    return TypedSearchAttributes(pairs)


async def ensure(client: Client) -> None:
    """Register what is missing and compare what is there: an unknown attribute would block a workflow for ever."""
    service, namespace = client.operator_service, client.namespace
    query = ListSearchAttributesRequest(namespace=namespace)
    known = (await service.list_search_attributes(query)).custom_attributes
    missing = {name: kind for name, kind in _TYPES.items() if name not in known}
    if missing:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        )
    for name, kind in _TYPES.items():
        if name in known and known[name] != kind:
            raise SearchAttributesError(
                f"search attribute {name} of namespace {namespace} has another type; remove it there"
            )
