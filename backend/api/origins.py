"""Whether a browser's request comes from our own pages."""

from urllib.parse import urlsplit

from backend.core.errors import PermissionDeniedError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}


class ForeignOriginError(PermissionDeniedError):
    """A page of another site is asking."""

    code = "foreign_origin"


def require_own_origin(origin: str | None, public_url: str) -> None:
    """Raise :class:`ForeignOriginError` for the Origin of another site; programs send none and may pass."""
    if origin is not None and _parts(origin) != _parts(public_url):
        raise ForeignOriginError(f"requests of pages on {origin} are refused")


def _parts(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port. The names of this machine for itself count as one."""
    try:
        split = urlsplit(url)
        port = split.port or _PORTS.get(split.scheme)
    except ValueError:
        return "", "", None
    host = split.hostname or ""
    return split.scheme, "localhost" if host in _LOOPBACK else host, port
