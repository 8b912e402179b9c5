"""Prepares the product's Python environment from the lock file, then becomes the wanted command.

Run by whatever `python3` the machine has, before anything is installed: standard library only, and
syntax that an old Python still reads, so that it can say what is missing.
Usage: bootstrap.py [--dev] [COMMAND [ARGUMENT ...]]
"""
# ruff: noqa: S603, S606, T201, TID251 - a stand-alone program: it runs programs, prints, and reads
# the environment by itself

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

UV_VERSION = "0.13.9"
MACHINE_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SUPPORTED = ("3.13", "3.12", "3.11")
DISK_NEEDED = 3 << 30  # bytes, for the environment and the cache of packages together
NETWORK_WORDS = (
    "error sending request",
    "dns error",
    "failed to lookup address",
    "could not connect",
    "connection refused",
    "temporary failure in name resolution",
    "newconnectionerror",
    "max retries exceeded",
    "network is unreachable",
    "no matching distribution found for uv",
    "failed to fetch",
)

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".countersign"
VENV = STATE / "venv"
TOOLS = STATE / "tools"
STAMP = VENV / "countersign-stamp"


class StopError(Exception):
    """One sentence: what is wrong and what to do."""


def main(arguments: list[str]) -> None:
    """Prepare the environment; exit with 1 and one sentence when that is impossible."""
    dev = arguments[:1] == ["--dev"]
    command = arguments[1:] if dev else arguments
    try:
        prepare(dev=dev)
        if command:
            os.chdir(ROOT)
            os.execve(
                VENV / "bin" / command[0], command, dict(with_uv_settings(), PATH=search_path())
            )
    except StopError as stop:
        sys.exit(f"countersign: {stop}")
    except OSError as error:
        sys.exit(f"countersign: {error}; correct that and start again.")
    except KeyboardInterrupt:
        sys.exit(130)


def prepare(*, dev: bool) -> None:
    """Bring `.countersign/venv` to what uv.lock says; at once when it is there already."""
    on_path = [shutil.which(f"python{version}") for version in SUPPORTED]
    python = supported_python([sys.executable, *on_path])
    wanted = fingerprint(python)
    if installed(wanted, dev=dev):
        return
    check_disk()
    begun = time.monotonic()
    say("Python packages: installing from the lock file (first time about a minute, needs network)")
    environment = dict(
        with_uv_settings(),
        UV_PROJECT_ENVIRONMENT=str(VENV),
        UV_PYTHON_DOWNLOADS="never",
        UV_NO_PROGRESS="1",
    )
    environment.pop("VIRTUAL_ENV", None)
    # Without --inexact a start for users would remove what a developer's tests need.
    sync = ["sync", "--frozen", "--inexact", "--quiet", "--python", python]
    sync += ["--group", "dev"] if dev else ["--no-dev"]
    STATE.mkdir(exist_ok=True)
    if STAMP.exists():
        STAMP.unlink()
    run_uv(python, sync, environment)
    STAMP.write_text(f"{wanted} dev" if dev else wanted)
    say(f"Python packages: installed ({time.monotonic() - begun:.0f} s)")


def supported_python(candidates: list[str | None]) -> str:
    """The first of these that the product supports; raises :class:`StopError` without one."""
    for candidate in candidates:
        if candidate and version_of(candidate) in SUPPORTED:
            return candidate
    found = ", ".join(sorted({version_of(one) or "broken" for one in candidates if one}))
    raise StopError(
        f"needs Python 3.11, 3.12 or 3.13, but python3 is {found}: install one of them "
        "(Debian and Ubuntu: apt install python3.12 python3.12-venv) and start again."
    )


def version_of(python: str) -> str | None:
    """`3.12`, or None where the program does not run (a version manager's stand-in)."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.check_output([python, "-c", ask], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.decode().strip()


def fingerprint(python: str) -> str:
    """Changes when the environment must be brought up to date."""
    digest = hashlib.sha256(str(version_of(python)).encode())
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed(wanted: str, *, dev: bool) -> bool:
    """Whether the last installation was complete, is current, and still has a Python under it."""
    try:
        have = STAMP.read_text().split()
    except OSError:
        return False
    complete = have[:1] == [wanted] and (not dev or "dev" in have)
    return complete and version_of(str(VENV / "bin" / "python")) is not None


def run_uv(python: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Run uv: one on PATH, but the pinned one when it is there already or that one fails."""
    what = "the installation of the Python packages"
    on_path = shutil.which("uv")
    if on_path and not works(TOOLS / "bin" / "uv"):
        try:
            run([on_path, *arguments], what, environment)
        except StopError as stop:
            say(f"the uv on PATH did not do ({stop}); getting uv {UV_VERSION}")
        else:
            return
    run([str(pinned_uv(python)), *arguments], what, environment)


def pinned_uv(python: str, tools: Path = TOOLS) -> Path:
    """The pinned uv in ``tools``, installed with venv and pip at first."""
    uv = tools / "bin" / "uv"
    if works(uv):
        return uv
    ask = [python, "-c", "import venv, ensurepip"]
    if subprocess.run(ask, stderr=subprocess.DEVNULL, check=False).returncode:
        package = f"python{version_of(python)}-venv"
        raise StopError(f"{python} has no venv or pip: `apt install {package}` and start again.")
    say(f"uv {UV_VERSION}: installing into .countersign/tools")
    shutil.rmtree(tools, ignore_errors=True)
    run([python, "-m", "venv", str(tools)], "the creation of .countersign/tools")
    pip = [str(tools / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--cache-dir", str(cache_folder() / "pip")]
    run([*pip, f"uv=={UV_VERSION}"], "the installation of uv")
    return uv


def works(uv: Path) -> bool:
    """Whether this is the pinned uv, whole."""
    try:
        return UV_VERSION in subprocess.check_output([str(uv), "--version"]).decode()
    except (OSError, subprocess.CalledProcessError):
        return False


def run(command: list[str], what: str, environment: dict[str, str] | None = None) -> None:
    """Run it; its output is shown only when it fails."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if not done.returncode:
        return
    lines = done.stdout.decode(errors="replace").strip().splitlines() or ["it printed nothing"]
    text = "\n".join(lines).lower()
    if "no space left on device" in text:
        raise StopError("the disk is full: free at least 3 GB and start again.")
    if any(word in text for word in NETWORK_WORDS):
        raise StopError(
            f"cannot reach the Python package index ({lines[-1].strip()}): "
            "check the network or proxy and start again."
        )
    print("\n".join(lines[-15:]), file=sys.stderr)
    raise StopError(f"{what} failed with the message above.")


def check_disk() -> None:
    """Refuse early what would fail half-way."""
    free = shutil.disk_usage(ROOT).free
    if free < DISK_NEEDED:
        raise StopError(
            f"the disk of {ROOT} has {free / 1e9:.1f} GB free and 3 GB are needed: "
            "free some and start again."
        )


def cache_folder() -> Path:
    """The folder for downloads, in the order that `cache.py` documents."""
    if os.environ.get("COUNTERSIGN_CACHE_DIR"):
        return Path(os.environ["COUNTERSIGN_CACHE_DIR"]).expanduser().resolve()
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]).resolve() / "countersign"
    try:
        return Path.home() / ".cache" / "countersign"
    except (KeyError, RuntimeError):
        return STATE / "cache"


def with_uv_settings() -> dict[str, str]:
    """The environment, with uv's cache in ours and under what the machine trusts (a company's own authority)."""
    settings = {"UV_CACHE_DIR": str(cache_folder() / "uv")}
    if ssl.get_default_verify_paths().cafile or MACHINE_CERTIFICATES.exists():
        settings["UV_SYSTEM_CERTS"] = "true"
    return {**settings, **os.environ}


def search_path() -> str:
    """PATH with the environment's programs first and the pinned uv last."""
    folders = (str(VENV / "bin"), os.environ.get("PATH", os.defpath), str(TOOLS / "bin"))
    return os.pathsep.join(folders)


def say(text: str) -> None:
    """Progress for the person at the terminal."""
    print(f"countersign: {text}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
