"""Runs that wait for weeks survive an upgrade: saved histories replay with today's code."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from tests.payloads import payloads_of, wrong
from tests.replaying import FOLDER, replay


def load(path: Path, *, instead: tuple[str, str] | None = None) -> WorkflowHistory:
    text = path.read_text()
    if instead is not None:
        assert instead[0] in text
        text = text.replace(*instead)
    kept = json.loads(text)
    return WorkflowHistory.from_json(kept.pop("workflowId"), kept)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
async def test_saved_history_replays(path: Path) -> None:
    await replay(load(path))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_saved_history_holds_only_encrypted_payloads_of_at_most_64_kib(path: Path) -> None:
    history = load(path)
    assert list(payloads_of(history))
    assert wrong(history) == []


def test_every_workflow_has_a_saved_history() -> None:
    saved = {path.stem for path in FOLDER.glob("*.json")}
    of_workflows = {"playbook_run", "connector_sync", "scheduled_run", "connector_events"}
    assert of_workflows | {"agent_run_executed"} <= saved


async def test_history_of_other_code_is_refused() -> None:
    other = ("verify_draft", "another_step")
    with pytest.raises(NondeterminismError):
        await replay(load(FOLDER / "agent_run_executed.json", instead=other))
