"""The browser of the end-to-end tests: the machine's own, else Playwright's, else Debian's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(RuntimeError):
    """Says in one sentence how to get a browser."""


def ensure_chromium() -> Path:
    """A Chromium that starts; downloads or installs one where there is none."""
    found = _on_path() or _of_playwright()
    if found is None and _ran(sys.executable, "-m", "playwright", "install", "chromium"):
        found = _of_playwright()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _ran("apt-get", "update", "-q")
        _ran("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium")
        found = _on_path()
    if found is None:
        raise NoBrowserError(
            "The browser tests need Chromium and could not get it: `apt install chromium` (or let "
            "`playwright install chromium` reach the network) and run them again."
        )
    return found


def _on_path() -> Path | None:
    candidates = (shutil.which(name) for name in _NAMES)
    return next((Path(path) for path in candidates if path and _ran(path, "--version")), None)


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _ran(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=900)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
