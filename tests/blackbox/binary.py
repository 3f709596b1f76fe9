"""The program under test and its commands that come back: verify, user, import, version."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS_MAX = 60


def binary() -> str:
    path = Path(os.environ.get("ONSALE_BINARY", ROOT / "build" / "release" / "onsale")).resolve()
    assert path.is_file(), f"{path} is not there: ./dev build, or set ONSALE_BINARY"
    return str(path)


def clean_environment() -> dict[str, str]:
    """Without what would configure the program, or make its output depend on the machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONSALE_")}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run(*arguments: str, cwd: Path | None = None, stdin: str = "",
        seconds: float = COMMAND_SECONDS_MAX) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, whatever it says."""
    return subprocess.run([binary(), *arguments], cwd=cwd, input=stdin, text=True,
                          capture_output=True, timeout=seconds,
                          env=clean_environment(), check=False)


def run_ok(*arguments: str, cwd: Path | None = None, stdin: str = "") -> str:
    """Runs the program, which must succeed; returns what it printed."""
    done = run(*arguments, cwd=cwd, stdin=stdin)
    assert done.returncode == 0, f"onsale {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}"
    return done.stdout


def verify(database: str, *options: str) -> None:
    """Proves the invariants of a database, beside a running server or not."""
    done = run("verify", "--database", database, *options)
    assert done.returncode == 0, f"verify found:\n{done.stdout}{done.stderr}"
