"""The network between a node and its database drops packets: nothing is closed, nobody is told.
What was answered is kept and done once, whoever can still reach the database goes on, and all are
back by themselves."""

import asyncio
from contextlib import ExitStack
from itertools import cycle

import pytest

from blackbox.client import Api, Buyer, SteadyApi, sign_in_all, until_ready_is
from blackbox.ledger import charge_until
from blackbox.network import NoNetwork, network, remote, remote_postgres
from blackbox.rights import not_possible_here

FANS = 8
OUTAGE_SECONDS_MAX = 30


@pytest.fixture
def cables():
    with ExitStack() as stack:
        try:
            made = stack.enter_context(network())
        except NoNetwork as error:
            not_possible_here("making a network", str(error))
        yield made


@pytest.fixture
def far_postgres(cables, folder):
    with remote_postgres(cables, folder / "postgres") as server:
        yield server


@pytest.fixture
def way(far_postgres, park, cables):
    """Between servers and database. However a test ends, they are seen off with it mended."""
    yield cables
    cables.mend()


def charge_all(apis, tokens: list[str], done: asyncio.Event) -> list[asyncio.Task[int]]:
    buyers = [Buyer(api, token) for api, token in zip(cycle(apis), tokens, strict=False)]
    return [asyncio.create_task(charge_until(done, buyer, f"fan-{n}"))
            for n, buyer in enumerate(buyers)]


async def check_all(api: Api, tokens: list[str], charging: list[asyncio.Task[int]]) -> None:
    for token, amount in zip(tokens, await asyncio.gather(*charging), strict=True):
        assert await Buyer(api, token).balance() == amount


async def test_the_only_node_is_cut_off(way, far_postgres, park):
    url = remote(far_postgres.new_database(), way)
    server = await asyncio.to_thread(park.start, {"wallet.charge_max": 1_000_000}, database_url=url)
    async with SteadyApi(server.url) as api, Api(server.url, unavailable_ok=True) as watch:
        tokens = await sign_in_all(api, FANS)
        done = asyncio.Event()
        charging = charge_all([api], tokens, done)
        await until_ready_is(watch, 200, OUTAGE_SECONDS_MAX)
        way.cut()
        await until_ready_is(watch, 503, OUTAGE_SECONDS_MAX)
        (await watch.get("/livez")).expect(200)
        way.mend()
        await until_ready_is(watch, 200, OUTAGE_SECONDS_MAX)
        done.set()
        await check_all(api, tokens, charging)


async def test_one_of_two_nodes_is_cut_off(way, far_postgres, park):
    """It is the one that leads, in the midst of its batches, with their rows locked."""
    url = far_postgres.new_database()
    sets = {"wallet.charge_max": 1_000_000}
    lost = await asyncio.to_thread(park.start, sets, database_url=remote(url, way))
    left = await asyncio.to_thread(park.start, sets, database_url=url)
    async with (SteadyApi(lost.url, left.url) as first, SteadyApi(left.url) as second,
                Api(lost.url, unavailable_ok=True) as watch):
        tokens = await sign_in_all(second, FANS)
        done = asyncio.Event()
        charging = charge_all([first, second], tokens, done)
        witness = Buyer(second, await second.sign_in("organiser@example.com"))
        (await witness.charge(1)).expect(201)
        way.cut()
        # Whatever the lost one had locked is free again by itself.
        async with asyncio.timeout(OUTAGE_SECONDS_MAX):
            while (await watch.get("/readyz")).status != 503:
                (await witness.charge(1)).expect(201)
        way.mend()
        await until_ready_is(watch, 200, OUTAGE_SECONDS_MAX)
        done.set()
        await check_all(second, tokens, charging)
