"""Cuts the power of a recording at many moments, and looks at what each cut leaves."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from blackbox.powercut.check import problems_of, problems_when_served
from blackbox.powercut.disk import Disk
from blackbox.powercut.images import Chance, put_down
from blackbox.powercut.recording import Recording, memory

AT_ONCE = 2
SERVED_EACH = 6  # of so many images one is started on
PROBLEMS_SHOWN = 3
# When the power goes, in turn: while a process starts, anywhere after the first start, when an answer
# was sent, when one was that a new process gave from what it found, while something is synced.
MOMENTS = ("accident", "any", "answer", "start", "accident", "sync", "any", "answer")


@dataclass(frozen=True)
class Cut:
    """After so many events; image `number` of `seed`."""

    seed: int
    number: int
    after: int

    @property
    def chance(self) -> random.Random:
        return random.Random(f"{self.seed} {self.number} {self.after}")


@dataclass
class Broken:
    """A promise that an image does not keep."""

    cut: Cut
    how: str
    promised: int
    problems: list[str]

    def __str__(self) -> str:
        more = len(self.problems) - PROBLEMS_SHOWN
        shown = self.problems[:PROBLEMS_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        return "\n  ".join([f"image {self.cut.number} of seed {self.cut.seed}: cut after event "
                            f"{self.cut.after}, {self.promised} promises; {self.how}", *shown])


class Moments:
    """Where to cut: anywhere, and more often where it hurts."""

    def __init__(self, recording: Recording) -> None:
        events = list(enumerate(recording.trace.events, 1))
        notes = list(zip(recording.notes, recording.since))
        self.end = len(events)
        self.answers = recording.since
        self.accidents = [since for note, since in notes if note.after_accident]
        begins = [number for number, event in events if event.kind == "P"]
        ready = [since for note, since in notes if note.request.kind == "ready"]
        self.starts = [(max(begin for begin in begins if begin < end), end) for end in ready]
        # With the beginning of a sync as the last event it is under way.
        self.syncs = [number for number, event in events if event.kind == "S"]

    def draw_all(self, seed: int, images: int) -> list[Cut]:
        return [self.draw(seed, number) for number in range(images)]

    def draw(self, seed: int, number: int) -> Cut:
        chance = random.Random(f"{seed} {number}")
        kind = MOMENTS[number % len(MOMENTS)]
        if kind == "start":
            after = chance.randint(*chance.choice(self.starts))
        elif kind == "any" or (kind == "accident" and not self.accidents):
            after = chance.randint(self.answers[0], self.end)
        else:
            after = chance.choice({"answer": self.answers, "accident": self.accidents,
                                   "sync": self.syncs}[kind])
        return Cut(seed, number, after)


def cut_power(recording: Recording, cuts: list[Cut]) -> list[Broken]:
    with tempfile.TemporaryDirectory(prefix="onsale-cuts-", dir=memory()) as name, \
            ThreadPoolExecutor(AT_ONCE) as pool:
        examined: list[Future[Broken | None]] = []
        for cut, how in put_down_all(recording, cuts, Path(name)):
            if len(examined) >= 2 * AT_ONCE:  # no more on the disk than are being looked at
                examined[-2 * AT_ONCE].result()
            examined.append(pool.submit(_examine, recording, cut, how, Path(name)))
        return [broken for each in examined if (broken := each.result())]


def put_down_all(recording: Recording, cuts: list[Cut], folder: Path) -> Iterator[tuple[Cut, str]]:
    """Each into a folder of its number; says how it was drawn. In the order of the trace."""
    disk = Disk()
    for cut in sorted(cuts, key=lambda cut: cut.after):
        disk.apply_all(recording.trace.events[disk.when:cut.after])
        reach = Chance(cut.chance, disk)
        put_down(disk.image(reach), folder / str(cut.number))
        yield cut, str(reach)


def _examine(recording: Recording, cut: Cut, how: str, folder: Path) -> Broken | None:
    image = folder / str(cut.number)
    promised = recording.promises(cut.after)
    problems = problems_of(image, promised)
    if not problems and (cut.number % SERVED_EACH == 0 or not promised):
        problems = asyncio.run(problems_when_served(image, promised, cut.chance))
    for used in (image, image.with_name(f"{image.name}-server")):
        shutil.rmtree(used, ignore_errors=True)
    return Broken(cut, how, len(promised), problems) if problems else None
