"""Which port is chosen when some are taken."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import ports
from backend.embedded.errors import StartupError
from backend.embedded.ports import LOOPBACK, PortWish, free_port, is_free, reserve


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def wish(default: int, explicit: int | None = None) -> PortWish:
    return PortWish("web", "COUNTERSIGN_PORT", explicit, default)


def test_choose_when_default_is_free_then_takes_it_silently(tmp_path: Path) -> None:
    said: list[str] = []
    free = ports.free_port()
    assert ports.choose([wish(free)], tmp_path / "ports.json", said.append) == {"web": free}
    assert said == []


def test_choose_when_default_is_taken_then_takes_another_and_says_which(
    tmp_path: Path, taken: int
) -> None:
    said: list[str] = []
    chosen = ports.choose([wish(taken)], tmp_path / "ports.json", said.append)["web"]
    assert chosen != taken
    assert str(chosen) in said[0]
    assert str(taken) in said[0]


def test_choose_when_restarted_then_keeps_the_earlier_port(tmp_path: Path, taken: int) -> None:
    memory = tmp_path / "ports.json"
    first = ports.choose([wish(taken)], memory, print)
    said: list[str] = []
    assert ports.choose([wish(taken)], memory, said.append) == first
    assert said == []


def test_choose_when_explicit_port_is_taken_then_refuses_and_names_the_setting(
    tmp_path: Path, taken: int
) -> None:
    with pytest.raises(StartupError, match=rf"Port {taken} \(COUNTERSIGN_PORT\) is taken"):
        ports.choose([wish(8080, explicit=taken)], tmp_path / "ports.json", print)


def test_choose_when_explicit_then_wins_over_the_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"
    ports.choose([wish(ports.free_port())], memory, print)
    explicit = ports.free_port()
    assert ports.choose([wish(1, explicit=explicit)], memory, print) == {"web": explicit}


def test_choose_when_the_memory_is_damaged_then_uses_the_default(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"
    memory.write_text("{half")
    free = ports.free_port()
    assert ports.choose([wish(free)], memory, print) == {"web": free}


def test_port_when_reserved_then_taken_for_others_and_shared_by_a_server_of_ours() -> None:
    port = free_port()
    with reserve(port), socket.socket() as server:
        assert not is_free(port)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((LOOPBACK, port))
        server.listen()
        with socket.create_connection((LOOPBACK, port), timeout=5):
            server.accept()[0].close()
