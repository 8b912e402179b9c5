"""Provides npm's `stripe-stateful-mock`: somebody else's Stripe, a witness of idempotent refunds.

It is installed once into the product's cache folder, by this file run as a program of its own (a
test process may reach loopback only), and runs on the product's bun.
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from backend.embedded import bootstrap, bun  # noqa: E402  the path above is for the program

PACKAGE = "stripe-stateful-mock@0.0.16"
# Its own command line listens on all interfaces.
LAUNCHER = """
const {createExpressApp} = require("stripe-stateful-mock");
const server = createExpressApp().listen(0, "127.0.0.1", () => console.log(server.address().port));
"""


@contextmanager
def start() -> Iterator[str]:
    """Run it on loopback and give its base URL; any key that begins with `sk_test_` is an account."""
    folder = _folder()
    if not (folder / "ready").exists():
        done = subprocess.run(
            [sys.executable, __file__], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{PACKAGE} could not be obtained:\n{done.stderr}"
    command = [str(_bun()), "launch.js"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _folder() -> Path:
    return bootstrap.cache_folder() / PACKAGE.replace("@", "-")


def _bun() -> Path:
    return bun.ensure_bun(bootstrap.cache_folder(), lambda _text: None)


def main() -> None:
    """Install it, once, whoever else asks at the same time."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "ready").exists():
            return
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        (folder / "package.json").write_text("{}")
        (folder / "launch.js").write_text(LAUNCHER)
        command = [str(_bun()), "add", "--exact", "--ignore-scripts", PACKAGE]
        subprocess.run(command, cwd=folder, check=True)
        (folder / "ready").touch()


if __name__ == "__main__":
    main()
