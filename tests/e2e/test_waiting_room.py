"""The line: exact positions, admission strictly in order, no slot wasted, through restarts."""

import asyncio
import itertools
import random
from collections.abc import Iterator

from blackbox.client import Api, Buyer, SteadyApi, seats_of
from blackbox.room_audit import check_room, visits_of
from blackbox.server import Server

FANS = 1000
ARENA, ARENA_NIGHT = 2, 4
CONNECTIONS = 64


async def enter_all(api: Api, server: Server, numbers: range) -> dict[Buyer, str]:
    """Everybody at once; {buyer: visitor token}."""
    crowd = [Buyer(api, server.tokens.fan(n)) for n in numbers]
    answers = await asyncio.gather(*(buyer.enter() for buyer in crowd))
    return {buyer: answer.expect(201)["token"] for buyer, answer in zip(crowd, answers)}


async def look_at_all(api: Api, tokens: list[str]) -> list[dict]:
    """All visitors by number. Only where nothing moves is this one moment."""
    answers = await asyncio.gather(*(api.get(f"/v1/visitors/{token}") for token in tokens))
    return sorted((answer.expect(200) for answer in answers), key=lambda body: body["number"])


def check_line(visitors: list[dict], active_max: int) -> None:
    """Positions 1..n without gaps by number, behind those who are active."""
    live = [visitor for visitor in visitors if visitor["state"] in ("active", "waiting")]
    active = live[:active_max]
    waiting = live[active_max:]
    assert all((v["state"], v["position"]) == ("active", 0) for v in active)
    assert all(v["state"] == "waiting" for v in waiting)
    assert [v["position"] for v in waiting] == list(range(1, len(waiting) + 1))
    assert [v["people_behind"] for v in waiting] == list(range(len(waiting) - 1, -1, -1))
    assert all(v["people_behind"] == len(waiting) for v in active)
    assert all(v["position"] is None for v in visitors if v not in live)


async def test_positions_are_exact(start_server):
    active_max = 10
    server = start_server({"waiting_room.active_sessions_max": active_max})
    async with SteadyApi(server.url, connections=CONNECTIONS) as api:
        tokens = await enter_all(api, server, range(1, FANS + 1))
        owners = {token: buyer for buyer, token in tokens.items()}
        line = await look_at_all(api, list(owners))
        assert [visitor["number"] for visitor in line] == list(range(1, FANS + 1))
        check_line(line, active_max)

        async def leave(leavers: list[dict]) -> list[dict]:
            await asyncio.gather(*(owners[v["token"]].leave(v["token"]) for v in leavers))
            after = await look_at_all(api, list(owners))
            check_line(after, active_max)
            return after

        line = await leave(random.sample(line[active_max:], 300))
        line = await leave([v for v in line if v["state"] == "active"][::2])
        line = await pay_all_active(api, owners, line)
        check_line(line, active_max)
        for go_down in (server.stop, server.kill):
            await asyncio.to_thread(go_down)
            await asyncio.to_thread(server.start)
            after = await look_at_all(api, list(owners))
            assert [position(v) for v in after] == [position(v) for v in line]
        line = await leave(random.sample([v for v in line if position(v)[2] is not None], 500))
    check_room(server.file, active_max)


def position(visitor: dict) -> tuple:
    return visitor["number"], visitor["state"], visitor["position"]


async def pay_all_active(api: Api, owners: dict[str, Buyer], line: list[dict]) -> list[dict]:
    seats = iter(await seats_of(api, 1))
    active = [visitor for visitor in line if visitor["state"] == "active"]

    async def pay(visitor: dict, seat: int) -> None:
        buyer = owners[visitor["token"]]
        held = (await buyer.hold(1, 1, [seat])).expect(201)
        (await buyer.charge(held["total"])).expect(201)
        (await buyer.pay(held["id"])).expect(201)
    await asyncio.gather(*(pay(visitor, next(seats)["id"]) for visitor in active))
    after = await look_at_all(api, list(owners))
    assert all(v["state"] == "completed" for v in after if v["token"] in {a["token"] for a in active})
    return after


async def test_who_comes_first_is_first(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with Api(server.url) as api:
        for number in range(1, 31):
            entered = (await Buyer(api, server.tokens.fan(number)).enter()).expect(201)
            assert entered["number"] == number
            assert entered["position"] == number - 1
            assert entered["state"] == ("active" if number == 1 else "waiting")
        waiting = (await Buyer(api, server.tokens.fan(30)).enter())
        assert waiting.expect(200)["position"] == 29
        assert int(waiting.headers["Retry-After"]) >= 1
        seat = (await seats_of(api, 1))[0]["id"]
        refused = await Buyer(api, server.tokens.fan(30)).hold(1, 1, [seat])
        assert refused.refused(403, "not-admitted")["position"] == 29


async def test_leaving_gives_the_slot_to_the_next(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with Api(server.url) as api:
        tokens = await enter_all(api, server, range(1, 21))
        order = [(v["token"], {t: b for b, t in tokens.items()}[v["token"]])
                 for v in await look_at_all(api, list(tokens.values()))]
        for (token, buyer), (following, _) in itertools.pairwise(order):
            (await buyer.leave(token)).expect(200)
            assert (await api.get(f"/v1/visitors/{following}")).expect(200)["state"] == "active"


# ---- a crowd that does as it likes ---------------------------------------------------

class Crowd:
    """Fans who come again and again, and leave, pay or dawdle at random."""

    def __init__(self, api: Api, seats: Iterator[int]) -> None:
        self.api = api
        self.seats = seats
        self.visits = 0
        self.paid = 0

    async def come(self, buyer: Buyer, times: int) -> None:
        for _ in range(times):
            await self.visit(buyer)
            self.visits += 1

    async def visit(self, buyer: Buyer) -> None:
        token = (await buyer.enter()).expect(200, 201)["token"]
        if random.random() < 0.2:
            await asyncio.sleep(random.random())
            (await buyer.leave(token)).expect(200)
            return
        state = await self.wait(token)
        mood = random.choice(["leave", "leave", "pay", "pay", "dawdle"])
        if mood == "pay" and state == "active":
            await self.pay(buyer)
        elif mood == "leave":
            (await buyer.leave(token)).expect(200)
        await self.wait_until_over(token, buyer)

    async def wait(self, token: str) -> str:
        while True:
            body = (await self.api.get(f"/v1/visitors/{token}")).expect(200)
            if body["state"] != "waiting":
                return body["state"]
            await asyncio.sleep(0.05 + min(1.5, 0.004 * body["position"]))

    async def pay(self, buyer: Buyer) -> None:
        """May come too late for each step; then the visit just ends."""
        key = str(random.random())
        held = await buyer.hold(ARENA, ARENA_NIGHT, [next(self.seats)], key=key)
        if held.status == 403:
            return
        total = held.expect(200, 201)["total"]
        (await buyer.charge(total, key=key)).expect(200, 201)
        (await buyer.pay(held.body["id"], key=key)).expect(200, 201)
        self.paid += 1

    async def wait_until_over(self, token: str, buyer: Buyer) -> None:
        """Paying ends this visit, unless it ran out in between; then it is over anyway."""
        while (await self.api.get(f"/v1/visitors/{token}")).expect(200)["state"] == "active":
            await asyncio.sleep(0.2)


async def test_thousands_of_visits(start_server):
    active_max = 50
    server = start_server({"waiting_room.active_sessions_max": active_max,
                           "waiting_room.session_duration": "1s",
                           "waiting_room.claim_timeout": "800ms",
                           "sales.seats_per_user_max": 50})
    async with SteadyApi(server.url, connections=CONNECTIONS) as api:
        crowd = Crowd(api, iter([seat["id"] for seat in await seats_of(api, ARENA_NIGHT)]))
        fans = [Buyer(api, server.tokens.fan(n)) for n in range(1, FANS + 1)]
        everybody = asyncio.gather(*(crowd.come(fan, 3) for fan in fans))
        for visits, go_down in ((800, server.stop), (1800, server.kill)):
            while crowd.visits < visits and not everybody.done():
                await asyncio.sleep(0.05)
            await asyncio.to_thread(go_down)
            await asyncio.to_thread(server.start)
        await everybody
        assert crowd.visits == 3 * FANS and crowd.paid > 200
        sold = [seat for seat in await seats_of(api, ARENA_NIGHT) if seat["status"] == "sold"]
        assert len(sold) == crowd.paid
    visits = check_room(server.file, active_max)
    states = {visit.state for visit in visits}
    assert states == {"completed", "expired", "left"}
    assert len(visits) >= 3 * FANS


# ---- pace ----------------------------------------------------------------------------

async def test_admission_rate(start_server):
    """10 a second, at most a second's worth at once, and nothing saved up over a restart."""
    server = start_server({"waiting_room.admission_rate_per_minute": 600})
    async with SteadyApi(server.url) as api:
        await enter_all(api, server, range(1, 26))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        tokens = await enter_all(api, server, range(26, 41))
        last = max(await look_at_all(api, list(tokens.values())), key=lambda v: v["number"])
        await Buyer(api, server.tokens.fan(40)).wait_until_active(last["token"])
    times = [visit.activated for visit in visits_of(server.file)]
    for first, second in itertools.combinations(range(len(times)), 2):
        span = times[second] - times[first]
        assert second - first + 1 <= 10 + span / 100 + 1, f"{first}..{second} within {span} ms"
    assert times == sorted(times)
