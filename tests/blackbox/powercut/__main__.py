"""./dev powercut: many power cuts."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from blackbox.powercut.cutting import Moments, cut_power, put_down_all
from blackbox.powercut.recording import KINDS, Recorder, Recording, memory

IMAGES_OF_A_RECORDING = 100


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev powercut", description=(
        "Records servers under load with accidents and cuts the power at many moments: every image of "
        "the disk must hold together and have all that had been promised."))
    parser.add_argument("--images", type=int, default=300, help="how many, in all (300)")
    parser.add_argument("--seed", type=int, help="of the first recording (one is drawn)")
    parser.add_argument("--recording", type=Path, help="cut this one, which was kept, instead of new ones")
    parser.add_argument("--image", type=int, help="only this one of the recording, which is left there")
    return parser.parse_args()


def cut_kept(folder: Path, seed: int, images: int, image: int | None) -> int:
    recording = Recording(folder)
    cuts = Moments(recording).draw_all(seed, images if image is None else image + 1)
    if image is not None:
        cuts = cuts[-1:]
        shutil.rmtree(folder / str(image), ignore_errors=True)
        for cut, how in put_down_all(recording, cuts, folder):
            print(f"{folder / str(cut.number)}: cut after event {cut.after}; {how}", flush=True)
    broken = cut_power(recording, cuts)
    print(*broken, sep="\n")
    return len(broken)


def cut_new(kind: str, seed: int, images: int) -> int:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="onsale-recording-", dir=memory()) as name:
        recording = asyncio.run(Recorder(Path(name), seed).record(kind))
        broken = cut_power(recording, Moments(recording).draw_all(seed, images))
        print(f"{kind}, seed {seed}: {len(recording.trace.events)} events, {len(recording.notes)} promises, "
              f"{images} images, {len(broken)} broken, {time.monotonic() - begin:.0f} s", flush=True)
        if broken:
            print(*broken, sep="\n")
            print(f"again: ./dev powercut --recording {recording.keep(f'{kind}-{seed}')} --seed {seed}",
                  flush=True)
    return len(broken)


def cut_many(seed: int, images: int) -> int:
    """Of one recording after the other, of all kinds in turn."""
    broken = 0
    for number, first in enumerate(range(0, images, IMAGES_OF_A_RECORDING)):
        broken += cut_new(KINDS[number % len(KINDS)], seed + number, min(images - first, IMAGES_OF_A_RECORDING))
    return broken


def main() -> int:
    options = arguments()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    if options.recording:
        broken = cut_kept(options.recording, seed, options.images, options.image)
    else:
        broken = cut_many(seed, options.images)
    print("every promise was kept" if not broken else f"{broken} images broke a promise")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
