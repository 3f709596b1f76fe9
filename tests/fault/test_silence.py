"""Time in which people cannot be heard does not count against those who wait: whoever asks again
keeps the place, and whoever is silent afterwards loses it."""

import asyncio
import os
import signal
import tempfile
from pathlib import Path

import pytest

from blackbox.client import Api, Buyer, sign_in_all, until_ready_is
from blackbox.wire import Wire

FANS = 12
TIMEOUT = 3.0  # of silence, while waiting and after the admission
OUTAGE = 1.5 * TIMEOUT
LIMITS = {"waiting_room.active_sessions_max": 1,
          "waiting_room.idle_timeout": f"{TIMEOUT:.0f}s",
          "waiting_room.claim_timeout": f"{TIMEOUT:.0f}s"}


async def states(api: Api, visitors: list[str]) -> list[str]:
    looks = await asyncio.gather(*(api.get(f"/v1/visitors/{token}") for token in visitors))
    return [look.expect(200)["state"] for look in looks]


async def keep_asking(api: Api, visitors: list[str], seconds: float) -> None:
    """Twice a second; each is answered, and waits."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        assert set(await states(api, visitors)) == {"waiting"}
        await asyncio.sleep(0.5)


async def until_the_silent_one_is_gone(api: Api, visitors: list[str]) -> None:
    """The others keep asking, and the first of them is then the first in line."""
    while (await api.get(f"/v1/visitors/{visitors[0]}")).expect(200)["position"] != 1:
        await keep_asking(api, visitors, 0.5)
    assert set(await states(api, visitors)) == {"waiting"}


class Line:
    """One is inside; the first who waits is silent, the others ask."""

    @classmethod
    async def form(cls, api: Api, tokens: list[str]) -> "Line":
        line = cls()
        line.inside, *line.buyers = [Buyer(api, token) for token in tokens]
        line.active = (await line.inside.enter()).expect(201)["token"]
        line.visitors = [(await buyer.enter()).expect(201)["token"] for buyer in line.buyers]
        line.asking = line.visitors[1:]
        return line


@pytest.mark.parametrize("stopped", [False, True], ids=["killed", "stopped"])
async def test_a_server_that_is_away_for_long(start_server, stopped):
    server = start_server(LIMITS)
    tokens = [server.tokens.fan(n) for n in range(1, FANS + 1)]
    async with Api(server.url) as api:
        line = await Line.form(api, tokens)
        await line.inside.leave(line.active)  # the first is admitted, and does not know yet
        if stopped:
            os.kill(server.pid, signal.SIGSTOP)
        else:
            server.kill()
    await asyncio.sleep(OUTAGE)
    if stopped:
        os.kill(server.pid, signal.SIGCONT)
    else:
        await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        assert await states(api, line.visitors) == ["active"] + ["waiting"] * (FANS - 2)
        await until_the_silent_one_is_gone(api, line.visitors[2:])
        assert await states(api, line.visitors[:2]) == ["active", "expired"]
    server.stop()
    server.verify()


async def test_a_database_that_is_away_for_long(park, postgres):
    with tempfile.TemporaryDirectory(prefix="onsale-wire-") as folder:
        async with Wire(postgres.new_database(), Path(folder)) as wire:
            server = await asyncio.to_thread(park.start, LIMITS, database_url=wire.url)
            async with Api(server.url, unavailable_ok=True) as api:
                line = await Line.form(api, await sign_in_all(api, FANS))
                await wire.cut()
                await keep_asking(api, line.asking, OUTAGE)
                await wire.mend()
                await until_ready_is(api, 200)
                first = (await api.get(f"/v1/visitors/{line.asking[0]}")).expect(200)
                assert first["position"] == 2, "the silent one could not be heard either"
                await until_the_silent_one_is_gone(api, line.asking)
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.verify)


async def test_whichever_node_hears_them(park, postgres):
    """The second node does not look after what is due; the first one hears nobody."""
    database = postgres.new_database()
    first = await asyncio.to_thread(park.start, LIMITS, database_url=database)
    second = await asyncio.to_thread(park.start, LIMITS, database_url=database)
    async with Api(first.url) as api, Api(second.url) as other:
        line = await Line.form(api, await sign_in_all(api, FANS))
        await keep_asking(other, line.asking, 3 * TIMEOUT)
        await until_the_silent_one_is_gone(other, line.asking)
    first.verify()


async def test_a_node_that_starts_again_and_again_excuses_nobody(park, postgres):
    """The other one goes on hearing people."""
    database = postgres.new_database()
    first = await asyncio.to_thread(park.start, LIMITS, database_url=database)
    second = await asyncio.to_thread(park.start, LIMITS, database_url=database)
    async with Api(first.url) as api:
        line = await Line.form(api, await sign_in_all(api, FANS))
        gone = asyncio.create_task(until_the_silent_one_is_gone(api, line.asking))
        while not gone.done():
            await asyncio.to_thread(second.restart)
        await gone
    second.verify()
