"""Tests may be coroutines; servers end with their test, healthy, and leave nothing behind."""

import asyncio
import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blackbox.postgres import Postgres, running
from blackbox.server import Server

TEST_SECONDS_MAX = 300


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    test = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    asyncio.run(asyncio.wait_for(test, TEST_SECONDS_MAX))
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = (yield).get_result()
    if not report.failed:
        return
    for fixture in getattr(item, "funcargs", {}).values():
        servers = fixture.servers if isinstance(fixture, Park) else [fixture]
        for server in servers:
            if isinstance(server, Server):
                report.sections.append(("log of the server", server.log()[-20_000:]))


class Park:
    """Starts servers in folders of their own, and sees them off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: list[Server] = []

    def make(self, sets: dict[str, object] | None = None, **options: object) -> Server:
        folder = self.folder / f"server-{len(self.servers) + 1}"
        folder.mkdir()
        self.servers.append(Server(folder, sets, **options))
        return self.servers[-1]

    def start(self, sets: dict[str, object] | None = None, **options: object) -> Server:
        return self.make(sets, **options).start()

    def close(self) -> None:
        """Those still running must stop on request and leave a sound database."""
        try:
            for server in self.servers:
                if server.running():
                    server.stop()
                    server.verify()
        finally:
            for server in self.servers:
                server.kill()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onsale-test-") as name:
        yield Path(name)


def _park() -> Iterator[Park]:
    with tempfile.TemporaryDirectory(prefix="onsale-test-") as name:
        park = Park(Path(name))
        try:
            yield park
        finally:
            park.close()


@pytest.fixture
def park() -> Iterator[Park]:
    yield from _park()


@pytest.fixture(scope="module")
def module_park() -> Iterator[Park]:
    yield from _park()


@pytest.fixture
def start_server(park: Park) -> Callable[..., Server]:
    return park.start


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="onsale-pg-") as name:
        with running(Path(name) / "postgres") as server:
            yield server
