"""A disk that is full, read-only or failing: reads go on, writes say so, nothing answered is lost,
and when the disk is well again, so is the server."""

import asyncio
import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from blackbox.binary import clean_environment, run
from blackbox.client import Api, Buyer, seats_of
from blackbox.mounts import small_disk, with_mounts
from blackbox.server import Server
from blackbox.shims import build

DISK_MEBIBYTES = 64
TRIES_MAX = 20_000


class Books:
    """Charges that were answered, by buyer."""

    def __init__(self, api: Api, server: Server, buyers: int = 16) -> None:
        self.api = api
        self.buyers = [Buyer(api, server.tokens.fan(n)) for n in range(1, buyers + 1)]
        self.balance = dict.fromkeys(self.buyers, 0)

    async def charge_all(self) -> bool:
        """One charge each, at the same time; false if one was refused."""
        answers = await asyncio.gather(*(buyer.charge(7) for buyer in self.buyers))
        for buyer, answer in zip(self.buyers, answers):
            if answer.status == 503:
                answer.refused(503, "store-unavailable")
            else:
                self.balance[buyer] = answer.expect(201)["balance"]
        return all(answer.status == 201 for answer in answers)

    async def charge_until_refused(self) -> None:
        tries = 0
        while await self.charge_all():
            tries += len(self.buyers)
            assert tries < TRIES_MAX, "the disk never failed"

    async def check(self) -> None:
        for buyer, balance in self.balance.items():
            assert await buyer.balance() == balance


async def survive(server: Server, break_disk: Callable[[], None], mend_disk: Callable[[], None]) -> None:
    async with Api(server.url, unavailable_ok=True) as api:
        books = Books(api, server)
        guest, held = await prepare(api, server)
        assert await books.charge_all()
        break_disk()
        await books.charge_until_refused()
        await check_reads(api, books)
        await check_writes_are_refused(api, server, guest, held)
        await check_reads(api, books)
        mend_disk()
        await api.wait_until_ready()
        assert await books.charge_all()
        await books.check()
        assert await guest.balance() == 0
        (await guest.charge(held["total"])).expect(201)
        (await guest.pay(held["id"])).expect(201)
        server.verify()
        await asyncio.to_thread(server.restart)
        await books.check()
        server.verify()


async def prepare(api: Api, server: Server) -> tuple[Buyer, dict]:
    """Somebody in the shop, with a seat held."""
    guest = Buyer(api, server.tokens.fan(500))
    (await guest.enter()).expect(201)
    seat = (await seats_of(api, 1))[0]["id"]
    return guest, (await guest.hold(1, 1, [seat])).expect(201)


async def check_reads(api: Api, books: Books) -> None:
    await books.check()
    for path in ("/v1/events", "/v1/performances/4/seats", "/metrics", "/livez"):
        assert (await api.get(path)).status == 200
    assert len((await api.get("/v1/reservations", books.buyers[0].token)).expect(200)["items"]) == 0
    trouble = await api.get("/readyz")
    assert trouble.refused(503, "store-unavailable")["detail"], "/readyz must say what is wrong"


async def check_writes_are_refused(api: Api, server: Server, guest: Buyer, held: dict) -> None:
    newcomer = Buyer(api, server.tokens.fan(501))
    seat = (await seats_of(api, 1))[1]["id"]
    person = {"email": "new@example.com", "password": "secret-enough", "name": "New"}
    for write in (newcomer.enter, lambda: guest.hold(1, 1, [seat]), lambda: guest.cancel(held["id"]),
                  lambda: guest.charge(10_000_000), lambda: api.post("/v1/users", person)):
        (await write()).refused(503, "store-unavailable")
    (await guest.pay(held["id"])).expect(402, 503)
    assert {s["status"] for s in await seats_of(api, 1)} == {"available", "held"}


# ---- a real disk that is full, or read-only ------------------------------------------

@with_mounts
async def test_disk_full(park):
    with small_disk(DISK_MEBIBYTES) as disk:
        server = park.start(database=disk.path / "onsale.db")
        await survive(server, disk.fill, disk.empty)
        server.stop()


@with_mounts
async def test_killed_on_a_full_disk(park):
    with small_disk(DISK_MEBIBYTES) as disk:
        server = park.start(database=disk.path / "onsale.db")
        async with Api(server.url, unavailable_ok=True) as api:
            books = Books(api, server)
            disk.fill()
            await books.charge_until_refused()
            await asyncio.to_thread(server.kill)
            disk.empty()
            await asyncio.to_thread(server.start)
            await books.check()
            assert await books.charge_all()
        server.stop()
        server.verify()


@with_mounts
async def test_start_on_a_full_disk(park):
    with small_disk(DISK_MEBIBYTES) as disk:
        disk.fill()
        done = run("serve", "--demo", "--listen", "127.0.0.1:0", "--database",
                   f"sqlite:{disk.path}/onsale.db")
        assert done.returncode == 1 and "onsale.db" in done.stderr and "full" in done.stderr
        disk.empty()
        server = park.start(database=disk.path / "onsale.db")
        server.verify()
        server.stop()


@with_mounts
async def test_start_on_a_read_only_disk(park):
    with small_disk(DISK_MEBIBYTES) as disk:
        server = park.start(database=disk.path / "onsale.db")
        server.stop()
        disk.remount("ro")
        done = run("serve", "--listen", "127.0.0.1:0", "--database", server.database)
        assert done.returncode == 1, done.stdout + done.stderr
        assert str(server.file) in done.stderr and "ead-only" in done.stderr, done.stderr
        disk.remount("rw")
        server.start()
        server.stop()


# ---- a disk that fails on request ----------------------------------------------------

@pytest.fixture(scope="module")
def shim(tmp_path_factory) -> Path:
    return build("faulty_disk", tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize("fault", [f"write {errno.EROFS}", f"write {errno.ENOSPC}",
                                   f"write {errno.EIO}", f"sync {errno.EIO}"],
                         ids=["read-only", "full", "write-error", "sync-error"])
async def test_disk_fails(park, folder, shim, fault):
    control = folder / "control"
    server = park.start(environment={"LD_PRELOAD": str(shim), "FAULTY_DISK": str(control)})
    await survive(server, lambda: set_fault(control, fault), control.unlink)


@pytest.mark.parametrize("fault", [f"write {errno.EIO}", f"sync {errno.EIO}"],
                         ids=["write-error", "sync-error"])
async def test_killed_while_the_disk_fails(park, folder, shim, fault):
    control = folder / "control"
    server = park.start(environment={"LD_PRELOAD": str(shim), "FAULTY_DISK": str(control)})
    async with Api(server.url, unavailable_ok=True) as api:
        books = Books(api, server)
        for _ in range(3):
            assert await books.charge_all()
            set_fault(control, fault)
            await books.charge_until_refused()
            await asyncio.to_thread(server.kill)
            control.unlink()
            await asyncio.to_thread(server.start)
            await books.check()
    server.verify()


async def test_a_start_makes_the_log_durable_first(park, folder, shim):
    """What the process before has written may be in the memory of the system alone."""
    calls, control = folder / "calls", folder / "control"
    preload = f"{build('disk_calls', folder)}:{shim}"
    server = park.start(environment={"LD_PRELOAD": preload, "FAULTY_DISK": str(control),
                                     "DISK_CALLS": str(calls)})
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        (await buyer.charge(7)).expect(201)
        await asyncio.to_thread(server.kill)

        set_fault(control, f"sync {errno.EIO}")
        refused = subprocess.run(server.command(), env=clean_environment() | server.environment,
                                 cwd=server.folder, capture_output=True, text=True, check=False)
        assert refused.returncode == 1 and "cannot be made durable" in refused.stderr, refused
        control.unlink()

        calls.unlink()
        await asyncio.to_thread(server.start)
        synced = calls.read_text().splitlines()
        assert {f"sync - {server.file}-wal", f"sync - {server.folder}"} <= set(synced)
        assert await buyer.balance() == 7
    server.verify()


async def test_created_folders_are_still_there_after_a_power_cut(park, folder):
    calls = folder / "calls"
    server = park.start(database=folder / "a" / "b" / "onsale.db", environment={
        "LD_PRELOAD": str(build("disk_calls", folder)), "DISK_CALLS": str(calls)})
    synced = {line.removeprefix("sync - ") for line in calls.read_text().splitlines()}
    assert {str(folder), str(folder / "a"), str(folder / "a" / "b")} <= synced
    server.stop()


async def test_a_flush_that_fails_is_seen_and_made_up_for(park, folder, shim):
    control = folder / "control"
    server = park.start(environment={"LD_PRELOAD": str(shim), "FAULTY_DISK": str(control)})
    async with Api(server.url) as api:
        books = Books(api, server, buyers=64)
        set_fault(control, f"flush {errno.EIO}")
        for _ in range(TRIES_MAX):
            assert await books.charge_all()
            if await metric(api, "onsale_checkpoint_failing") == 1:
                break
        assert await metric(api, "onsale_checkpoint_failures_total") >= 1
        ready = (await api.get("/readyz")).expect(200)
        assert ready["status"] == "ready" and "cannot be copied into the file" in ready["detail"]
        assert await books.charge_all()
        control.unlink()
        while await metric(api, "onsale_checkpoint_failing") == 1:
            await asyncio.sleep(0.05)
        assert await books.charge_all()
        assert await metric(api, "onsale_wal_bytes") < 16 << 20, "begun anew"
        assert (await api.get("/readyz")).expect(200) == {"status": "ready"}
        assert "cannot be copied into the file" in server.log()
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await books.check()
    server.verify()


async def metric(api: Api, name: str) -> float:
    lines = (await api.get("/metrics")).content.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


def set_fault(control: Path, fault: str) -> None:
    """At once, so that it is never read half written."""
    fresh = control.with_suffix(".new")
    fresh.write_text(fault)
    os.replace(fresh, control)
