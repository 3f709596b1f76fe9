"""While the database is away the server says so and stays up; when it is back, so is the box
office, by itself, with everything that was answered and nothing done twice."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from blackbox.client import Api, Buyer, SteadyApi, sign_in_all, until_ready_is
from blackbox.ledger import charge_until
from blackbox.wire import Wire

FANS = 8


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="onsale-wire-") as name:
        yield Path(name)


async def test_a_database_that_is_gone(park, postgres, folder):
    async with Wire(postgres.new_database(), folder) as wire:
        server = await asyncio.to_thread(park.start, database_url=wire.url)
        async with Api(server.url, unavailable_ok=True) as api:
            buyer = Buyer(api, await api.sign_in("fan1@example.com"))
            (await buyer.enter()).expect(201)
            await wire.cut()
            await until_ready_is(api, 503)
            for refused in (await buyer.charge(5, key="once"), await buyer.hold(1, 1, [1]),
                            await api.get("/v1/wallet", buyer.token)):
                assert refused.status == 503 and int(refused.headers["Retry-After"]) > 0
            (await api.get("/livez")).expect(200)
            (await api.get("/v1/performances/1/seats")).expect(200)
            await wire.mend()
            await until_ready_is(api, 200)
            (await buyer.charge(5, key="once")).expect(201)
            (await buyer.charge(5, key="once")).expect(201)
            assert await buyer.balance() == 5
            (await buyer.hold(1, 1, [1])).expect(201)
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize("ended", [False, True], ids=["comes back", "is replaced"])
async def test_a_network_that_drops_everything(park, postgres, folder, ended):
    """Nothing is closed, nothing arrives. Afterwards the old connections go on, or are gone."""
    database = postgres.new_database()
    async with Wire(database, folder) as wire:
        server = await asyncio.to_thread(park.start, {"wallet.charge_max": 1_000_000},
                                         database_url=wire.url)
        async with SteadyApi(server.url) as api, Api(server.url, unavailable_ok=True) as watch:
            tokens = await sign_in_all(api, FANS)
            done = asyncio.Event()
            charging = [asyncio.create_task(charge_until(done, Buyer(api, token), f"fan-{n}"))
                        for n, token in enumerate(tokens)]
            await until_ready_is(watch, 200)
            wire.silence()
            await until_ready_is(watch, 503)
            (await watch.get("/livez")).expect(200)
            if ended:
                await asyncio.to_thread(postgres.end_connections, database)
                await wire.cut()
            await wire.mend()
            await until_ready_is(watch, 200)
            done.set()
            charged = await asyncio.gather(*charging)
            for token, amount in zip(tokens, charged, strict=True):
                assert await Buyer(api, token).balance() == amount
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.verify)
