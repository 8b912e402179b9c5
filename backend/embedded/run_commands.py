"""`countersign run …`: control of runs from a terminal. Uses the REST API like anybody else and knows no database."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import httpx
import msgspec

from backend.embedded import demo_file
from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile, DemoUser
from backend.embedded.errors import StartupError
from backend.schemas.runs import RunDetail, RunRow, RunTrace, TraceSpan

_PATIENCE_SECONDS = 30
_WIDEST = 72
_USUAL = "overdue-invoices"

Say = Callable[[str], None]


async def perform(options: argparse.Namespace, demo: Path, say: Say) -> None:
    """Do what the options ask. Raises :class:`StartupError` with what the API says against it."""
    if options.url and not options.token:
        raise StartupError("--url needs --token: the demo's log-ins are of this machine only.")
    url = options.url or demo_file.read(demo).api_url
    try:
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_SECONDS) as http:
            await _perform(await _signed_in(http, options, demo), options, say)
    except httpx.TransportError as error:
        raise StartupError(f"Nothing answers at {url}: is it running?") from error


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


async def _signed_in(http: httpx.AsyncClient, options: argparse.Namespace, demo: Path) -> DemoApi:
    if options.token:
        return DemoApi(http, options.token)
    user = _person(demo_file.read(demo), options.person)
    return await DemoApi.log_in(http, user.email, user.password)


def _person(demo: DemoFile, email: str | None) -> DemoUser:
    for user in demo.users:
        if user.email == email or (email is None and user.role == "admin"):
            return user
    known = ", ".join(user.email for user in demo.users)
    raise StartupError(f"The demo knows nobody as {email}; it knows {known}.")


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
    say(f"started by {run.requested_by.name} at {_moment(run.created_at)}")
    for text in (run.outcome, run.error):
        if text:
            say(text)
    say(f"workflow {run.workflow_id}")
    _section(say, "TRACE", _spans([s for s in trace.spans if s.kind not in ("run", "attempt")]))
    _section(
        say,
        "PROPOSALS",
        _table(
            ("PROPOSAL", "DECISION", "EXECUTION", "CHANGE"),
            [(one.id, one.decision, one.execution, one.statement.text) for one in run.proposals],
        ),
    )
    _section(say, "CHILDREN", _runs(run.children))


def _section(say: Say, title: str, table: str) -> None:
    if "\n" in table:
        say(f"\n{title}\n{table}")


def _runs(runs: Iterable[RunRow]) -> str:
    return _table(
        ("RUN", "STATE", "STARTED", "BY", "INVOICES", "PROPOSED", "OUTCOME"),
        [
            (
                run.id,
                run.state,
                _moment(run.created_at),
                run.requested_by.name,
                "" if run.parent_run_id else str(run.counts.candidates),
                "" if run.parent_run_id else str(run.counts.proposed),
                run.outcome or "",
            )
            for run in runs
        ],
    )


def _spans(spans: Iterable[TraceSpan]) -> str:
    return _table(
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


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their content; texts are cut so that a line stays a line."""
    lines = [head, *([_cut(cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _moment(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"
