"""The text form of server-sent events."""

import msgspec


def frame(event: str, data: object, seq: int | None = None) -> bytes:
    """One event; with ``seq`` the client resumes behind it when it comes back."""
    identity = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (identity, event.encode(), msgspec.json.encode(data))
