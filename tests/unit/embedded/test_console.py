"""The one readable log."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from backend.embedded.console import Console, readable


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("plain text", "plain text"),
        ('{"event": "run.started", "level": "info", "run": 7}', "info run.started run=7"),
        ('{"level": "error", "msg": "boom", "ts": "now"}', "error boom"),
        ('{"broken', '{"broken'),
        ('{"no": "event"}', '{"no": "event"}'),
    ],
)
def test_readable_when_given_a_log_line_then_shows_its_meaning(line: str, text: str) -> None:
    assert readable(line) == text


async def test_pipe_when_a_program_writes_then_its_lines_are_shown_and_kept_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Console(tmp_path / "log", echo=True)) as console:
        async with console.pipe("worker") as output:
            os.write(output, b'first\n\n{"event": "two\\nlines"}\nlast without end')
    shown = [f"worker   | {text}" for text in ("first", "info two", "lines", "last without end")]
    assert capsys.readouterr().out.splitlines() == shown
    assert "worker   | first\n" in (tmp_path / "log").read_text()
    assert console.last_line("worker") == "last without end"


async def test_pipe_when_echo_is_off_then_only_progress_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Console(tmp_path / "log", echo=False)) as console:
        async with console.pipe("worker") as quiet, console.pipe("demo", progress=True) as loud:
            os.write(quiet, b"chatter\n")
            os.write(loud, b"half done\n")
    shown = capsys.readouterr().out
    assert "chatter" not in shown
    assert "s] half done" in shown
    assert "chatter" in (tmp_path / "log").read_text()


async def test_step_when_it_ends_then_says_how_long_it_took(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Console(tmp_path / "log")) as console:
        async with console.step("PostgreSQL"):
            pass
    assert "PostgreSQL: ready (0.0 s)" in capsys.readouterr().out
