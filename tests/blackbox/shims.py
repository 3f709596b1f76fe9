"""Libraries of ours that are put before the C library, to break or to watch what a program does."""

import subprocess
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "fault"


def build(name: str, folder: Path) -> Path:
    """Compiles tests/fault/<name>.c into `folder`; what comes back is for LD_PRELOAD."""
    library = folder / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                    str(SOURCES / f"{name}.c"), "-ldl"], check=True)
    return library
