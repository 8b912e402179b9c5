"""The browser's own parts, run by the bun that builds them: drawings, rows, stream and decisions."""

import json
import re
import subprocess
from pathlib import Path

from backend.core.settings import process_environment
from backend.embedded import bun, launch
from ui.words import BROWSER

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AT_LEAST = 150  # a run that finds no tests is none


def test_island_when_its_own_tests_run_then_all_pass(tmp_path: Path) -> None:
    environ = process_environment()
    wanted = launch.load(environ)
    program = bun.ensure_bun(wanted.cache, print, wanted.npm_registry or bun.PUBLIC_REGISTRY)
    words = tmp_path / "words.json"
    words.write_text(json.dumps(BROWSER), encoding="utf-8")
    command = [str(program), "test", "--preload", "./tests/island/preload.js", "./tests/island"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environ, "ISLAND_WORDS": str(words), "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    passed = re.search(r"^ *(\d+) pass$", done.stderr, re.MULTILINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert passed is not None, done.stderr
    assert int(passed[1]) >= AT_LEAST
