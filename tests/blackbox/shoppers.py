"""Many buyers who together sell out a performance, in processes of their own: one Python
process cannot ask as fast as the server answers."""

import asyncio
import multiprocessing
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from blackbox.client import Api, Buyer
from blackbox.tokens import fan_email

CONNECTIONS = 48
SEATS_AT_ONCE = 4
LOOK_SECONDS = 0.5


@dataclass
class Errand:
    """What one process is to do. Plain data: it travels between processes."""

    url: str
    event: int
    performance: int
    fans: list[int]
    seats_per_fan: int
    seed: int


@dataclass
class Purchases:
    """What became of it."""

    seats: dict[int, list[int]] = field(default_factory=dict)  # by fan
    spent: dict[int, int] = field(default_factory=dict)  # by fan
    refusals: Counter = field(default_factory=Counter)


class SharedMap:
    """The seats that were free when last looked; kept up to date by the changes alone."""

    def __init__(self, api: Api, performance: int) -> None:
        self.api = api
        self.path = f"/v1/performances/{performance}/seats"
        self.version = 0
        self.status: dict[int, str] = {}
        self.free: list[int] = []  # as last seen; some are gone by now

    async def look(self) -> None:
        query = f"?since={self.version}" if self.status else ""
        document = (await self.api.get(self.path + query)).expect(200)
        self.version = document["version"]
        self.status |= {seat["id"]: seat["status"] for seat in document["seats"]}
        self.free = [seat for seat, status in self.status.items() if status == "available"]

    def choose(self, chance: random.Random, wanted: int) -> list[int]:
        """Seats side by side, so that wishes overlap but do not all collide."""
        begin = chance.randrange(len(self.free))
        return self.free[begin:begin + wanted] or self.free[-wanted:]

    def taken(self, seats: list[int]) -> None:
        gone = set(seats)
        self.free = [seat for seat in self.free if seat not in gone]
        self.status |= dict.fromkeys(seats, "taken")

    @property
    def sold_out(self) -> bool:
        return bool(self.status) and not any(s in ("available", "held") for s in self.status.values())


class Party:
    """The fans of one process."""

    def __init__(self, api: Api, errand: Errand) -> None:
        self.api = api
        self.errand = errand
        self.chance = random.Random(errand.seed)
        self.map = SharedMap(api, errand.performance)
        self.done = Purchases()
        self.over = False

    async def run(self) -> Purchases:
        await self.map.look()
        looking = asyncio.create_task(self.keep_looking())
        await asyncio.gather(*(self.shop(fan) for fan in self.errand.fans))
        self.over = True
        await looking
        return self.done

    async def keep_looking(self) -> None:
        while not self.over:
            await asyncio.sleep(LOOK_SECONDS)
            await self.map.look()

    async def shop(self, fan: int) -> None:
        buyer = Buyer(self.api, await self.api.sign_in(fan_email(fan)))
        seats = self.done.seats[fan] = []
        self.done.spent[fan] = 0
        while len(seats) < self.errand.seats_per_fan and not self.map.sold_out:
            visitor = (await buyer.enter()).expect(200, 201)
            if visitor["state"] == "waiting":
                visitor = await buyer.wait_until_active(visitor["token"], pause=0.5, seconds=120)
            if visitor["state"] == "active" and not await self.buy(fan, buyer, seats):
                (await buyer.leave(visitor["token"])).expect(200)

    async def buy(self, fan: int, buyer: Buyer, seats: list[int]) -> bool:
        """One reservation; false if there was nothing left to choose from."""
        while not self.map.sold_out:
            if not self.map.free:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            wanted = min(SEATS_AT_ONCE, self.errand.seats_per_fan - len(seats))
            chosen = self.map.choose(self.chance, wanted)
            held = await buyer.hold(self.errand.event, self.errand.performance, chosen)
            if held.status == 201:
                self.map.taken(chosen)
                await self.pay(fan, buyer, held.body)
                seats += chosen
                return True
            self.done.refusals[held.slug] += 1
            if held.slug != "seat-taken":
                return False
            self.map.taken(held.body["seat_ids"])
        return False

    async def pay(self, fan: int, buyer: Buyer, reservation: dict) -> None:
        (await buyer.charge(reservation["total"])).expect(201)
        (await buyer.pay(reservation["id"])).expect(201)
        self.done.spent[fan] += reservation["total"]


async def _run(errand: Errand) -> Purchases:
    async with Api(errand.url, connections=CONNECTIONS) as api:
        return await Party(api, errand).run()


def _process(errand: Errand) -> Purchases:
    return asyncio.run(_run(errand))


def send_out(errands: list[Errand]) -> list[Purchases]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(errands), mp_context=context) as pool:
        return list(pool.map(_process, errands))
