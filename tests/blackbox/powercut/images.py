"""What is left on the disk when the power goes: one way of many, drawn with a seed."""

import random
from pathlib import Path

from blackbox.powercut.disk import Disk

POLICIES = ("nothing", "everything", "a prefix", "a subset")
SECTORS = (512, 4096)
NEVER = -1
# Of images whose disk failed a sync, so many have lost all that the system forgot then.
FORGOTTEN_IS_LOST = 0.75


class Chance:
    """A `Reach` (disk.py) drawn by chance.

    The bytes reach the disk by one of the policies; sizes and names the same way, or all, or none,
    or each by itself: a file's new length may be there without its data, a name without its file's
    content, a removed name again. What nobody asked to be synced may always be there nevertheless.
    """

    def __init__(self, chance: random.Random, disk: Disk) -> None:
        self.sector = chance.choice(SECTORS)
        self.policy = chance.choice(POLICIES)
        self._chance = chance
        self._now = disk.when
        writes = disk.pending_writes()
        self._oldest = min(writes, default=self._now)
        self._kept = chance.choice((0.1, 0.5, 0.9))  # of a random subset
        self._until = {"nothing": NEVER, "everything": self._now}.get(self.policy, self._now)
        self._torn: tuple[int, int] | None = None  # node and the first sector that is not there
        if self.policy == "a prefix" and writes:
            self._tear(*chance.choice(sorted(writes.items())))
        self._sizes = chance.choice(("alike", "alike", "all", "none", "each"))
        self._names = chance.choice(("alike", "all", "all", "none", "each"))
        self._forgotten_lost = chance.random() < FORGOTTEN_IS_LOST
        self._drawn: dict[tuple[object, ...], int] = {}

    def __str__(self) -> str:
        return (f"{self.policy} of what was not synced, torn at {self.sector}, sizes {self._sizes}, "
                f"names {self._names}")

    def data(self, node: int, sector: int, forgotten: bool) -> int:
        if forgotten and self._forgotten_lost:
            return NEVER
        if self.policy == "a subset":
            return self._each("data", node, sector)
        if self._torn and node == self._torn[0] and sector >= self._torn[1]:
            return self._until - 1
        return self._until

    def size(self, node: int) -> int:
        return self._by(self._sizes, "size", node)

    def name(self, node: int, name: str) -> int:
        return self._by(self._names, "name", node, name)

    def _tear(self, last: int, write: tuple[int, int, int]) -> None:
        """Of all writes those up to `last` are there, and the beginning of that one."""
        node, begin, end = write
        self._until = last
        first, behind = begin // self.sector, (end - 1) // self.sector + 1
        self._torn = node, self._chance.randint(first, behind)

    def _by(self, mode: str, *what: object) -> int:
        if mode == "each" or (mode == "alike" and self.policy == "a subset"):
            return self._each(*what)
        return {"all": self._now, "none": NEVER, "alike": self._until}[mode]

    def _each(self, *what: object) -> int:
        if what not in self._drawn:
            self._drawn[what] = self._draw()
        return self._drawn[what]

    def _draw(self) -> int:
        if self._chance.random() < 0.25:  # an earlier version
            return self._chance.randint(self._oldest - 1, self._now)
        return self._now if self._chance.random() < self._kept else NEVER


class AsTheSystemSays:
    """A `Reach` without a power cut."""

    sector = 4096

    def __init__(self, disk: Disk) -> None:
        self._now = disk.when

    def data(self, _node: int, _sector: int, _forgotten: bool) -> int:
        return self._now

    def size(self, _node: int) -> int:
        return self._now

    def name(self, _node: int, _name: str) -> int:
        return self._now


def put_down(image: dict[str, bytearray | None], folder: Path) -> None:
    folder.mkdir(parents=True)
    for path, content in image.items():
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
            (folder / path).chmod(0o600)
