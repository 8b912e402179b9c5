"""`countersign run …`: control of runs from a terminal. Uses the REST API like anybody else and knows no database."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import msgspec

from backend.embedded.demo_api import DemoApi
from backend.embedded.errors import StartupError
from backend.embedded.terminal import Say, moment, section, signed_in, table
from backend.schemas.runs import RunDetail, RunRow, RunTrace, TraceSpan

_USUAL = "overdue-invoices"


async def perform(options: argparse.Namespace, demo: Path, say: Say) -> None:
    """Do what the options ask. Raises :class:`StartupError` with what the API says against it."""
    async with signed_in(options, demo) as api:
        await _perform(api, options, say)


async def _perform(api: DemoApi, options: argparse.Namespace, say: Say) -> None:
    match options.do:
        case "start":
            await _start(api, options, say)
        case "list":
            await _list(api, options.limit, say)
        case "show":
            await _show(api, options.run_id, say)
        case word:
            path = f"/runs/{options.run_id}/{word}"
            run = msgspec.convert(await api.post(path, {"reason": options.reason}), RunRow)
            say(run.outcome or run.state)


async def _start(api: DemoApi, options: argparse.Namespace, say: Say) -> None:
    playbooks = {item["slug"]: item["id"] for item in (await api.get("/playbooks"))["items"]}
    slug = options.playbook or _USUAL
    if slug not in playbooks:
        raise StartupError(f"There is no playbook {slug}; there is {', '.join(playbooks)}.")
    said = {
        "minDaysOverdue": options.min_days_overdue,
        "maxInvoices": options.max_invoices,
        "maxPairs": options.max_pairs,
    }
    inputs = {name: value for name, value in said.items() if value is not None}
    run = await api.post(f"/playbooks/{playbooks[slug]}/runs", {"inputs": inputs})
    say(run["id"])


async def _list(api: DemoApi, limit: int, say: Say) -> None:
    page = await api.get("/runs", limit=limit)
    runs = msgspec.convert(page["items"], list[RunRow])
    say(_runs(runs))
    if page["total"] > len(runs):
        say(f"{page['total'] - len(runs)} older ones; --limit shows more")


async def _show(api: DemoApi, run_id: str, say: Say) -> None:
    run = msgspec.convert(await api.get(f"/runs/{run_id}"), RunDetail)
    trace = msgspec.convert(await api.get(f"/runs/{run_id}/trace"), RunTrace)
    say(f"{run.playbook}, version {run.playbook_version}: {run.state}")
    say(f"started by {run.requested_by.name} at {moment(run.created_at)}")
    for text in (run.outcome, run.error):
        if text:
            say(text)
    say(f"workflow {run.workflow_id}")
    section(say, "TRACE", _spans([s for s in trace.spans if s.kind not in ("run", "attempt")]))
    section(
        say,
        "PROPOSALS",
        table(
            ("PROPOSAL", "DECISION", "EXECUTION", "CHANGE"),
            [(one.id, one.decision, one.execution, one.statement.text) for one in run.proposals],
        ),
    )
    section(say, "CHILDREN", _runs(run.children))


def _runs(runs: Iterable[RunRow]) -> str:
    return table(
        ("RUN", "STATE", "STARTED", "BY", "INVOICES", "PROPOSED", "OUTCOME"),
        [
            (
                run.id,
                run.state,
                moment(run.created_at),
                run.requested_by.name,
                "" if run.parent_run_id else str(run.counts.candidates),
                "" if run.parent_run_id else str(run.counts.proposed),
                run.outcome or "",
            )
            for run in runs
        ],
    )


def _spans(spans: Iterable[TraceSpan]) -> str:
    return table(
        ("AT", "TOOK", "KIND", "NAME", "STATE", "TOKENS", "WHAT"),
        [
            (
                _seconds(span.offset_ms),
                "" if span.duration_ms is None else _seconds(span.duration_ms),
                span.kind,
                span.name,
                span.state,
                str(span.input_tokens + span.output_tokens or ""),
                span.summary,
            )
            for span in spans
        ],
    )


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"
