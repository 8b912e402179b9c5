"""The `seed` command: fills an empty account of a database file, also while the simulator runs."""

import argparse
import json
import sys
import time
from pathlib import Path

from backend.embedded.simulators.stripe.control import KEY
from backend.embedded.simulators.stripe.seed.writer import NotEmptyError, Seed, write
from backend.embedded.simulators.stripe.store import Store

MIN_CUSTOMERS, MAX_CUSTOMERS = 20, 1000
NOT_EMPTY = 3


def main(arguments: list[str]) -> int:
    """Run the command; 0 with the counts on standard output, or 3 if the account is not empty."""
    options = _parser().parse_args(arguments)
    options.db.parent.mkdir(parents=True, exist_ok=True)
    seed = Seed(
        key=options.key,
        name=options.account_name,
        number=options.seed,
        now=options.now,
        customers=options.customers,
        invoices=options.invoices,
        currency=options.currency,
    )
    try:
        counts = write(Store(options.db), seed)
    except NotEmptyError as refused:
        sys.stderr.write(f"{refused}\n")
        return NOT_EMPTY
    sys.stdout.write(json.dumps(counts) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stripe-simulator seed", description=__doc__)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--key", type=_key, required=True)
    parser.add_argument("--account-name", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--customers", type=_customers, default=200)
    parser.add_argument("--invoices", type=int, default=1500)
    parser.add_argument("--now", type=int, default=int(time.time()))
    parser.add_argument("--currency", choices=("eur", "usd"), default="eur")
    return parser


def _key(text: str) -> str:
    if not KEY.fullmatch(text):
        raise argparse.ArgumentTypeError("must look like sk_test_…")
    return text


def _customers(text: str) -> int:
    number = int(text)
    if not MIN_CUSTOMERS <= number <= MAX_CUSTOMERS:
        raise argparse.ArgumentTypeError(f"must lie between {MIN_CUSTOMERS} and {MAX_CUSTOMERS}")
    return number
