"""kill -9 under load: what was answered is there, what was not answered is not half there."""

import asyncio
import random

from blackbox.client import Api, Buyer, seats_of
from blackbox.ledger import NIGHT, Witness, hear_all
from blackbox.room_audit import check_room

WITNESSES = 48
ACTIVE_MAX = 32
ROUNDS = 3


async def test_kill_under_load_three_times(start_server):
    server = start_server({"waiting_room.active_sessions_max": ACTIVE_MAX,
                           "sales.seats_per_user_max": 10_000, "sales.hold_duration": "1h"})
    tokens = {n: server.tokens.fan(n) for n in range(1, WITNESSES + 1)}
    async with Api(server.url) as api:
        seats = [seat["id"] for seat in await seats_of(api, NIGHT)][:3000]
    witnesses = [Witness(n, seats) for n in tokens]
    unanswered = 0
    for _ in range(ROUNDS):
        unanswered += await load_and_kill(server, witnesses, tokens)
        server.verify()
        await asyncio.to_thread(server.start)
        async with Api(server.url) as api:
            await hear_all(api, tokens, witnesses)
            assert all(witness.under_way is None for witness in witnesses)
        server.verify()
    server.stop()
    server.verify()
    check_room(server.file, ACTIVE_MAX)
    assert sum(len(witness.paid) for witness in witnesses) > 100
    assert unanswered > 0, "nothing was ever under way: no real test"


async def load_and_kill(server, witnesses, tokens) -> int:
    """Kills when some hundred writes have been answered and others are under way (at times all
    buyers only wait for their turn). Returns how many never got an answer."""
    before = sum(witness.answers for witness in witnesses)
    target = before + random.randint(400, 800)
    async with Api(server.url, connections=WITNESSES) as api:
        load = asyncio.gather(*(w.run(Buyer(api, tokens[w.number])) for w in witnesses))
        while (sum(witness.answers for witness in witnesses) < target
               or sum(witness.under_way is not None for witness in witnesses) < 5):
            assert not load.done(), "the load ended by itself"
            await asyncio.sleep(0)
        server.process.kill()
        await load
    server.kill()
    return sum(witness.under_way is not None for witness in witnesses)


async def test_kill_while_the_demo_is_filled(park):
    """A start that is cut short anywhere leaves nothing or everything."""
    server = park.make()
    for delay_ms in (5, 20, 50, 100, 150, 200, 300):
        process = await asyncio.create_subprocess_exec(
            *server.command(), cwd=server.folder, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL)
        await asyncio.sleep(delay_ms / 1000)
        process.kill()
        await process.wait()
    server.start()
    async with Api(server.url) as api:
        assert len((await api.get("/v1/events")).expect(200)["items"]) == 3
        assert len(await seats_of(api, 4)) > 10_000
        await api.sign_in("fan1000@example.com")
    server.verify()
