"""Machines whose time of day is wrong, and can be set: fault/wrong_clock.c before a server."""

import os
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "fault" / "wrong_clock.c"


class WrongClock:
    """The time of day of one server; right until it is set."""

    def __init__(self, folder: Path, name: str = "clock") -> None:
        self.control = folder / name
        library = folder / "wrong_clock.so"
        if not library.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                            str(SOURCE)], check=True)
        self.environment = {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(self.control)}

    def set(self, seconds: float) -> None:
        """So far ahead of the right time, or behind."""
        fresh = self.control.with_suffix(".new")
        fresh.write_text(str(round(seconds * 1000)))
        os.replace(fresh, self.control)
