"""What `countersign proposal …` understands. Imports nothing heavy: every command builds this."""

import argparse
from typing import Any

from backend.embedded.run_options import who

_WORDS = (
    ("approve", "sign what the digest names"),
    ("reject", "say no; needs --reason"),
    ("take-back", "take an approval back before it is sent"),
    ("withdraw", "take the proposal away; needs --reason"),
    ("delegate", "give your signature to somebody else; needs --to"),
)


def add_proposal(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse has no public type for it
    """The command and its words; ``do`` names one, and stands in the parsed options."""
    proposal: argparse.ArgumentParser = commands.add_parser(
        "proposal", help="list, show and decide proposals, ask about them, edit or undo them"
    )
    words = proposal.add_subparsers(required=True, metavar="WORD", dest="do")
    listing = words.add_parser("list", parents=[who()], help="what waits for people")
    listing.add_argument("--limit", type=int, default=20, metavar="NUMBER")
    for word, text in _WORDS:
        one = _one(words, word, text)
        one.add_argument("--digest", required=True, help="as `show` prints it; 12 digits suffice")
        one.add_argument("--reason", help="kept with the proposal")
        if word == "delegate":
            one.add_argument("--to", required=True, metavar="NAME", help="who receives it")
    _one(words, "show", "one proposal: what would change, why, and who must sign")
    edit = _one(words, "edit", "another revision, verified at once")
    edit.add_argument("--digest", required=True, help="as `show` prints it; 12 digits suffice")
    edit.add_argument("--set", action="append", required=True, metavar="NAME=VALUE", dest="sets")
    edit.add_argument("--reason", required=True, help="kept with the revision")
    for word, text in (("ask", "ask the agent about it"), ("comment", "say something about it")):
        _one(words, word, text).add_argument("text", metavar="TEXT")
    undo = _one(words, "undo", "have the inverse of what was executed proposed")
    undo.add_argument("--reason", required=True, help="kept with the undo")
    return proposal


def _one(words: Any, word: str, text: str) -> argparse.ArgumentParser:  # noqa: ANN401 - as above
    parser: argparse.ArgumentParser = words.add_parser(word, parents=[who()], help=text)
    parser.add_argument("proposal_id", metavar="PROPOSAL")
    return parser
