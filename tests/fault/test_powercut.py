"""The power goes at any moment: whatever the disk has kept, what was answered is there.

A server is recorded under load, with an accident; then the power is cut at moments and in ways
drawn by chance (docs/powercut.md).
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blackbox.powercut.cutting import Broken, Cut, Moments, cut_power
from blackbox.powercut.disk import Disk
from blackbox.powercut.images import AsTheSystemSays
from blackbox.powercut.recording import DATABASE, Recorder, Recording, memory

IMAGES = {"kill": 24, "log": 24, "file": 20}
IMAGES_OF_A_LIE = 12


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with tempfile.TemporaryDirectory(prefix="onsale-recording-", dir=memory()) as name:
        yield Recorder(Path(name), random.SystemRandom().randrange(1_000_000))


@pytest.mark.parametrize("kind", IMAGES)
async def test_power_cuts(recorder, capsys, kind):
    recording = await recorder.record(kind)
    with capsys.disabled():
        print(f"\npower cuts, {kind}: {IMAGES[kind]} images, seed {recorder.seed} ", end="", flush=True)
    check_the_recording(recording)
    check_the_accident(recording, kind)
    broken = cut_power(recording, Moments(recording).draw_all(recorder.seed, IMAGES[kind]))
    if broken:
        kept = recording.keep(f"{kind}-{recorder.seed}")
        pytest.fail("\n".join([*map(str, broken),
                               f"again: ./dev powercut --recording {kept} --seed {recorder.seed}"]))


def check_the_recording(recording: Recording) -> None:
    """What the system has at the end is what the model says: nothing was missed."""
    disk = Disk().apply_all(recording.trace.events)
    files = {str(path.relative_to(recording.disk)): None if path.is_dir() else path.read_bytes()
             for path in recording.disk.rglob("*") if not path.name.endswith("-shm")}
    image = disk.image(AsTheSystemSays(disk))
    assert image.keys() == files.keys()
    assert [path for path in files if image[path] != files[path]] == []


def check_the_accident(recording: Recording, kind: str) -> None:
    """It did happen."""
    names: dict[int, str] = {}
    happened = {"written to the file": 0, "failed on the log": 0, "failed on the file": 0}
    syncs: dict[tuple[int, int], str] = {}
    for event in recording.trace.events:
        if event.kind == "O":
            names[event.inode] = event.path
        elif event.kind == "S":
            syncs[event.process, event.at] = names[event.inode]
        elif event.kind in "sf":
            file = syncs.pop((event.process, event.at))
            of = "log" if file.endswith("-wal") else "file"
            happened[f"failed on the {of}"] += event.kind == "f"
        elif event.kind == "W" and names[event.inode].endswith(".db"):
            happened["written to the file"] += 1
    killed_in_a_sync = [file for file in syncs.values() if file.endswith("-wal")]
    assert happened["written to the file"] > 100, "there was no checkpoint"
    assert bool(killed_in_a_sync) == (kind in ("kill", "file"))
    assert (happened["failed on the log"] > 1) == (kind == "log")
    assert (happened["failed on the file"] > 0) == (kind == "file")
    assert len(recording.notes) > 1000
    seen = sum(since < recording.trace.count_at(note.noted)
               for note, since in zip(recording.notes, recording.since))
    assert seen > 0.9 * len(recording.notes), "answers were not seen when they were sent"


# ---- what it would find ----------------------------------------------------------------

@pytest.mark.parametrize("how", ["lie", "lie .db"])
async def test_a_store_that_skips_its_syncs_is_found(recorder, how):
    recording = await recorder.record("unsafe", how)
    end = len(recording.trace.events)
    assert lost(recording, [Cut(recorder.seed, number, end) for number in range(IMAGES_OF_A_LIE)])


async def test_a_store_that_answers_before_it_has_synced_is_found(recorder):
    recording = await recorder.record("unsafe", "late -wal")
    answers = Moments(recording).answers[-IMAGES_OF_A_LIE * 20::20]
    assert lost(recording, [Cut(recorder.seed, number, after) for number, after in enumerate(answers)])


def lost(recording: Recording, cuts: list[Cut]) -> list[Broken]:
    """The images without an answer, of those that have a database at all."""
    broken = cut_power(recording, cuts)
    print(*broken, sep="\n")
    return [each for each in broken if each.problems != [f"{DATABASE} is not there"]]
