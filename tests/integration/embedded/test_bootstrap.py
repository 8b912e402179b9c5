"""The stand-alone script that prepares the environment, run as a newcomer's `make` runs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.settings import process_environment
from backend.embedded import bootstrap, launch

LOCK = """version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "tiny"
version = "0"
source = { virtual = "." }
"""
PROJECT = """[project]
name = "tiny"
version = "0"
requires-python = ">=3.11"

[dependency-groups]
dev = []

[tool.uv]
package = false
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs no package, with the product's script in its usual place."""
    script = tmp_path / "backend" / "embedded" / "bootstrap.py"
    script.parent.mkdir(parents=True)
    shutil.copy(bootstrap.__file__, script)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "uv.lock").write_text(LOCK)
    return tmp_path


def run(project: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    cache = str(launch.load(process_environment()).cache)
    env = {"COUNTERSIGN_CACHE_DIR": cache, **process_environment(), **environ}
    command = [sys.executable, str(project / "backend" / "embedded" / "bootstrap.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def fake_python(folder: Path, script: str) -> str:
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


NO_NETWORK = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
    "UV_OFFLINE": "1",
}


def test_run_when_fresh_then_installs_and_becomes_the_command_and_later_needs_no_network(
    project: Path,
) -> None:
    words = "import sys; print(sys.prefix)"
    first = run(project, "python", "-c", words, PATH="/usr/bin:/bin")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == str(project / ".countersign" / "venv")
    again = run(project, "python", "-c", words, PATH="/usr/bin:/bin", **NO_NETWORK)
    assert again.stdout.splitlines() == [str(project / ".countersign" / "venv")]


def test_run_when_an_installation_was_cut_short_then_it_is_finished(project: Path) -> None:
    assert run(project, "true").returncode != 0  # not one of the environment's programs
    shutil.rmtree(project / ".countersign" / "venv" / "bin")
    assert run(project, "python", "-c", "pass").returncode == 0


def test_run_when_there_is_no_network_then_says_so_in_one_sentence(project: Path) -> None:
    done = run(project, "python", "-c", "pass", PATH="/usr/bin:/bin", **NO_NETWORK)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "check the network" in done.stderr


def test_supported_python_when_all_are_too_old_or_broken_then_says_what_to_install(
    tmp_path: Path,
) -> None:
    old = fake_python(tmp_path, "echo 3.9")
    with pytest.raises(bootstrap.StopError, match=r"python3 is 3\.9: install one"):
        bootstrap.supported_python([old, None])


def test_supported_python_when_the_first_is_a_stand_in_then_takes_the_next(tmp_path: Path) -> None:
    stand_in = fake_python(tmp_path, "exit 127")
    assert bootstrap.supported_python([stand_in, sys.executable]) == sys.executable


def test_pinned_uv_when_python_has_no_venv_then_names_the_package(tmp_path: Path) -> None:
    bare = fake_python(tmp_path, 'case "$2" in *ensurepip*) exit 1;; *) echo 3.12;; esac')
    with pytest.raises(bootstrap.StopError, match=r"apt install python3\.12-venv"):
        bootstrap.pinned_uv(bare, tmp_path / "tools")


def test_cache_folder_when_asked_then_agrees_with_the_product() -> None:
    assert bootstrap.cache_folder() == launch.load(process_environment()).cache
