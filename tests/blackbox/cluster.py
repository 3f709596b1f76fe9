"""The cluster of deploy/cluster on this machine, and ways to hurt it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blackbox.binary import binary, verify

SCRIPT = Path(__file__).parent.parent.parent / "deploy" / "cluster" / "local.py"
END_SECONDS_MAX = 120


class Cluster:
    def __init__(self, addresses: dict) -> None:
        self.front: str = addresses["front"]
        self.nodes: list[str] = addresses["nodes"]
        self.database: str = addresses["database"]
        self._patroni: dict[str, str] = addresses["patroni"]
        self._data: dict[str, str] = addresses["data"]
        self._processes: dict[str, int] = addresses["processes"]

    def members(self) -> dict[str, dict]:
        """What Patroni knows of each, as any of its members that answers tells."""
        for url in self._patroni.values():
            try:
                with urllib.request.urlopen(f"{url}/cluster", timeout=2) as reply:
                    return {member["name"]: member for member in json.load(reply)["members"]}
            except OSError:
                continue
        return {}

    def primary(self) -> str | None:
        return self._only("leader")

    def standby(self) -> str | None:
        """The one that has every commit."""
        return self._only("sync_standby")

    def _only(self, role: str) -> str | None:
        found = [name for name, member in self.members().items()
                 if member["role"] == role and member["state"] == "running"]
        return found[0] if found else None

    def kill_node(self, number: int) -> None:
        os.kill(self._processes[f"node{number}"], signal.SIGKILL)

    def kill_postgres(self, member: str) -> None:
        os.kill(int((Path(self._data[member]) / "postmaster.pid").read_text().split()[0]),
                signal.SIGKILL)

    def kill_machine(self, member: str) -> None:
        """All that runs on it, at once."""
        os.kill(self._processes[member], signal.SIGKILL)
        self.kill_postgres(member)

    def verify(self, *options: str) -> None:
        verify(self.database, *options)


@contextmanager
def private_clone() -> Iterator[Path]:
    """What of a clone a cluster is started from, below a folder that is its user's alone, as a clone
    in root's home is."""
    with tempfile.TemporaryDirectory(prefix="onsale-clone-") as name:
        assert Path(name).stat().st_mode & 0o077 == 0
        shutil.copytree(SCRIPT.parent, Path(name, SCRIPT.parent.name))
        shutil.copy(binary(), Path(name, "onsale"))
        yield Path(name)


def start(clone: Path, **environment: str) -> "subprocess.Popen[str]":
    """With files that are the user's alone, too: those of TMPDIR and all that are made."""
    tmp = clone / "tmp"
    tmp.mkdir()
    return subprocess.Popen(
        [sys.executable, clone / SCRIPT.parent.name / SCRIPT.name, "--onsale", clone / "onsale", "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, umask=0o077, cwd=clone,
        env=os.environ | {"TMPDIR": str(tmp)} | environment)


@contextmanager
def running() -> Iterator[Cluster]:
    with private_clone() as clone:
        process = start(clone)
        try:
            line = process.stdout.readline()
            assert line, "the cluster did not start; it says why above"
            yield Cluster(json.loads(line))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(END_SECONDS_MAX)
            process.stdout.close()
