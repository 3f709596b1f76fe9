"""One server on PostgreSQL: it keeps its promises when it is killed and when the database goes
away under it."""

import asyncio

from blackbox.client import Api, Buyer, SteadyApi, seats_of, sign_in_all
from blackbox.ledger import charge_until

EVENT, NIGHT = 1, 1
FANS = 12
CONNECTION_ENDS = 15


async def test_kill_9_loses_nothing_that_was_answered(park, postgres):
    server = park.start(database_url=postgres.new_database())
    async with Api(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        paid = await asyncio.gather(*(Buyer(api, token).shop(EVENT, NIGHT, [seat])
                                      for seat, token in enumerate(tokens, 1)))
    server.kill()
    server.verify()
    await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        sold = [seat["id"] for seat in await seats_of(api, NIGHT) if seat["status"] == "sold"]
        assert sold == list(range(1, FANS + 1))
        for token, reservation in zip(tokens, paid, strict=True):
            seen = await api.get(f"/v1/reservations/{reservation['id']}", token)
            assert seen.expect(200) == reservation
        assert [ticket["seat_id"] for ticket in await api.pages("/v1/tickets", tokens[4])] == [5]


async def test_64_for_one_seat_have_one_winner(park, postgres):
    server = park.start(database_url=postgres.new_database())
    async with Api(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        buyers = [Buyer(api, token) for token in tokens for _ in range(64 // FANS + 1)]
        for token in tokens:
            (await Buyer(api, token).enter()).expect(201)
        held = await asyncio.gather(*(buyer.hold(EVENT, NIGHT, [7]) for buyer in buyers))
        assert sorted(answer.status for answer in held) == [201] + [409] * (len(held) - 1)


async def test_connections_that_end_under_load_double_and_lose_nothing(park, postgres):
    server = park.start({"sales.seats_per_user_max": 10_000}, database_url=postgres.new_database())
    async with SteadyApi(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        done = asyncio.Event()
        charged = await asyncio.gather(
            *(charge_until(done, Buyer(api, token), f"fan-{n}") for n, token in enumerate(tokens)),
            end_often(postgres, server.database_url, done))
        for token, amount in zip(tokens, charged, strict=False):
            assert await Buyer(api, token).balance() == amount
        assert sum(charged[:-1]) > 0
        await api.wait_until_ready()
    server.verify()


async def end_often(postgres, url: str, done: asyncio.Event) -> None:
    ended = 0
    while ended < CONNECTION_ENDS:
        ended += await asyncio.to_thread(postgres.end_connections, url)
    done.set()
