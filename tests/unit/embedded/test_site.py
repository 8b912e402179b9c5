"""Built pages move to another address without a build."""

import gzip
from pathlib import Path

import pytest

from backend.embedded.site import address, retarget

SCRIPT = "export const e={PING:`http://localhost:8080/ping`,EVENT:`ws://localhost:8080/_event`};"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "build" / "client" / "assets" / "env-abc.js"
    path.parent.mkdir(parents=True)
    path.write_text(SCRIPT)
    path.with_name("env-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    return path


def test_retarget_when_another_port_is_chosen_then_script_and_packed_copy_name_it(
    tmp_path: Path, script: Path
) -> None:
    retarget(tmp_path, "http://127.0.0.1:8080", "http://127.0.0.1:9001")

    expected = SCRIPT.replace(":8080", ":9001")
    assert script.read_text() == expected
    assert gzip.decompress(script.with_name("env-abc.js.gz").read_bytes()).decode() == expected


def test_retarget_when_done_twice_then_nothing_changes_again(tmp_path: Path, script: Path) -> None:
    retarget(tmp_path, "http://127.0.0.1:8080", "http://127.0.0.1:9001")
    first = script.read_text()

    retarget(tmp_path, "http://127.0.0.1:8080", "http://127.0.0.1:9001")

    assert script.read_text() == first


def test_retarget_when_the_origin_is_secure_then_the_socket_is_too(
    tmp_path: Path, script: Path
) -> None:
    retarget(tmp_path, "http://127.0.0.1:8080", "https://sign.example.com")

    assert "https://sign.example.com/ping" in script.read_text()
    assert "wss://sign.example.com/_event" in script.read_text()


@pytest.mark.parametrize(
    ("origin", "written"),
    [
        ("http://127.0.0.1:8080", "://localhost:8080"),
        ("http://localhost", "://localhost:80"),
        ("https://sign.example.com/", "s://sign.example.com"),
    ],
)
def test_address_when_the_host_is_loopback_then_it_is_written_as_localhost(
    origin: str, written: str
) -> None:
    assert address(origin) == written
