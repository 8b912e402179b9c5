"""The closing words of a start: where everything is and who can log in."""

from pathlib import Path

from backend.embedded.demo_file import DemoFile


def summary(demo: DemoFile, file: Path, seconds: float) -> str:
    """Addresses and a table of the demo's log-ins; ``file`` is where they are written down."""
    return f"""
Countersign is ready ({seconds:.0f} s).

  Open    {demo.web_url}
  REST    {demo.api_url}/api/v1   (described at {demo.api_url}/schema)
  Stripe  {demo.stripe_url}   (a simulator, filled with made-up receivables)

{_log_ins(demo)}

  Addresses, keys and process ids: {file}
  Ctrl-C or `make down` ends it all and keeps the data.
"""


def _log_ins(demo: DemoFile) -> str:
    rows: list[tuple[str, ...]] = [("e-mail", "password", "role", "organization")]
    rows += [(user.email, user.password, user.role, user.organization) for user in demo.users]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    cells = ([text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join(f"  {'  '.join(line)}".rstrip() for line in cells)
