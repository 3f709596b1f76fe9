import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blackbox.postgres import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="onsale-pg-") as name:
        yield from _started(Path(name) / "postgres")


def _started(folder: Path) -> Iterator[Postgres]:
    with running(folder) as server:
        yield server
