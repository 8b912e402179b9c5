"""Builds the pages once per version of their source, and writes another public address into built ones."""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from backend.embedded.bun import PUBLIC_REGISTRY, ensure_bun
from backend.embedded.errors import StartupError
from backend.embedded.launch import PROJECT, Launch

Say = Callable[[str], None]
_SOURCES = ("ui", "assets", "reflex.lock", "rxconfig.py", "uv.lock")
_LOOPBACK = ("127.0.0.1", "localhost")
_LAST_LINES = 15


def ensure(launch: Launch, say: Say) -> None:
    """Leave the built pages for ``COUNTERSIGN_PUBLIC_URL`` below ``state/web``. Blocks.

    Raises :class:`StartupError` when they cannot be built.
    """
    origin = launch.environ.get("COUNTERSIGN_PUBLIC_URL") or "http://127.0.0.1:8080"
    out = launch.state / "web"
    built = _read_mark(out)
    if built is None or built["digest"] != _digest(PROJECT):
        _mark(out).unlink(missing_ok=True)
        _build(launch, out, origin, say)
    elif built["origin"] != origin:
        retarget(out, built["origin"], origin)
        say(f"pages: already built, now for {origin}")
    else:
        say("pages: already built")
        return
    # Read again: the first build may write the lock of the packages in its own form.
    mark = {"digest": _digest(PROJECT), "origin": origin}
    _mark(out).write_text(json.dumps(mark), encoding="utf-8")


def retarget(out: Path, before: str, origin: str) -> None:
    """Write the address of ``origin`` into pages that were built for ``before``."""
    old, new = (address(one).encode() for one in (before, origin))
    for script in (out / "build" / "client").rglob("*.js"):
        text = script.read_bytes()
        changed = text.replace(b"http" + old, b"http" + new).replace(b"ws" + old, b"ws" + new)
        if changed == text:
            continue
        script.write_bytes(changed)
        packed = script.with_name(script.name + ".gz")
        if packed.exists():
            packed.write_bytes(gzip.compress(changed, mtime=0))


def address(origin: str) -> str:
    """What a build writes for a public address behind ``http`` or ``ws``; loopback is ``localhost``."""
    url = urlsplit(origin.rstrip("/"))
    secure = "s" if url.scheme == "https" else ""
    if url.hostname in _LOOPBACK:
        return f"{secure}://localhost:{url.port or 80}"
    return f"{secure}://{url.netloc}"


def _build(launch: Launch, out: Path, origin: str, say: Say) -> None:
    bun = ensure_bun(launch.cache, say, launch.npm_registry or PUBLIC_REGISTRY)
    say("pages: builds them once (about 30 s at first: their packages are downloaded)")
    started = time.monotonic()
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(  # noqa: S603  our own interpreter and fixed words
        command,
        cwd=PROJECT,
        env=_environment(launch, out, bun, origin),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode or not (out / "build" / "client").is_dir():
        shutil.rmtree(out / "build", ignore_errors=True)
        tail = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        raise StartupError(f"The pages could not be built. The build said:\n{tail}")
    say(f"pages: built in {time.monotonic() - started:.0f} s")


def _environment(launch: Launch, out: Path, bun: Path, origin: str) -> dict[str, str]:
    """Everything the build makes goes below ``out`` or into the cache; it asks the registry alone."""
    return {
        **launch.environ,
        "COUNTERSIGN_PUBLIC_URL": origin,
        "REFLEX_BUN_PATH": str(bun),
        "REFLEX_DIR": str(launch.cache / "reflex"),
        "REFLEX_WEB_WORKDIR": str(out),
        "REFLEX_STATES_WORKDIR": str(launch.state / "states"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_HTTP_CLIENT_BIND_ADDRESS": "0.0.0.0",  # noqa: S104  else it asks two hosts which one answers
        "NPM_CONFIG_REGISTRY": launch.npm_registry or PUBLIC_REGISTRY,
        "BUN_INSTALL_CACHE_DIR": str(launch.cache / "bun-packages"),
        "BUN_RUNTIME_TRANSPILER_CACHE_PATH": str(launch.cache / "bun-transpiled"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _digest(project: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(_files(project)):
        found.update(str(file.relative_to(project)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _files(project: Path) -> Iterable[Path]:
    for name in _SOURCES:
        source = project / name
        if source.is_file():
            yield source
        else:
            yield from (f for f in source.rglob("*") if f.is_file() and f.suffix != ".pyc")


def _mark(out: Path) -> Path:
    return out / "built.json"


def _read_mark(out: Path) -> dict[str, str] | None:
    try:
        mark: dict[str, str] = json.loads(_mark(out).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return mark if {"digest", "origin"} <= mark.keys() else None
