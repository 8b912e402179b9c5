"""Attributes by which runs are found in Temporal's own pages: ids and enums only, they are stored in clear."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from backend.core.ids import OrgId

ORG = SearchAttributeKey.for_keyword("CsOrg")
PLAYBOOK = SearchAttributeKey.for_keyword("CsPlaybook")
STATE = SearchAttributeKey.for_keyword("CsState")
RISK = SearchAttributeKey.for_int("CsRisk")

TYPES = {
    ORG.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    PLAYBOOK.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    STATE.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    RISK.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
}


def at_start(org_id: OrgId, playbook_id: object | None = None) -> TypedSearchAttributes:
    """The attributes of a workflow that starts."""
    pairs: list[SearchAttributePair[str]] = [SearchAttributePair(ORG, str(org_id))]
    if playbook_id is not None:
        pairs.append(SearchAttributePair(PLAYBOOK, str(playbook_id)))
    return TypedSearchAttributes(pairs)
