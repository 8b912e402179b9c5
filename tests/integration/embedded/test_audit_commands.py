"""`countersign audit verify` as an auditor runs it: a file, a key, no database."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit_log import KEYS, chained, exported
from tests.worker import ROOT

COUNT = 600
KEY = KEYS.keys.current.secret.hex()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "audit.ndjson"
    path.write_bytes(b"".join(exported(list(chained(COUNT)))))
    return path


def run(*words: str | Path, state: Path, **environ: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "audit", "verify", *words],
        cwd=ROOT,
        env={"COUNTERSIGN_STATE_DIR": str(state), "PYTHONUTF8": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_verify_when_the_log_is_whole_then_proven_and_what_is_not_shown_is_said(
    file: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    code, said = run(file, "--key-file", key, state=tmp_path)
    assert code == 0
    assert f"{COUNT} events in the chain, 1 checkpoints." in said
    assert "PROVEN" in said
    assert f"Not shown: Events 501 to {COUNT}" in said
    root = said.partition("Root: ")[2].split()[0]
    code, said = run(
        file, "--anchor", f"{COUNT}:{root}", state=tmp_path, COUNTERSIGN_MASTER_KEY=KEY
    )
    assert code == 0
    assert "Events 501" not in said


def test_verify_when_an_event_was_changed_then_it_is_named(file: Path, tmp_path: Path) -> None:
    text = file.read_text().replace('"amount":321,', '"amount":322,')
    file.write_text(text)
    code, said = run(file, state=tmp_path, COUNTERSIGN_MASTER_KEY=KEY)
    assert code == 1
    assert "The first problem is event 321 (in line 322)" in said
    assert "proposal.approved 00000000-0000-0000-0000-000000000141" in said


def test_verify_when_the_key_is_another_or_missing_then_says_so(file: Path, tmp_path: Path) -> None:
    code, said = run(file, state=tmp_path, COUNTERSIGN_MASTER_KEY="00" * 32)
    assert code == 1
    assert "perhaps this is not the master key" in said
    code, said = run(file, state=tmp_path)
    assert code == 1
    assert "--key-file" in said


def test_verify_when_a_file_or_anchor_cannot_be_read_then_one_sentence(
    file: Path, tmp_path: Path
) -> None:
    for words in ((tmp_path / "none",), (file, "--anchor", "5"), (tmp_path,)):
        code, said = run(*words, state=tmp_path, COUNTERSIGN_MASTER_KEY=KEY)
        assert code == 1
        assert said.startswith("countersign: ")
        assert len(said.splitlines()) == 1
