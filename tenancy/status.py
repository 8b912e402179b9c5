"""Whether an organization works: it is active, or whoever runs the installation has suspended it."""

from enum import StrEnum

from backend.core.errors import PermissionDeniedError


class Status(StrEnum):
    """Nobody works in a suspended organization, no agent either; everything of it stays."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class OrganizationSuspendedError(PermissionDeniedError):
    """The organization is suspended: nothing can be done in it until it is resumed."""

    code = "organization_suspended"

    def __init__(self) -> None:
        super().__init__(
            "this organization is suspended; nothing of it is lost. Go to another organization of yours,"
            " or ask whoever runs this installation"
        )
