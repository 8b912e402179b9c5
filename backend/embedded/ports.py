"""Which TCP port each part listens on: explicit, remembered, default, or any free one, in this order."""

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.errors import StartupError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PortWish:
    """A port by name: the setting that fixes it, its value if given, and the default."""

    name: str
    setting: str
    explicit: int | None
    default: int


def free_port() -> int:
    """A port that nothing listens on right now; another program may still take it first."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether this process could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: TIME_WAIT is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def reserve(port: int) -> socket.socket:
    """Keep other starts off a port that granian will share (SO_REUSEPORT); close the result to give it up.

    Two web servers on one port would answer each other's people in turn.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        held.bind((LOOPBACK, port))
    except OSError as error:
        held.close()
        raise StartupError(f"Port {port} was taken just now; start again.") from error
    return held


def choose(
    wishes: Sequence[PortWish], memory: Path, say: Callable[[str], None]
) -> Mapping[str, int]:
    """Choose a port for each wish and remember the choice, so that addresses survive a restart.

    Raises :class:`StartupError` when an explicitly set port is taken; a taken default is replaced and said.
    """
    remembered = _read(memory)
    chosen: dict[str, int] = {}
    for wish in wishes:
        chosen[wish.name] = _choose(wish, remembered.get(wish.name), set(chosen.values()), say)
    memory.write_text(json.dumps(chosen))
    return chosen


def _choose(
    wish: PortWish, remembered: int | None, used: set[int], say: Callable[[str], None]
) -> int:
    if wish.explicit is not None:
        if wish.explicit in used or not is_free(wish.explicit):
            raise StartupError(
                f"Port {wish.explicit} ({wish.setting}) is taken by another program: "
                f"end that program or set {wish.setting} to another port."
            )
        return wish.explicit
    for port in (remembered, wish.default):
        if port is not None and port not in used and is_free(port):
            return port
    port = free_port()
    say(
        f"port {remembered or wish.default} ({wish.name}) is taken by another program; using {port}"
    )
    return port


def _read(memory: Path) -> dict[str, int]:
    try:
        ports: dict[str, int] = json.loads(memory.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return ports
