"""A PostgreSQL server of its own for tests: tests/support/postgres makes and ends it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "support" / "postgres"


class Postgres:
    def __init__(self, url: str) -> None:
        self.url = url
        self.count = 0

    def execute(self, sql: str, url: str | None = None) -> str:
        done = subprocess.run(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet",
                               "--set=ON_ERROR_STOP=1", f"--command={sql}", url or self.url],
                              check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return done.stdout.strip()

    def new_database(self) -> str:
        """The URL of an empty database."""
        self.count += 1
        name = f"onsale_e2e_{os.getpid()}_{self.count}"
        self.execute(f"create database {name} template template0")
        return self.url.replace("/postgres?", f"/{name}?")

    @contextmanager
    def transaction(self, sql: str, url: str) -> Iterator[None]:
        """One that stays open, with the locks that `sql` takes."""
        session = subprocess.Popen(
            ["psql", "--no-psqlrc", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1", url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            session.stdin.write(f"begin; {sql};\n\\echo ready\n")
            session.stdin.flush()
            while (line := session.stdout.readline()).strip() != "ready":
                assert line, f"psql ended: {sql}"
            yield
        finally:
            session.communicate("rollback;\n")

    def waiting_for_locks(self, url: str) -> int:
        """How many sessions wait for somebody else's lock."""
        return int(self.execute("select count(*) from pg_stat_activity where "
                                "datname = current_database() and wait_event_type = 'Lock'", url))

    def sessions(self, url: str) -> list[int]:
        """Those of servers."""
        pids = self.execute("select pid from pg_stat_activity where datname = current_database() "
                            "and application_name = 'onsale' order by pid", url)
        return [int(pid) for pid in pids.split()]

    def end_session(self, pid: int) -> None:
        self.execute(f"select pg_terminate_backend({pid})")

    def recover(self, url: str) -> None:
        """To a server that comes back the database looks as if it had recovered from a crash."""
        self.execute("select pg_stat_reset_shared('archiver')")
        for pid in self.sessions(url):
            self.end_session(pid)

    def end_connections(self, url: str) -> int:
        """As a failover ends them: all to this database but the one that does it."""
        ended = self.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()", url)
        return int(ended)


@contextmanager
def running(folder: Path, *, prefix: list[str] | None = None,
            options: str | None = None) -> Iterator[Postgres]:
    """`prefix` is put before the command that starts it, `options` are more of `postgres`."""
    run = {"check": True, "stdin": subprocess.DEVNULL}
    own = {} if options is None else {"ONSALE_TEST_POSTGRES_OPTIONS": options}
    subprocess.run([*(prefix or []), SCRIPT, "start", folder], env=os.environ | own, **run)
    try:
        yield Postgres((folder / "url").read_text().strip())
    finally:
        subprocess.run([SCRIPT, "stop", folder], **run)
