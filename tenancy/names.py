"""Names that people give: of themselves, of teams."""

from backend.core.errors import InvalidInputError

LONGEST_NAME = 100


def cleaned(name: str) -> str:
    """The name with single spaces. Raises :class:`InvalidInputError` for the field ``name``."""
    said = " ".join(name.split())
    if not 1 <= len(said) <= LONGEST_NAME or not said.isprintable():
        raise InvalidInputError(f"a name has 1 to {LONGEST_NAME} characters", field="name")
    return said
