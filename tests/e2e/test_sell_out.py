"""A real arena, sold to the last seat over HTTP by hundreds of buyers at once."""

import asyncio
import time
from collections import Counter

from blackbox.client import Api, seats_of
from blackbox.room_audit import check_room
from blackbox.shoppers import Errand, Purchases, send_out

ARENA, NIGHT = 2, 5
SEATS_PER_FAN = 20
FANS = 700
PROCESSES = 2
ACTIVE_MAX = 300


async def test_sell_out(start_server, capsys):
    server = start_server({"sales.seats_per_user_max": SEATS_PER_FAN,
                           "waiting_room.active_sessions_max": ACTIVE_MAX,
                           "wallet.charge_max": 10**12})
    errands = [Errand(server.url, ARENA, NIGHT, list(range(n, FANS + 1, PROCESSES)), SEATS_PER_FAN, n)
               for n in range(1, PROCESSES + 1)]
    began = time.monotonic()
    purchases = await asyncio.to_thread(send_out, errands)
    seconds = time.monotonic() - began
    async with Api(server.url) as api:
        sold = await check_everything_is_sold(api, purchases)
        await check_buyers(api, server, purchases)
    server.verify()
    visits = check_room(server.file, ACTIVE_MAX)
    refusals = sum((each.refusals for each in purchases), Counter())
    with capsys.disabled():
        print(f"\nsold {sold} seats in {seconds:.1f} s, {sold / seconds:.0f} seats/s, to {FANS} fans in "
              f"{len(visits)} visits; refused on the way: {dict(refusals)}")
    assert set(refusals) <= {"seat-taken", "not-admitted"}


async def check_everything_is_sold(api: Api, purchases: list[Purchases]) -> int:
    seats = await seats_of(api, NIGHT)
    assert {seat["status"] for seat in seats} == {"sold"}
    assert (await api.get(f"/v1/performances/{NIGHT}")).expect(200)["seats_available"] == 0
    bought = Counter(seat for each in purchases for mine in each.seats.values() for seat in mine)
    assert set(bought.values()) == {1}
    assert set(bought) == {seat["id"] for seat in seats}
    spent = sum(sum(each.spent.values()) for each in purchases)
    assert spent == sum(seat["price"] for seat in seats)
    assert {seat["status"] for seat in await seats_of(api, NIGHT - 1)} == {"available"}
    return len(seats)


async def check_buyers(api: Api, server, purchases: list[Purchases]) -> None:
    """Each has a ticket for each seat, and each won is accounted for."""
    async def check(fan: int, seats: list[int], spent: int) -> list[int]:
        token = server.tokens.fan(fan)
        tickets = await api.pages("/v1/tickets", token)
        assert sorted(ticket["seat_id"] for ticket in tickets) == sorted(seats)
        assert all(ticket["state"] == "issued" for ticket in tickets)
        transfers = await api.pages("/v1/wallet/transfers", token)
        assert sum(t["amount"] for t in transfers if t["amount"] < 0) == -spent
        assert sum(t["amount"] for t in transfers) == 0
        assert (await api.get("/v1/wallet", token)).expect(200)["balance"] == 0
        return [ticket["id"] for ticket in tickets]
    checks = [check(fan, seats, each.spent[fan])
              for each in purchases for fan, seats in each.seats.items()]
    ids = [ticket for tickets in await asyncio.gather(*checks) for ticket in tickets]
    assert len(ids) == len(set(ids))
