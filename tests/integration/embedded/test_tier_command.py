"""`countersign tier`: who runs the installation puts an organization on another tier."""

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.fixtures.client import ROOT
from tests.fixtures.people import Office


def tier(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend.cli", "tier", *words]
    own = {**os.environ, **environ}  # noqa: TID251
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


async def test_tier_when_set_then_the_next_request_has_it(
    environ: Mapping[str, str], office: Office
) -> None:
    done = tier(environ, office.slug, "professional")
    assert (done.returncode, done.stdout) == (
        0,
        f"countersign: {office.slug} is on the tier professional\n",
    )
    assert (await office.principal("viewer")).tier == "professional"


def test_tier_when_it_cannot_be_then_one_sentence_says_why(environ: Mapping[str, str]) -> None:
    unknown = tier(environ, "nobody-at-all", "free")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "countersign: there is no organization 'nobody-at-all'\n",
    )
    wrong = tier(environ, "nobody-at-all", "gold")
    assert wrong.returncode == 1
    assert "use free, professional, enterprise" in wrong.stderr
