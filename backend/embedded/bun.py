"""Gets bun, which builds the browser's code, from the npm registry without npm: metadata, tarball, integrity check."""

import base64
import fcntl
import hashlib
import json
import os
import platform
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from backend.embedded.errors import StartupError

VERSION = "1.4.4"
PUBLIC_REGISTRY = "https://registry.npmjs.org"
_PACKAGES = {
    ("Linux", "x86_64"): "@oven/bun-linux-x64",
    ("Linux", "aarch64"): "@oven/bun-linux-aarch64",
    ("Darwin", "x86_64"): "@oven/bun-darwin-x64",
    ("Darwin", "arm64"): "@oven/bun-darwin-aarch64",
}
_SECONDS = 120  # without a byte from the registry


def ensure_bun(cache: Path, say: Callable[[str], None], registry: str = PUBLIC_REGISTRY) -> Path:
    """The bun program in the cache, downloaded at first (35 MB). Blocks: call it in a thread or before a loop.

    Raises :class:`StartupError` without network, on an unknown platform or a wrong checksum.
    """
    folder = cache / f"bun-{VERSION}"
    program = folder / "bun"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            say(f"bun {VERSION}: downloads once (35 MB)")
            _download(program, registry.rstrip("/"))
    return program


def _download(program: Path, registry: str) -> None:
    package = _PACKAGES.get((platform.system(), platform.machine()))
    if package is None:
        raise StartupError(f"There is no bun for {platform.system()} on {platform.machine()}.")
    archive = program.with_name("bun.tgz")
    part = program.with_name("bun.part")
    try:
        with urllib.request.urlopen(f"{registry}/{package}/{VERSION}", timeout=_SECONDS) as answer:  # noqa: S310
            dist = json.load(answer)["dist"]
        _fetch(dist["tarball"], dist["integrity"], archive)
        with tarfile.open(archive) as tar, part.open("wb") as file:
            content = tar.extractfile("package/bin/bun")
            if content is None:
                raise StartupError(f"The package {package} {VERSION} holds no program.")
            shutil.copyfileobj(content, file)
            os.fsync(file.fileno())
        part.chmod(0o755)
        part.replace(program)
    except urllib.error.URLError as error:
        raise StartupError(
            f"Cannot download bun from the npm registry ({error.reason}): check the network and start again."
        ) from error
    finally:
        archive.unlink(missing_ok=True)
        part.unlink(missing_ok=True)


def _fetch(url: str, integrity: str, target: Path) -> None:
    """Save the tarball; ``integrity`` is the registry's ``sha512-<base64>``."""
    digest = hashlib.sha512()
    with urllib.request.urlopen(url, timeout=_SECONDS) as answer, target.open("wb") as file:  # noqa: S310
        while block := answer.read(1 << 20):
            digest.update(block)
            file.write(block)
    if integrity != f"sha512-{base64.b64encode(digest.digest()).decode()}":
        raise StartupError(
            "The downloaded bun is damaged (its checksum is wrong): start again to fetch it anew."
        )
