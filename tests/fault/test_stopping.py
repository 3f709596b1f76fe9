"""SIGTERM ends a server in time, whatever hangs: what cannot be written is refused, what was answered
is there."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import aiohttp
import pytest

from blackbox.binary import clean_environment
from blackbox.client import Api, Buyer, sign_in_all
from blackbox.wire import Wire

FANS = 8
DRAIN_SECONDS = 4
UNWINDING_SECONDS = 2
# For a machine that has much else to do. Without the promise it takes a multiple.
SLACK_SECONDS = 3
CUT_OFF = 3
SETS = {"server.drain_timeout": f"{DRAIN_SECONDS}s"}


class Charges:
    """A buyer who charges 1 after the other until the server is gone."""

    def __init__(self, buyer: Buyer, name: str) -> None:
        self.buyer = buyer
        self.name = name
        self.answered = 0
        self.refused = 0
        self.under_way = False

    async def run(self) -> None:
        try:
            while True:
                self.under_way = True
                answer = await self.buyer.charge(1, key=f"{self.name}-{self.answered + 1}")
                self.under_way = False
                if answer.status == 503:
                    self.refused += 1
                    await asyncio.sleep(0.05)
                else:
                    answer.expect(200, 201)
                    self.answered += 1
        except (aiohttp.ClientError, OSError):
            pass


async def stop_under_load(server, hang, go_on) -> None:
    """Everybody charges, everything hangs, the signal comes."""
    async with Api(server.url, unavailable_ok=True) as api:
        tokens = await sign_in_all(api, FANS)
        crowd = [Charges(Buyer(api, token), f"fan-{n}") for n, token in enumerate(tokens)]
        running = [asyncio.create_task(one.run()) for one in crowd]
        while min(one.answered for one in crowd) < 3:
            await asyncio.sleep(0.01)
        await hang()
        while not all(one.under_way for one in crowd):
            await asyncio.sleep(0.01)
        for _ in range(5):  # what has been sent before has arrived then
            (await api.get("/livez")).expect(200)
        server.process.send_signal(signal.SIGTERM)
        try:
            assert await asyncio.to_thread(
                server.process.wait, DRAIN_SECONDS + SLACK_SECONDS) == 0, server.log()
        finally:
            await go_on()
        await asyncio.gather(*running)
        assert all(one.refused for one in crowd), "they were told, not cut off"
    await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        for one in crowd:
            buyer = Buyer(api, one.buyer.token)
            # The last one, whose commit nobody was told of, may be there too.
            assert await buyer.balance() in (one.answered, one.answered + 1)
            (await buyer.charge(1, key=f"{one.name}-{one.answered + 1}")).expect(200, 201)
            assert await buyer.balance() == one.answered + 1


async def test_while_the_processes_of_the_database_hang(park, postgres):
    url = postgres.new_database()
    server = park.start(SETS, database_url=url)
    stopped: list[int] = []

    async def hang() -> None:
        pids = await asyncio.to_thread(
            postgres.execute, "select pid from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()", url)
        for pid in map(int, pids.split()):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)

    async def go_on() -> None:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)

    await stop_under_load(server, hang, go_on)


async def test_while_the_network_drops_everything(park, postgres, folder):
    async with Wire(postgres.new_database(), folder) as wire:
        server = await asyncio.to_thread(park.start, SETS, database_url=wire.url)

        async def hang() -> None:
            wire.silence()

        await stop_under_load(server, hang, wire.mend)
        await asyncio.to_thread(server.stop)


async def test_before_it_is_ready(park, postgres):
    """Nothing was accepted yet: it ends at once, though it waits for another node's migration."""
    url = postgres.new_database()
    with postgres.transaction("select pg_advisory_xact_lock(hashtext('onsale schema'))", url):
        server = park.make(SETS, database_url=url)
        process = subprocess.Popen(server.command(), cwd=server.folder, env=clean_environment(),
                                   stdin=subprocess.DEVNULL)
        try:
            async with asyncio.timeout(30):
                while not await asyncio.to_thread(postgres.waiting_for_locks, url):
                    await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, SLACK_SECONDS) == -signal.SIGTERM
        finally:
            process.kill()
            process.wait()


# ---- a disk, which nobody can stop waiting for ---------------------------------------

@pytest.fixture(scope="module")
def shim(tmp_path_factory) -> Path:
    library = tmp_path_factory.mktemp("shim") / "faulty_disk.so"
    source = Path(__file__).with_name("faulty_disk.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                    str(source), "-ldl"], check=True)
    return library


async def test_while_the_disk_hangs(park, folder, shim):
    """The process leaves it as it is and says so; what was answered is there."""
    control = folder / "control"
    server = park.start(SETS, environment={"LD_PRELOAD": str(shim), "FAULTY_DISK": str(control)})
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        (await buyer.charge(1, key="first")).expect(201)
        os.mkfifo(control)  # whoever writes now waits for somebody to open the other end
        charge = asyncio.create_task(buyer.charge(1, key="second"))
        server.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(server.process.wait,
                                       DRAIN_SECONDS + UNWINDING_SECONDS + SLACK_SECONDS)
        assert code == CUT_OFF, server.log()
        assert "something hangs" in server.log()
        with pytest.raises((aiohttp.ClientError, OSError)):
            await charge
    control.unlink()
    await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        buyer = Buyer(api, buyer.token)
        (await buyer.charge(1, key="second")).expect(200, 201)
        assert await buyer.balance() == 2
