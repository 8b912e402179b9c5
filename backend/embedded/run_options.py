"""What `countersign run …` understands. Imports nothing heavy: every command builds this."""

import argparse
from typing import Any


def add_run(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse has no public type for it
    """The command and its words; ``do`` names one, and stands in the parsed options."""
    run: argparse.ArgumentParser = commands.add_parser(
        "run", help="start, list, show, cancel or terminate runs, over REST"
    )
    words = run.add_subparsers(required=True, metavar="WORD", dest="do")
    person = who()
    start = words.add_parser("start", parents=[person], help="start a run; prints its id")
    start.add_argument(
        "playbook", nargs="?", metavar="PLAYBOOK", help="its slug; else overdue-invoices"
    )
    start.add_argument("--min-days-overdue", type=int, metavar="DAYS")
    start.add_argument("--max-invoices", type=int, metavar="NUMBER")
    start.add_argument("--max-pairs", type=int, metavar="NUMBER")
    listing = words.add_parser("list", parents=[person], help="the newest runs")
    listing.add_argument("--limit", type=int, default=20, metavar="NUMBER")
    show = words.add_parser("show", parents=[person], help="one run: trace, proposals, children")
    show.add_argument("run_id", metavar="RUN")
    for word, text in (
        ("cancel", "end a run and its children; what waits for people is withdrawn"),
        ("terminate", "the same for a workflow that does not react: it is cut off"),
    ):
        end = words.add_parser(word, parents=[person], help=text)
        end.add_argument("run_id", metavar="RUN")
        end.add_argument("--reason", required=True, help="kept with the run")
    return run


def who() -> argparse.ArgumentParser:
    """The options that say in whose name, and against which installation."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--as", dest="person", metavar="EMAIL", help="a log-in of the demo; else its first admin"
    )
    parser.add_argument("--url", help="another installation; needs --token")
    parser.add_argument("--token", help="an access token instead of a log-in of the demo")
    return parser
