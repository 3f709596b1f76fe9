"""Other programs open the file of a running server: nothing that is sold afterwards may be lost."""

import asyncio
import fcntl
import os
import sqlite3
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from blackbox.binary import binary, clean_environment, run, run_ok, verify
from blackbox.client import Api, Buyer
from blackbox.server import Server
from blackbox.shims import build

CHARGES = 5

# Where SQLite's locks are: https://www.sqlite.org/fileformat2.html, "The Lock-Byte Page", and
# https://www.sqlite.org/walformat.html, "The WAL-Index File Format".
SHARED_LOCK = (0x40000000 + 2, 510)
SHARED_MEMORY_LOCK = (128, 1)


def who_locks(file: Path, start: int, length: int) -> int:
    """The process that would not let us lock these bytes; zero for none."""
    flock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
    descriptor = os.open(file, os.O_RDWR)
    try:
        kind, _, _, _, process = struct.unpack("hhqqi4x", fcntl.fcntl(descriptor, fcntl.F_GETLK, flock))
    finally:
        os.close(descriptor)
    return 0 if kind == fcntl.F_UNLCK else process


def check_locks(server: Server, when: str) -> None:
    shared_memory = server.file.with_name(server.file.name + "-shm")
    assert who_locks(server.file, *SHARED_LOCK) == server.pid, when
    assert who_locks(shared_memory, *SHARED_MEMORY_LOCK) == server.pid, when


# ---- what people do to a file that is in use -----------------------------------------

def with_the_shell(file: Path) -> None:
    subprocess.run(["sqlite3", str(file), "select count(*) from users"], check=True,
                   capture_output=True)


def with_the_shell_writing(file: Path) -> None:
    subprocess.run(["sqlite3", str(file), "pragma wal_checkpoint(truncate);"
                    "create table mine (x); drop table mine"], check=True, capture_output=True)


def with_python(file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("select count(*) from users").fetchone()
    db.close()


def with_vacuum_into(file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("vacuum into ?", (str(file.with_name("vacuumed.db")),))
    db.close()


def with_a_backup(file: Path) -> None:
    run_ok("backup", str(file.with_name("first.db")), "--database", f"sqlite:{file}")


def with_verify(file: Path) -> None:
    verify(f"sqlite:{file}")


def with_a_second_server(file: Path) -> None:
    refused = run("serve", "--listen", "127.0.0.1:0", "--database", f"sqlite:{file}")
    assert refused.returncode == 1 and "in use by process" in refused.stderr


@pytest.mark.parametrize("look", [with_the_shell, with_the_shell_writing, with_python,
                                  with_vacuum_into, with_a_backup, with_verify,
                                  with_a_second_server])
async def test_what_is_sold_after_somebody_has_looked(park, folder, look: Callable[[Path], None]):
    server = park.start()
    async with Api(server.url) as api:
        buyers = [Buyer(api, server.tokens.fan(n)) for n in range(1, CHARGES + 1)]
        (await buyers[0].charge(1)).expect(201)
        await asyncio.to_thread(look, server.file)
        check_locks(server, "after somebody has looked")
        for buyer in buyers:
            (await buyer.charge(7)).expect(201)
        await asyncio.to_thread(run_ok, "backup", str(folder / "b.db"), "--database", server.database)
        check_locks(server, "after a backup")
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        check_locks(server, "after a restart")
        assert [await buyer.balance() for buyer in buyers] == [8, 7, 7, 7, 7]
    server.verify()
    db = sqlite3.connect(folder / "b.db")
    with db:
        charged = db.execute("select sum(balance) from accounts where kind = 'wallet'").fetchone()
    db.close()
    assert charged == (8 + 7 * 4,), "the backup lacks what was sold before it"


async def test_the_locks_are_held_all_along(park, folder):
    server = park.start()
    check_locks(server, "started")
    async with Api(server.url) as api:
        await api.sign_in("fan1@example.com")
        buyer = Buyer(api, server.tokens.fan(2))
        (await buyer.enter()).expect(201)
        (await buyer.charge(7)).expect(201)
        check_locks(server, "sold")
        backup = await asyncio.create_subprocess_exec(
            binary(), "backup", str(folder / "b.db"), "--database", server.database,
            env=clean_environment(), stdout=subprocess.DEVNULL)
        looks = 0
        while backup.returncode is None:
            check_locks(server, "during a backup")
            looks += 1
            try:
                await asyncio.wait_for(backup.wait(), 0.01)
            except TimeoutError:
                continue
        assert backup.returncode == 0 and looks > 0
        check_locks(server, "after it")


# ---- nobody but SQLite opens these files ---------------------------------------------

def opened(calls: Path, folder: Path) -> list[tuple[str, str]]:
    """[(who, what)] of the opened files that belong to a database in `folder`."""
    found = []
    for line in calls.read_text().splitlines():
        what, who, path = line.split(" ", 2)
        parts = (".db", ".db-wal", ".db-shm", ".partial", ".partial-wal", ".partial-shm")
        if what == "open" and path.startswith(str(folder)) and path.endswith(parts):
            found.append((who, Path(path).name))
    return found


async def test_nobody_but_sqlite_opens_the_file(park, folder):
    """Closing a descriptor of it takes all the locks of the process away: see the scenario above."""
    calls = folder / "calls"
    watch = {"LD_PRELOAD": str(build("disk_calls", folder)), "DISK_CALLS": str(calls)}
    server = park.start(environment=watch)
    files = [server.file.name, f"{server.file.name}-wal", f"{server.file.name}-shm"]
    async with Api(server.url) as api:
        await api.sign_in("fan1@example.com")
        (await Buyer(api, server.tokens.fan(2)).charge(7)).expect(201)

    def play(*command: str, code: int = 0) -> None:
        done = subprocess.run([binary(), *command], env=clean_environment() | watch, text=True,
                              input="a long secret\n", capture_output=True, check=False)
        assert done.returncode == code, f"{command}: {done.stdout}{done.stderr}"

    backup, copy = folder / "backup.db", folder / "copy.db"
    play("verify", "--database", server.database)
    play("verify", "--fairness", "--html", str(folder / "page.html"), "--database", server.database)
    for part in files:
        play("verify", "--fairness", "--html", str(server.file.with_name(part)),
             "--database", server.database, code=1)
    play("backup", str(backup), "--database", server.database)
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    server.stop()
    play("restore", str(backup), "--database", f"sqlite:{folder / 'restored.db'}")
    play("copy", "--from", server.database, "--to", f"sqlite:{copy}")
    play("user", "role", "--email", "fan1@example.com", "--role", "staff",
         "--database", f"sqlite:{copy}")

    found = opened(calls, folder) + opened(calls, server.folder)
    assert {name for _, name in found} >= {*files, "backup.db", "backup.db.partial", "copy.db"}
    strangers = {(who, name) for who, name in found if not who.startswith("libsqlite3")}
    assert not strangers
