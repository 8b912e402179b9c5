"""What the launcher itself is told by settings, and where it keeps things. Chooses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.embedded.cache import cache_folder
from backend.embedded.errors import StartupError
from backend.embedded.ports import PortWish

PROJECT = Path(__file__).resolve().parents[2]
_PORTS = {
    "web": ("COUNTERSIGN_PORT", 8080),
    "temporal": ("COUNTERSIGN_TEMPORAL_PORT", 7233),
    "stripe": ("COUNTERSIGN_STRIPE_PORT", 8420),
    "postgres": ("COUNTERSIGN_POSTGRES_PORT", 54320),
}
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything lies in ``state`` (`.countersign`) but downloads, which lie in ``cache``.

    One stack runs per state folder; `COUNTERSIGN_STATE_DIR` names another one, for a second stack.
    """

    state: Path
    cache: Path
    ports: tuple[PortWish, ...]
    temporal_binary: str | None
    npm_registry: str | None
    environ: Mapping[str, str] = field(repr=False)

    @property
    def logs(self) -> Path:
        """The folder of the merged log."""
        return self.state / "logs"

    @property
    def master_key(self) -> Path:
        """The file of the key that all other keys are derived from."""
        return self.state / "master.key"

    @property
    def demo(self) -> Path:
        """What a newcomer or a test needs to use the running product."""
        return self.state / "demo.json"


def load(environ: Mapping[str, str], project: Path = PROJECT) -> Launch:
    """Decode the launcher's settings; raises :class:`StartupError` that names a wrong one."""
    own_state = environ.get("COUNTERSIGN_STATE_DIR")
    return Launch(
        state=Path(own_state).resolve() if own_state else project / ".countersign",
        cache=cache_folder(environ, project),
        ports=tuple(
            PortWish(name, setting, _port(setting, environ.get(setting)), default)
            for name, (setting, default) in _PORTS.items()
        ),
        temporal_binary=environ.get("COUNTERSIGN_TEMPORAL_BINARY") or None,
        npm_registry=environ.get("NPM_CONFIG_REGISTRY") or environ.get("npm_config_registry"),
        environ=environ,
    )


def _port(setting: str, text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise StartupError(f"{setting} is {text!r}: set it to a port number from 1 to 65535.")
    return int(text)
