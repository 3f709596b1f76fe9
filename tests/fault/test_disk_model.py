"""The disk of the power-cut test: tiny traces, and what may be left of them."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from blackbox.powercut.disk import Disk, NotUnderstood
from blackbox.powercut.images import AsTheSystemSays, Chance, put_down
from blackbox.powercut.trace import RECORD, Event, Trace
from blackbox.shims import build

ROOT_INODE, FILE, OTHER = 1, 10, 11
DRAWS = 400


class Script:
    """A trace, written call by call; every call is one event."""

    def __init__(self) -> None:
        self.events = [Event("P", ROOT_INODE, path="/r", directory=True)]
        self._syncs = 0

    def add(self, kind: str, inode: int = 0, at: int = 0, data: bytes = b"", path: str = "",
            created: bool = False) -> "Script":
        self.events.append(Event(kind, inode, at, data, path, created))
        return self

    def create(self, path: str, inode: int = FILE) -> "Script":
        return self.add("O", inode, path=f"/r/{path}", created=True)

    def write(self, data: bytes, at: int = 0, inode: int = FILE) -> "Script":
        return self.add("W", inode, at, data)

    def begin_sync(self, inode: int = FILE) -> int:
        self._syncs += 1
        self.add("S", inode, self._syncs)
        return self._syncs

    def end_sync(self, number: int, kind: str = "s") -> "Script":
        return self.add(kind, at=number)

    def sync(self, inode: int = FILE, kind: str = "s") -> "Script":
        return self.end_sync(self.begin_sync(inode), kind)

    def disk(self) -> Disk:
        return Disk().apply_all(self.events)

    def certain(self) -> dict[str, bytes | None]:
        """What is there when nothing else has reached the disk."""
        return plain(self.disk().image(Nothing()))

    def possible(self) -> list[dict[str, bytes | None]]:
        disk = self.disk()
        return [plain(disk.image(Chance(random.Random(seed), disk))) for seed in range(DRAWS)]


class Nothing:
    sector = 512

    def data(self, *_: object) -> int:
        return -1

    def size(self, *_: object) -> int:
        return -1

    def name(self, *_: object) -> int:
        return -1


class Names(Nothing):
    """All names, and nothing else."""

    def name(self, *_: object) -> int:
        return sys.maxsize


def plain(image: dict) -> dict[str, bytes | None]:
    return {path: None if content is None else bytes(content) for path, content in image.items()}


def synced_file() -> Script:
    """A file of ten bytes that is there for certain."""
    return Script().create("a").write(b"0123456789").sync().sync(ROOT_INODE)


def contents(script: Script, path: str = "a") -> set[bytes | None]:
    return {image.get(path) for image in script.possible()}


def test_what_is_synced_is_there_in_every_image():
    assert synced_file().certain() == {"a": b"0123456789"}
    assert contents(synced_file()) == {b"0123456789"}


def test_a_write_without_a_sync_may_be_there_or_not():
    script = synced_file().write(b"ab", at=2)
    assert script.certain() == {"a": b"0123456789"}
    assert contents(script) == {b"0123456789", b"01ab456789"}


def test_a_sync_covers_what_was_written_before_it_began():
    script = synced_file().write(b"ab")
    number = script.begin_sync()
    script.write(b"cd", at=8)
    assert script.certain() == {"a": b"0123456789"}, "a sync that has not ended promises nothing"
    script.end_sync(number)
    assert script.certain() == {"a": b"ab23456789"}
    assert contents(script) == {b"ab23456789", b"ab234567cd"}


def test_a_sync_is_of_one_file():
    script = synced_file().create("b", OTHER).write(b"b", inode=OTHER).write(b"a").sync(OTHER)
    assert script.disk().image(Names()) == {"a": b"0123456789", "b": b"b"}


def test_a_write_is_torn_where_sectors_meet():
    script = Script().create("a").write(bytes(1024)).sync().sync(ROOT_INODE)
    script.write(b"x" * 1024)
    old, new = bytes(512), b"x" * 512
    assert contents(script) == {old + old, new + new, new + old, old + new}


def test_a_later_write_of_a_sector_brings_the_earlier_ones():
    script = synced_file().write(b"a", at=0).write(b"b", at=9)
    assert contents(script) == {b"0123456789", b"a123456789", b"a12345678b"}


def test_a_file_may_be_longer_without_its_data_and_have_data_without_its_length():
    script = synced_file().write(b"xx", at=600)
    long, grown = b"0123456789" + bytes(592), b"0123456789" + bytes(590) + b"xx"
    assert contents(script) == {b"0123456789", long, grown}


def test_what_is_cut_may_come_back_until_it_is_synced():
    script = synced_file().add("T", FILE, 4)
    assert contents(script) == {b"0123456789", b"0123"}
    assert script.sync().certain() == {"a": b"0123"}


def test_what_follows_a_cut_comes_after_it():
    script = synced_file().add("T", FILE, 0).write(b"ab")
    assert contents(script) == {b"0123456789", b"", b"\0\0", b"ab"}
    assert script.sync().certain() == {"a": b"ab"}


def test_a_file_grown_has_zeros():
    script = synced_file().add("E", FILE, 12)
    assert script.sync().certain() == {"a": b"0123456789\0\0"}
    assert script.add("E", FILE, 5).sync().certain() == {"a": b"0123456789\0\0"}


def test_a_failed_sync_forgets():
    """Of the pages it did not write no later sync writes any, unless they change again."""
    script = Script().create("a").write(bytes(8192)).sync().sync(ROOT_INODE)
    script.write(b"lost", at=0).write(b"kept", at=4096).sync(kind="f")
    script.write(b"!", at=8000).sync()
    content = script.certain()["a"]
    assert content[:4] == bytes(4) and content[4096:4100] == b"kept" and content[8000:8001] == b"!"
    assert {image[:4] for image in contents(script)} == {bytes(4), b"lost"}, "it may have been written"
    script.write(b"again", at=100).sync()
    assert script.certain()["a"][:4] == b"lost"


def test_a_failed_sync_forgets_nothing_that_came_after_it_began():
    script = synced_file()
    number = script.begin_sync()
    script.write(b"ab").end_sync(number, "f").sync()
    assert script.certain() == {"a": b"ab23456789"}


def test_a_page_that_was_forgotten_is_written_when_its_file_is_cut_there():
    script = synced_file().write(b"lost").sync(kind="f").add("T", FILE, 8).sync()
    assert script.certain() == {"a": b"lost4567"}


def test_what_was_forgotten_and_cut_off_does_not_come_back():
    script = synced_file().write(b"lost", at=5000).sync(kind="f")
    assert b"lost" in {content[5000:] for content in contents(script)}
    script.add("T", FILE, 10).sync().add("T", FILE, 5004).sync()
    assert contents(script) == {b"0123456789" + bytes(4994)}


def test_a_sync_of_a_directory_covers_what_was_done_before_it_began():
    script = synced_file()
    number = script.begin_sync(ROOT_INODE)
    script.create("b", OTHER).end_sync(number)
    assert script.certain() == {"a": b"0123456789"}
    assert script.sync(ROOT_INODE).certain() == {"a": b"0123456789", "b": b""}


def test_a_name_needs_its_directory_synced():
    script = Script().create("a").write(b"x").sync()
    assert script.certain() == {}
    assert contents(script) == {None, b"x"}
    assert script.sync(ROOT_INODE).certain() == {"a": b"x"}


def test_a_directory_needs_its_parent_synced():
    script = Script().add("M", 20, path="/r/d").create("d/a").write(b"x").sync().sync(20)
    assert script.certain() == {}
    assert script.sync(ROOT_INODE).certain() == {"d": None, "d/a": b"x"}


def test_what_was_removed_may_come_back():
    script = synced_file().add("U", path="/r/a")
    assert contents(script) == {None, b"0123456789"}
    assert script.sync(ROOT_INODE).certain() == {}


def test_a_new_file_of_an_old_name_or_an_old_inode_is_another():
    script = synced_file().add("U", path="/r/a").create("a", FILE)
    assert contents(script) == {None, b"0123456789", b""}
    assert script.write(b"new").sync().sync(ROOT_INODE).certain() == {"a": b"new"}


def test_a_rename_is_done_or_not():
    script = synced_file().create("b", OTHER).write(b"b", inode=OTHER).sync(OTHER).sync(ROOT_INODE)
    script.add("R", path="/r/b\n/r/a")
    assert [each for each in script.possible() if each not in (
        {"a": b"0123456789", "b": b"b"}, {"a": b"b"})] == []
    assert script.sync(ROOT_INODE).certain() == {"a": b"b"}


def test_a_link_is_a_second_name():
    script = synced_file().add("L", path="/r/a\n/r/b").sync(ROOT_INODE)
    assert script.certain() == {"a": b"0123456789", "b": b"0123456789"}
    script.add("R", path="/r/a\n/r/b").sync(ROOT_INODE)
    assert script.certain() == {"a": b"0123456789", "b": b"0123456789"}, "both stay, says POSIX"


@pytest.mark.parametrize("event", [Event("X", FILE, path="mmap"), Event("W", 99, data=b"x"),
                                   Event("O", 99, path="/r/there-before")], ids=str)
def test_what_is_not_understood_is_refused(event):
    script = synced_file()
    script.events.append(event)
    with pytest.raises(NotUnderstood):
        script.disk()


def test_a_position_of_a_trace_tells_what_was_done():
    """Also one in the middle of a record: what is being written then counts as done."""
    record = RECORD.pack(ord("W"), 0, 0, 0, 5, 1, FILE, 0) + b"12345"
    trace = Trace(record * 3 + record[:-1])
    assert [event.data for event in trace.events] == [b"12345"] * 3, "the last one is not whole"
    assert [trace.count_at(position) for position in (0, len(record), len(record) + 1, 2 * len(record))] == [
        0, 1, 2, 2]
    assert trace.count_at(4 * len(record)) == 3


# ---- and the recorder ------------------------------------------------------------------

PLAY = """
import os, random, sys
chance = random.Random(int(sys.argv[2]))
os.chdir(sys.argv[1])
os.makedirs("one/two")
names = ["a", "b", "one/c", "one/two/d"]
for step in range(400):
    name = chance.choice(names)
    what = chance.choice(["write"] * 4 + ["append", "cut", "grow", "rename", "link", "remove", "sync"])
    here = os.path.dirname(name) or "."
    if what == "rename" and os.path.exists(name):
        os.rename(name, os.path.join(here, "renamed"))
    elif what == "link" and os.path.exists(name) and not os.path.exists(os.path.join(here, "linked")):
        os.link(name, os.path.join(here, "linked"))
    elif what == "remove" and os.path.exists(name):
        os.unlink(name)
    else:
        flags = os.O_RDWR | os.O_CREAT | chance.choice([0, 0, 0, os.O_TRUNC])
        file = os.open(name, flags | (os.O_APPEND if what == "append" else 0), 0o600)
        if what == "write":
            os.pwrite(file, chance.randbytes(chance.randint(1, 9000)), chance.randint(0, 20000))
            os.pwritev(file, [b"two", b"parts"], chance.randint(0, 9000))
            os.lseek(file, chance.randint(0, 9000), os.SEEK_SET)
            os.write(file, b"where it is")
            os.writev(file, [b"and", b"there"])
        elif what == "append":
            os.write(file, b"at the end")
        elif what == "cut":
            os.ftruncate(file, chance.randint(0, 9000))
        elif what == "grow":
            os.posix_fallocate(file, 0, chance.randint(1, 30000))
        elif what == "sync":
            (os.fsync if step % 2 else os.fdatasync)(file)
        os.close(file)
"""


@pytest.fixture(scope="module")
def recorder(tmp_path_factory) -> Path:
    return build("recording_disk", tmp_path_factory.mktemp("recorder"))


@pytest.mark.parametrize("seed", range(3))
def test_the_recorder_misses_nothing(recorder, folder, seed):
    disk = recorded(recorder, folder, PLAY, str(seed))
    files = {str(path.relative_to(folder / "disk")): None if path.is_dir() else path.read_bytes()
             for path in (folder / "disk").rglob("*")}
    assert len(files) > 4
    assert plain(disk.image(AsTheSystemSays(disk))) == files
    put_down(disk.image(AsTheSystemSays(disk)), folder / "copy")
    assert subprocess.run(["diff", "-r", folder / "disk", folder / "copy"], check=False).returncode == 0


def test_the_recorder_says_what_it_does_not_see(recorder, folder):
    with pytest.raises(NotUnderstood, match="mmap"):
        recorded(recorder, folder, "import mmap, os, sys; file = os.open(sys.argv[1] + '/a', os.O_RDWR | "
                                   "os.O_CREAT); os.ftruncate(file, 10); mmap.mmap(file, 10)")


def recorded(recorder: Path, folder: Path, program: str, *arguments: str) -> Disk:
    (folder / "disk").mkdir()
    variables = {"LD_PRELOAD": str(recorder), "RECORDING_DISK_ROOT": str((folder / "disk").resolve()),
                 "RECORDING_DISK_TRACE": str(folder / "trace"), "RECORDING_DISK_CONTROL": str(folder / "no")}
    subprocess.run([sys.executable, "-c", program, str((folder / "disk").resolve()), *arguments],
                   env=os.environ | variables, check=True)
    return Disk().apply_all(Trace.read(folder / "trace").events)
