"""./dev powercut: many power cuts."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from blackbox.binary import ROOT
from blackbox.powercut.cutting import Broken, cut_power, memory
from blackbox.powercut.recording import KINDS, Recorder, Recording

IMAGES_OF_A_RECORDING = 200
KEPT = ROOT / "build" / "powercut"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev powercut", description=(
        "Records servers under load with accidents and cuts the power at many moments: every image of "
        "the disk must hold together and have all that had been promised."))
    parser.add_argument("--images", type=int, default=200, help="how many, in all (200)")
    parser.add_argument("--seed", type=int, help="of the first recording (one is drawn)")
    parser.add_argument("--recording", type=Path, help="cut this one, which was kept, instead of new ones")
    parser.add_argument("--image", type=int, help="only this one of the recording, kept for looking at")
    return parser.parse_args()


def record(kind: str, seed: int, folder: Path) -> Recording:
    return asyncio.run(Recorder(folder, seed).record(kind))


def report(broken: list[Broken]) -> None:
    for each in broken:
        print(each, flush=True)


def cut_kept(folder: Path, seed: int, images: int, image: int | None) -> list[Broken]:
    numbers = range(images) if image is None else range(image, image + 1)
    return cut_power(Recording.read(folder), seed, numbers, keep=folder)


def cut_new(kind: str, seed: int, images: int) -> list[Broken]:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="onsale-recording-", dir=memory()) as name:
        recording = record(kind, seed, Path(name))
        broken = cut_power(recording, seed, range(images))
        print(f"{kind}, seed {seed}: {len(recording.trace.events)} events, {len(recording.notes)} promises, "
              f"{images} images, {len(broken)} broken, {time.monotonic() - begin:.0f} s", flush=True)
        if broken:
            print(f"kept: ./dev powercut --recording {keep(recording, kind, seed)} --seed {seed}", flush=True)
    return broken


def keep(recording: Recording, kind: str, seed: int) -> Path:
    """The recording of something that is broken, to look at it again."""
    folder = KEPT / f"{kind}-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("trace", "notes.json", "server.out", "server.err"):
        shutil.copy(recording.folder / name, folder)
    return folder


def main() -> int:
    options = arguments()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    if options.recording:
        broken = cut_kept(options.recording, seed, options.images, options.image)
        report(broken)
        return 1 if broken else 0
    left, failed = options.images, 0
    while left > 0:
        images = min(left, IMAGES_OF_A_RECORDING)
        broken = cut_new(KINDS[seed % len(KINDS)], seed, images)
        report(broken)
        failed += len(broken)
        left -= images
        seed += 1
    print(f"{options.images} power cuts, {failed} broke a promise")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
