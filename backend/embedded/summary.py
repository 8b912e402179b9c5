"""The closing words of a start: where everything is and who can log in."""

from backend.embedded.demo_file import DemoFile


def summary(demo: DemoFile, seconds: float) -> str:
    """Addresses and a table of the demo's log-ins."""
    rows = [("e-mail", "password", "role", "organization")]
    rows += [(user.email, user.password, user.role, user.organization) for user in demo.users]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    table = "\n".join(f"  {line}" for line in lines)
    return (
        f"\nCountersign is ready ({seconds:.0f} s).\n\n"
        f"  Open   {demo.web_url}\n"
        f"  REST   {demo.api_url}/api/v1   (description: {demo.api_url}/schema)\n"
        f"  Stripe {demo.stripe_url}   (a simulator, filled with made-up receivables)\n\n"
        f"{table}\n\n"
        "  Addresses, keys and process ids are in .countersign/demo.json. `make down` or Ctrl-C ends it all.\n"
    )
