"""A server of its own for a test: started on a free port, ended by its process id."""

import re
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from blackbox.binary import binary, clean_environment, verify
from blackbox.tokens import Tokens

READY_SECONDS_MAX = 60
EXIT_SECONDS_MAX = 60
READY_LINE = re.compile(r"^onsale: ready on http://(?P<host>[\d.]+|\[[^]]+\]):(?P<port>\d+)$", re.M)


class Server:
    """`onsale serve` on a SQLite file in `folder`, or on the database of `database_url`.

    It listens on a free port at the first start and on the same one after that. `sets` are
    configuration keys for --set, `prefix` is put before the command (to change what the
    process may do), `environment` is added to its variables.
    """

    def __init__(self, folder: Path, sets: dict[str, object] | None = None, *, demo: bool = True,
                 prefix: list[str] | None = None, environment: dict[str, str] | None = None,
                 database: Path | None = None, database_url: str | None = None) -> None:
        self.folder = folder
        self.sets = dict(sets or {})
        self.demo = demo
        self.prefix = prefix or []
        self.environment = environment or {}
        self.file = database or folder / "onsale.db"
        self.database_url = database_url
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._tokens: Tokens | None = None

    # -- what tests ask for --

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:{self.file}"

    @property
    def pid(self) -> int:
        assert self.process, "the server was not started"
        return self.process.pid

    @property
    def tokens(self) -> Tokens:
        if not self._tokens:
            self._tokens = Tokens(self.file)
        return self._tokens

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def output(self) -> str:
        return _text(self.folder / "server.out")

    def log(self) -> str:
        """All it ever said, over all starts."""
        return self.output() + _text(self.folder / "server.err")

    # -- starting and ending --

    def start(self) -> "Server":
        assert not self.running(), "the server runs already"
        begin = len(self.output())
        self.process = subprocess.Popen(
            self.command(), cwd=self.folder, env=clean_environment() | self.environment,
            stdin=subprocess.DEVNULL, stdout=self._append("server.out"),
            stderr=self._append("server.err"))
        self.port = int(self._wait_until_ready(begin)["port"])
        return self

    def command(self) -> list[str]:
        sets = [f"--set={key}={value}" for key, value in self.sets.items()]
        demo = ["--demo"] if self.demo else []
        return [*self.prefix, binary(), "serve", "--listen", f"127.0.0.1:{self.port}",
                "--database", self.database, *demo, *sets]

    def stop(self) -> None:
        """SIGTERM: it must end by itself, with success."""
        assert self.running(), f"the server is not running any more\n{self.log()}"
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(EXIT_SECONDS_MAX)
        assert code == 0, f"exit code {code} after SIGTERM\n{self.log()}"

    def kill(self) -> None:
        """SIGKILL: it has no say in it."""
        if self.running():
            self.process.kill()
        if self.process:
            self.process.wait(EXIT_SECONDS_MAX)

    def restart(self, sets: dict[str, object] | None = None) -> None:
        self.stop()
        self.sets |= sets or {}
        self.start()

    def verify(self) -> None:
        verify(self.database)

    def _append(self, name: str) -> IO[bytes]:
        return (self.folder / name).open("ab")

    def _wait_until_ready(self, begin: int) -> re.Match[str]:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if ready := READY_LINE.search(self.output(), begin):
                return ready
            assert self.running(), f"the server ended at its start\n{self.log()}"
            time.sleep(0.01)
        raise AssertionError(f"not ready after {READY_SECONDS_MAX} s\n{self.log()}")


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
