"""The launcher's own settings."""

from pathlib import Path

import pytest

from backend.embedded import launch
from backend.embedded.errors import StartupError


def test_load_when_nothing_is_set_then_uses_the_documented_ports(tmp_path: Path) -> None:
    wanted = launch.load({"HOME": str(tmp_path)}, tmp_path)
    assert {wish.name: wish.default for wish in wanted.ports}["web"] == 8080
    assert all(wish.explicit is None for wish in wanted.ports)


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1"])
def test_load_when_a_port_is_no_port_then_names_the_setting(tmp_path: Path, text: str) -> None:
    with pytest.raises(StartupError, match="COUNTERSIGN_PORT"):
        launch.load({"COUNTERSIGN_PORT": text}, tmp_path)


def test_load_when_a_cache_folder_is_set_then_it_wins(tmp_path: Path) -> None:
    both = {"COUNTERSIGN_CACHE_DIR": str(tmp_path / "a"), "XDG_CACHE_HOME": str(tmp_path / "b")}
    assert launch.load(both, tmp_path).cache == tmp_path / "a"
    del both["COUNTERSIGN_CACHE_DIR"]
    assert launch.load(both, tmp_path).cache == tmp_path / "b" / "countersign"
