"""The one folder for downloads that several checkouts share."""

from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str], project: Path) -> Path:
    """``COUNTERSIGN_CACHE_DIR``, else ``XDG_CACHE_HOME/countersign``, else ``~/.cache/countersign``.

    Without a home folder downloads stay in the project. `bootstrap.py` follows the same order.
    """
    if explicit := environ.get("COUNTERSIGN_CACHE_DIR"):
        return Path(explicit).expanduser().resolve()
    if xdg := environ.get("XDG_CACHE_HOME"):
        return Path(xdg).resolve() / "countersign"
    try:
        return Path.home() / ".cache" / "countersign"
    except RuntimeError:
        return project / ".countersign" / "cache"
