"""The steps and words that the workflow itself adds to a run's trace."""

from datetime import datetime

from workflows.contracts import DraftChange, StandingNote, StepNote


def of_draft(
    draft: DraftChange, number: int, began: datetime, ended: datetime
) -> tuple[StepNote, StepNote]:
    """An attempt's plan and draft."""
    plan = StepNote(f"plan-{number}", "plan", "plan", " ".join(draft.plan), began, began)
    text = f"{draft.summary[:1].upper()}{draft.summary[1:]}. {draft.reasoning}"
    return plan, StepNote(f"draft-{number}", "draft", draft.action or "nothing", text, ended, ended)


def in_words(draft: DraftChange) -> str:
    """What an attempt wanted, in one line."""
    if draft.action is None:
        return f"Nothing: {draft.summary}"
    given = ", ".join(f"{name} {value}" for name, value in draft.parameters.items())
    return f"{draft.action}{f' ({given})' if given else ''}: {draft.summary}"


def of_wait(standing: StandingNote, began: datetime, ended: datetime) -> StepNote:
    """How long the run has waited for people, and what came of it."""
    return StepNote("wait", "wait", "decision", standing.sentence, began, ended)
