"""The pages that a newcomer reads are true, and no file grows past what can be read at once."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
MOST_BYTES_OF_SCRIPT = 120_000
MOST_COLUMNS_OF_SCRIPT = 120


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"])
def test_page_when_it_names_a_path_then_the_path_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    rooms = (
        r"`((?:backend|tenancy|workflows|ui|rag|alembic|tests|assets|docs|benchmarks)/[\w./-]*)`"
    )
    named = set(re.findall(rooms, text))
    assert page != "ARCHITECTURE.md" or named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_file_when_it_is_ours_then_short_enough_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines_of(path)
        for path in tracked("*.py", "*.js", "*.sh")
        if lines_of(path) > MOST_LINES
    }
    assert long == {}


def test_browser_island_when_counted_then_small() -> None:
    scripts = tracked("assets/cs/*.js")
    assert scripts
    assert sum(path.stat().st_size for path in scripts) <= MOST_BYTES_OF_SCRIPT
    wide = [
        f"{path.name}:{number}"
        for path in scripts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MOST_COLUMNS_OF_SCRIPT
    ]
    assert wide == []


def test_package_when_it_has_an_init_then_only_a_docstring() -> None:
    for path in tracked("*__init__.py"):
        body = ast.parse(path.read_text()).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path


def test_module_when_it_is_ours_then_it_says_what_it_owns() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked("backend/*.py", "tenancy/*.py", "workflows/*.py", "ui/*.py")
        if not path.read_text().startswith('"""')
    ]
    assert silent == []
