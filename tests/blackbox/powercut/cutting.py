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
from blackbox.powercut.notes import Note
from blackbox.powercut.recording import Recording

AT_ONCE = 2
SERVED_EACH = 6  # of so many images one is started on
PROBLEMS_SHOWN = 3


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
        trace, notes = recording.trace, recording.notes
        self.end = len(trace.events)
        self.ready = trace.count_at(notes[0].position)
        self.answers = [trace.count_at(note.position) for note in notes]
        self.after_accidents = [trace.count_at(note.position) for note in notes if note.after_accident]
        self.syncs = [index for index, event in enumerate(trace.events, 1) if event.kind == "S"]

    def draw(self, seed: int, number: int) -> Cut:
        chance = random.Random(f"{seed} {number}")
        kind = chance.choices(("start", "any", "answer", "accident", "sync"), (10, 30, 25, 20, 15))[0]
        if kind == "start":
            after = chance.randint(0, self.ready)
        elif kind == "any" or (kind == "accident" and not self.after_accidents):
            after = chance.randint(self.ready, self.end)
        else:
            after = chance.choice({"answer": self.answers, "accident": self.after_accidents,
                                   "sync": self.syncs}[kind])
        return Cut(seed, number, after)


def cut_power(recording: Recording, seed: int, numbers: range, keep: Path | None = None) -> list[Broken]:
    """Draws an image for each number. Those that break a promise are kept, if a folder is given."""
    moments = Moments(recording)
    cuts = sorted((moments.draw(seed, number) for number in numbers), key=lambda cut: cut.after)
    with tempfile.TemporaryDirectory(prefix="onsale-cuts-", dir=memory()) as name, \
            ThreadPoolExecutor(AT_ONCE) as pool:
        examined: list[Future[Broken | None]] = []
        for cut, how in _images(recording, cuts, Path(name)):
            if len(examined) >= 2 * AT_ONCE:  # no more on the disk than are being looked at
                examined[-2 * AT_ONCE].result()
            examined.append(pool.submit(_examine, recording, cut, how, Path(name), keep))
        return [broken for each in examined if (broken := each.result())]


def _images(recording: Recording, cuts: list[Cut], folder: Path) -> Iterator[tuple[Cut, str]]:
    disk = Disk()
    for cut in cuts:
        disk.apply_all(recording.trace.events[disk.when:cut.after])
        reach = Chance(cut.chance, disk)
        put_down(disk.image(reach), folder / str(cut.number))
        yield cut, str(reach)


def _examine(recording: Recording, cut: Cut, how: str, folder: Path, keep: Path | None) -> Broken | None:
    image = folder / str(cut.number)
    promised = promises(recording, cut.after)
    pristine = image.with_name(f"{image.name}-kept")
    if keep:
        shutil.copytree(image, pristine)
    problems = problems_of(image, promised)
    if not problems and (cut.number % SERVED_EACH == 0 or not promised):
        problems = asyncio.run(problems_when_served(image, promised, cut.chance))
    if problems and keep:
        shutil.copytree(pristine, keep / f"seed-{cut.seed}-image-{cut.number}", dirs_exist_ok=True)
    for used in (image, pristine, image.with_name(f"{image.name}-server")):
        shutil.rmtree(used, ignore_errors=True)
    return Broken(cut, how, len(promised), problems) if problems else None


def promises(recording: Recording, events: int) -> list[Note]:
    """What had been promised when so many events were done."""
    return [note for note in recording.notes if recording.trace.count_at(note.position) <= events]


def memory() -> str | None:
    """A folder in memory, if there is one: images are many, and need no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
