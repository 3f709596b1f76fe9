"""A server under load with accidents, recorded: what it did to the disk and what it promised."""

import asyncio
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from blackbox.binary import ROOT, binary, clean_environment
from blackbox.client import Api, seats_of
from blackbox.powercut.load import Customer, ask_again, shop_until
from blackbox.powercut.notes import Note, Notebook, Request
from blackbox.powercut.trace import Trace
from blackbox.server import EXIT_SECONDS_MAX, Server
from blackbox.shims import build

KINDS = ("kill", "log", "file")
CUSTOMERS = 16
PERFORMANCES = 4
DATABASE = "house/data/onsale.db"  # in directories that the server makes
SETS = {"sales.seats_per_user_max": 10_000, "sales.hold_duration": "12h", "log.level": "warning"}
KEPT = ROOT / "build" / "powercut"
MEMORY_BYTES_MIN = 1 << 30
ANSWERS_MIN = 300
BUSY_ANSWERS = 100
ACCIDENTS_MAX = 5
# A checkpoint begins at 16 MiB and would have been over, and the log started anew.
CHECKPOINT_FAILED_BYTES = 20 * 1024 * 1024


def memory() -> str | None:
    """Where a folder is in memory, if there is room: nothing in here needs a disk."""
    shared = Path("/dev/shm")
    enough = shared.is_dir() and shutil.disk_usage(shared).free >= MEMORY_BYTES_MIN
    return str(shared) if enough else None


def event_file() -> dict:
    tiers = [{"name": name, "price": 1000} for name in ("VIP", "R", "S", "A")]
    nights = [{"name": f"Night {n}", "starts_at": f"2099-01-0{n}T10:00:00Z", "price_tiers": tiers,
               "seating_plan": "hall.json"} for n in range(1, PERFORMANCES + 1)]
    return {"event": {"title": "Short Circuit", "artist": "", "sales_open_at": "2020-01-01T00:00:00Z"},
            "venue": {"name": "Hall", "time_zone": "UTC"}, "performances": nights}


class Recording:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trace = Trace.read(folder / "trace")
        self.notes = Notebook.load(folder / "notes.json")
        self.since = [note.since(self.trace) for note in self.notes]  # the event that each is promised from

    def promises(self, events: int) -> list[Note]:
        """What had been promised when so many events were done."""
        return [note for note, since in zip(self.notes, self.since) if since <= events]

    @property
    def disk(self) -> Path:
        """The folder as the system says that it is, at the end."""
        return self.folder / "disk"

    def keep(self, name: str) -> Path:
        """Copies what is needed to cut it again to where builds are."""
        folder = KEPT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for part in ("trace", "notes.json", "server.out", "server.err"):
            shutil.copy(self.folder / part, folder)
        return folder


class Recorder:
    """Plays one kind of accident into a folder, which must be empty."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.control = folder / "control"
        (folder / "disk").mkdir()
        self.environment = {
            "LD_PRELOAD": str(build("recording_disk", folder)),
            "RECORDING_DISK_ROOT": str((folder / "disk").resolve()),
            "RECORDING_DISK_TRACE": str(folder / "trace"),
            "RECORDING_DISK_CONTROL": str(self.control)}
        self.server = Server(folder, SETS, demo=False, environment=self.environment,
                             database=(folder / "disk").resolve() / DATABASE)
        self.log = Path(f"{self.server.file}-wal")
        self.book = Notebook(folder / "trace")
        self.chance = random.Random(seed)
        self.customers: list[Customer] = []
        self.seats: list[tuple[int, int]] = []

    async def record(self, kind: str, *how: str) -> Recording:
        try:
            await self.open_the_house()
            await getattr(self, f"play_{kind}")(*how)
        finally:
            self.server.kill()
        self.book.save(self.folder / "notes.json")
        return Recording(self.folder)

    async def open_the_house(self) -> None:
        self.start()
        self.server.stop()
        self.import_event()
        self.start()
        async with Api(self.server.url) as api:
            self.seats = [(night, seat["id"]) for night in range(1, PERFORMANCES + 1)
                          for seat in await seats_of(api, night)]
            await asyncio.gather(*(self.sign_up(api, n) for n in range(CUSTOMERS)))

    # -- the accidents --

    async def play_kill(self) -> None:
        """Killed in the middle of a commit's sync; then stopped as it should be."""
        await self.shop(until_log_restarts=True)
        await self.die("kill -wal")
        await self.shop()
        self.server.stop()
        self.start()
        await self.shop()
        self.server.stop()

    async def play_log(self) -> None:
        """The log's syncs fail for a while; then one does, and the server is killed."""
        await self.shop()
        self.tell("fail -wal")
        await self.shop_until(never)  # all are refused
        self.tell(None)
        async with Api(self.server.url, unavailable_ok=True) as api:
            await api.wait_until_ready()
        await self.ask_again()
        await self.shop()
        await self.die("break -wal")
        await self.shop()
        self.server.stop()

    async def play_file(self) -> None:
        """Checkpoints cannot sync the file, until the disk is well again and one is made that can; then
        the server is killed in a commit."""
        beginning = self.log_beginning()
        self.tell("fail .db")
        await self.shop_until(lambda: self.log_bytes() > CHECKPOINT_FAILED_BYTES)
        assert self.log_beginning() == beginning, "a checkpoint was made all the same"
        self.tell(None)
        await self.shop()
        await self.shop_until(lambda: self.log_beginning() != beginning or self.log_is_too_long(),
                              customers=1)
        assert not self.log_is_too_long(), "there was no checkpoint although the disk is well again"
        await self.shop()
        await self.die("kill -wal")
        await self.shop()
        self.server.stop()

    async def play_unsafe(self, how: str) -> None:
        """Not an accident: a server whose syncs are none, or too late."""
        self.tell(how)
        await self.shop(until_log_restarts=True)
        await self.shop()

    # -- its parts --

    def tell(self, word: str | None) -> None:
        """What syncs do from now on."""
        if word is None:
            return self.control.unlink()
        fresh = self.control.with_suffix(".new")
        fresh.write_text(word)
        fresh.replace(self.control)

    def start(self) -> None:
        self.server.start()
        self.book.promise("ready")

    def import_event(self) -> None:
        shutil.copy(ROOT / "data" / "plans" / "hall.json", self.folder)
        (self.folder / "event.json").write_text(json.dumps(event_file()))
        subprocess.run([binary(), "import", "event.json", "--database", self.server.database],
                       cwd=self.folder, env=clean_environment() | self.environment, check=True,
                       capture_output=True)
        self.book.promise("import")

    async def sign_up(self, api: Api, number: int) -> None:
        request = Request("sign-up", 0, "POST", "/v1/users", {
            "email": f"customer{number}@example.com", "password": "onsale", "name": f"Customer {number}"})
        user = (await self.book.ask(api, request, None)).expect(201)["id"]
        token = self.server.tokens.issue(user, "buyer", lifetime=24 * 3600)
        self.customers.append(Customer(user, token, self.book, self.chance))

    async def shop(self, until_log_restarts: bool = False) -> None:
        """Some hundred answers, or until a checkpoint is over and the log starts anew."""
        before, beginning = len(self.book.notes), self.log_beginning()
        await self.shop_until(lambda: len(self.book.notes) - before >= ANSWERS_MIN and
                              (not until_log_restarts or self.log_beginning() != beginning))
        assert not self.book.unanswered, f"{len(self.book.unanswered)} got no answer\n{self.server.log()}"

    async def shop_until(self, done: Callable[[], bool], customers: int = CUSTOMERS) -> None:
        await shop_until(self.server.url, self.customers[:customers], self.seats, done)

    async def die(self, word: str) -> None:
        """Under load, by what a sync does; and start again. Until somebody is answered from what the
        dead process had written: it may have died of a sync of something that nobody waited for."""
        for _ in range(ACCIDENTS_MAX):
            await self.shop_until(self.tell_when_busy(word))
            self.server.process.wait(EXIT_SECONDS_MAX)
            self.tell(None)
            self.start()
            if await self.ask_again():
                return
        raise AssertionError("nobody was answered from what was written before")

    def tell_when_busy(self, word: str) -> Callable[[], bool]:
        busy = len(self.book.notes) + BUSY_ANSWERS

        def tell() -> bool:
            if len(self.book.notes) > busy and not self.control.exists():
                self.tell(word)
            return False
        return tell

    async def ask_again(self) -> int:
        return await ask_again(self.server.url, self.customers, self.book, self.server.file)

    def log_beginning(self) -> bytes:
        """SQLite writes another each time when it starts the log anew."""
        with self.log.open("rb") as log:
            return log.read(32)

    def log_bytes(self) -> int:
        return self.log.stat().st_size

    def log_is_too_long(self) -> bool:
        return self.log_bytes() > 4 * CHECKPOINT_FAILED_BYTES


def never() -> bool:
    return False
