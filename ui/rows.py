"""The address of the matrix that shows exactly the rows behind a number."""

from urllib.parse import urlencode

import msgspec

from backend.schemas.matrix import ProposalFilter


def rows_query(rows: ProposalFilter) -> list[tuple[str, str]]:
    """What of ``rows`` narrows the list, as the parameters of ``GET /proposals``; of a list one pair a value."""
    pairs: list[tuple[str, str]] = []
    for name, value in msgspec.to_builtins(rows).items():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, str(one)) for one in values if one is not None]
    return pairs


def rows_path(rows: ProposalFilter | None) -> str:
    """The page; nothing where no rows stand behind the number."""
    if rows is None:
        return ""
    query = urlencode(rows_query(rows))
    return f"/proposals?{query}" if query else "/proposals"
