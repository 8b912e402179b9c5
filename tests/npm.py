"""Packages of the npm registry that only tests use: pinned by version and checksum, fetched once into the shared cache.

Run as a program it fetches them all: a test process may reach loopback only.
"""

import base64
import fcntl
import hashlib
import io
import subprocess
import sys
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from backend.core.settings import process_environment
from backend.embedded import launch
from backend.embedded.bun import PUBLIC_REGISTRY

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Package:
    """One package, of which a single file is wanted."""

    name: str
    version: str
    integrity: str
    file: str

    def path(self) -> Path:
        """The file in the cache; fetched by a program of its own when it is not there yet."""
        kept = self._kept()
        if not kept.exists():
            command = [sys.executable, "-m", "tests.npm"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{self.name} could not be obtained:\n{done.stderr}"
        return kept

    def fetch(self, registry: str) -> None:
        """Download, compare the checksum, keep the file; once, whoever else asks at the same time."""
        kept = self._kept()
        kept.parent.mkdir(parents=True, exist_ok=True)
        with (kept.parent / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if kept.exists():
                return
            url = f"{registry.rstrip('/')}/{self.name}/-/{self.name}-{self.version}.tgz"
            with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 - the registry's
                tarball = answer.read()
            found = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
            if self.integrity != f"sha512-{found}":
                raise ValueError(f"{self.name} {self.version} has the checksum sha512-{found}")
            with tarfile.open(fileobj=io.BytesIO(tarball)) as tar:
                content = tar.extractfile(f"package/{self.file}")
                assert content is not None
                part = kept.with_suffix(".part")
                part.write_bytes(content.read())
            part.replace(kept)

    def _kept(self) -> Path:
        cache = launch.load(process_environment()).cache
        return cache / f"{self.name}-{self.version}" / self.file


AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    "axe.min.js",
)


def main() -> None:
    """Fetch what is not there yet."""
    registry = launch.load(process_environment()).npm_registry or PUBLIC_REGISTRY
    for package in (AXE,):
        package.fetch(registry)


if __name__ == "__main__":
    main()
