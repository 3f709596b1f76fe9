"""Small disks of one's own. Mounting needs root, or else a user namespace to be root in."""

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blackbox.rights import not_possible_here

INSIDE = "BLACKBOX_INSIDE_NAMESPACE"


class SmallDisk:
    """A mounted tmpfs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Takes all the room that is left."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def empty(self) -> None:
        self._ballast.unlink()

    def remount(self, mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,bind,{mode}", str(self.path)], check=True)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="onsale-disk-") as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "onsale", name],
                       check=True, capture_output=True)
        try:
            yield SmallDisk(Path(name))
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def may_mount() -> bool:
    try:
        with small_disk(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def with_mounts(test: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a test where it may mount: here, or by itself in a user namespace."""
    @functools.wraps(test)
    async def wrapper(**arguments: Any) -> None:
        if may_mount():
            await test(**arguments)
        elif INSIDE in os.environ or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
            not_possible_here("mounting a disk", "neither root nor user namespaces")
        else:
            run_inside(f"{sys.modules[test.__module__].__file__}::{test.__name__}")
    return wrapper


def run_inside(test: str) -> None:
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", test],
        env=os.environ | {INSIDE: "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
