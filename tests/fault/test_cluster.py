"""The production example under load: processes and machines die, and what was answered is there,
once."""

import asyncio
import json
import subprocess
import time
from pathlib import Path

import pytest

from blackbox.binary import run, run_ok
from blackbox.client import Buyer, SteadyApi, seats_of
from blackbox.cluster import Cluster, private_clone, running, start

FANS = 8
AWAY_SECONDS_MAX = 30
CHARGES_BETWEEN = 50
BUYERS = 400
ARENA_NIGHT = 4  # of the demo; with more seats than they want


@pytest.fixture(scope="module")
def cluster():
    with running() as found:
        yield found


class Shop:
    """Fans who charge their wallets again and again, each time with a key."""

    def __init__(self, api: SteadyApi, tokens: list[str], name: str) -> None:
        self.buyers = [Buyer(api, token) for token in tokens]
        self.name = name
        self.charged = [0] * len(tokens)
        self.last = time.monotonic()
        self.away = 0.0  # the longest time in which nobody's write was answered

    async def open(self, number: int) -> None:
        while True:
            key = f"{self.name}-{number}-{self.charged[number] + 1}"
            (await self.buyers[number].charge(1, key=key)).expect(201)
            self.charged[number] += 1
            now = time.monotonic()
            self.away = max(self.away, now - self.last)
            self.last = now

    async def some_more(self) -> None:
        enough = sum(self.charged) + CHARGES_BETWEEN
        await until(lambda: sum(self.charged) >= enough)


async def until(condition, seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.1)


def kill_a_node(cluster: Cluster) -> None:
    cluster.kill_node(1)


def kill_the_primary(cluster: Cluster) -> None:
    cluster.kill_postgres(cluster.primary())


def kill_the_machine_of_the_primary(cluster: Cluster) -> None:
    cluster.kill_machine(cluster.primary())


def rush(cluster: Cluster, folder: Path) -> tuple[dict, subprocess.CompletedProcess[str]]:
    file = folder / "rush.json"
    tokens = run_ok("user", "token", "--buyers", str(BUYERS), "--lifetime", "1h",
                    "--database", cluster.database)
    done = run("rush", "--url", cluster.front, "--tokens", "-", "--performance", str(ARENA_NIGHT),
               "--arrivals", "even", "--arrive-within", "10s", "--json", str(file), stdin=tokens,
               seconds=200)
    return json.loads(file.read_text()), done


async def seats_taken(api: SteadyApi) -> int:
    return sum(seat["status"] != "available" for seat in await seats_of(api, ARENA_NIGHT))


async def test_a_failover_fails_nobody_in_a_rush(cluster, folder, record_property):
    await asyncio.to_thread(wait_for_standby, cluster)
    playing = asyncio.create_task(asyncio.to_thread(rush, cluster, folder))
    async with SteadyApi(cluster.front) as api, asyncio.timeout(90):
        while await seats_taken(api) < BUYERS // 10:
            await asyncio.sleep(0.1)
    was = cluster.primary()
    kill_the_primary(cluster)
    figures, done = await playing
    retried = sum(ask["retried"] for ask in figures["asks"].values())
    record_property("retried", retried)
    assert done.returncode == 0, done.stderr + done.stdout
    assert figures["buyers"]["failed"] == figures["buyers"]["gave up"] == 0, done.stdout
    assert figures["buyers"]["bought"] + figures["buyers"]["empty-handed"] == BUYERS
    assert retried > 0 and cluster.primary() not in (None, was)
    await asyncio.to_thread(cluster.verify)
    await asyncio.to_thread(cluster.verify, "--fairness")


# In this order: afterwards there is one node and one member of PostgreSQL less.
@pytest.mark.parametrize("harm", [kill_the_primary, kill_a_node, kill_the_machine_of_the_primary],
                         ids=lambda harm: harm.__name__)
async def test_sales_go_on(cluster, harm, record_property):
    await asyncio.to_thread(wait_for_standby, cluster)
    async with SteadyApi(cluster.front) as api:
        tokens = await asyncio.gather(
            *(api.sign_in(f"fan{n}@example.com") for n in range(1, FANS + 1)))
        before = [await Buyer(api, token).balance() for token in tokens]
        shop = Shop(api, tokens, harm.__name__)
        selling = [asyncio.create_task(shop.open(number)) for number in range(FANS)]
        await shop.some_more()
        was = cluster.primary()
        harm(cluster)
        if harm is not kill_a_node:
            await until(lambda: cluster.primary() not in (None, was))
        await shop.some_more()
        shop_is_closed = [task.cancel() for task in selling]
        assert all(shop_is_closed), "a fan gave up"
        record_property("away_seconds", round(shop.away, 2))
        print(f"\n{harm.__name__}: no write was answered for {shop.away:.2f} s", end="")
        assert shop.away < AWAY_SECONDS_MAX
        for token, at_first, charged in zip(tokens, before, shop.charged, strict=True):
            # The last one may have been under way.
            assert await Buyer(api, token).balance() - at_first - charged in (0, 1)
    await asyncio.to_thread(cluster.verify)


def test_what_cannot_be_started_is_named(capfd):
    with private_clone() as clone:
        (clone / "etcd").touch(0o600)
        assert start(clone, PATH=str(clone)).wait(60) == 1
    assert "cluster: etcd cannot be started" in (said := capfd.readouterr().err)
    assert "Permission denied: 'etcd'" in said and "Traceback" not in said


def wait_for_standby(cluster: Cluster) -> None:
    deadline = time.monotonic() + 90
    while not (cluster.primary() and cluster.standby()):
        assert time.monotonic() < deadline, f"no synchronous standby: {cluster.members()}"
        time.sleep(0.2)
