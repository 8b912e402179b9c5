"""The wire type of everything that went wrong (RFC 9457)."""

import msgspec


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field or parameter."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, where, and what to do. ``code`` is stable, ``instance`` is the request's id in our logs.

    Some problems have more members, such as ``permission`` (403) or ``organizations`` (log-in).
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: list[FieldError] = msgspec.field(default_factory=list)
