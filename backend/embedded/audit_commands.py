"""`countersign audit verify`: reads an export and says what is wrong with it and what it could not show."""

import argparse
import re
from collections.abc import Callable, Mapping

from backend.core.crypto import AuditKeys, Keys
from backend.core.settings import SettingsError, master_key
from backend.embedded import launch
from backend.embedded.errors import StartupError
from tenancy.auditing.verifying import Anchor, Problem, Report
from tenancy.auditing.verifying import verify as verify_lines

_ANCHOR = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")
Say = Callable[[str], None]


def verify(options: argparse.Namespace, environ: Mapping[str, str], say: Say) -> bool:
    """Whether every event is what was recorded. Raises :class:`StartupError` for what cannot be read."""
    keys, anchor = AuditKeys(_key(options, environ)), _anchor(options.anchor)
    try:
        with options.file.open("rb") as lines:
            report = verify_lines(lines, keys, anchor)
    except OSError as error:
        raise StartupError(f"{options.file} cannot be read: {error.strerror}.") from error
    _tell(report, say)
    return not report.problems


def _tell(report: Report, say: Say) -> None:
    say(f"{report.events} events in the chain, {report.checkpoints} checkpoints.")
    if report.problems:
        first = report.problems[0]
        say(f"NOT PROVEN. The first problem is {_place(first)}: {first.what}.")
        if first.event is not None:
            say(f"  {first.event.get('at')} {first.event.get('action')} {first.event.get('id')}")
        if report.found > 1:
            say(f"  {report.found - 1} more follow from it or stand beside it.")
        if report.found >= 2 * report.events > 0:
            say("  Nothing fits: perhaps this is not the master key of that installation.")
    else:
        say(
            "PROVEN: the events in the chain are what was recorded, in their order, and none is missing."
            f" Root: {report.root}"
        )
    for sentence in report.unproven:
        say(f"Not shown: {sentence}")


def _place(problem: Problem) -> str:
    line = f"in line {problem.line}"
    return line if problem.seq is None else f"event {problem.seq} ({line})"


def _key(options: argparse.Namespace, environ: Mapping[str, str]) -> Keys:
    if options.key_file is not None:
        return master_key({"COUNTERSIGN_MASTER_KEY_FILE": str(options.key_file)})
    own = launch.load(environ).master_key
    if own.exists():
        environ = {"COUNTERSIGN_MASTER_KEY_FILE": str(own), **environ}
    try:
        return master_key(environ)
    except SettingsError as error:
        raise StartupError(
            f"{error}; or name the file of the master key with --key-file."
        ) from error


def _anchor(text: str | None) -> Anchor | None:
    if text is None:
        return None
    found = _ANCHOR.fullmatch(text)
    if found is None:
        raise StartupError("--anchor is SIZE:ROOT, a number and 64 hexadecimal digits.")
    return Anchor(int(found[1]), found[2])
