"""The six ways into the box office, with the same verbs for all: enter, look, hold, charge, pay.

Each is one user who knows one API. What a channel sees of a seat is said in its own words;
`WORDS` has what they should be for each status of the native API.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.dialects import availability, customers, dates, performances, schedules
from blackbox.dialects.base import DialectApi
from blackbox.server import Server

LISTED_OR_NOT = {"available": True, "held": False, "sold": False, "blocked": False}


@dataclass(frozen=True)
class Spot:
    """A seat and all that one has to say to name it."""

    event: int
    performance: int
    date: str
    seat: int
    label: str
    price: int


async def spots_of(api: Api, performance: int) -> list[Spot]:
    night = (await api.get(f"/v1/performances/{performance}")).expect(200)
    event = (await api.get(f"/v1/events/{night['event_id']}")).expect(200)
    zone = ZoneInfo(event["venue"]["time_zone"])
    date = datetime.fromisoformat(night["starts_at"]).astimezone(zone).date().isoformat()
    return [Spot(event["id"], performance, date, seat["id"], seat["label"], seat["price"])
            for seat in await seats_of(api, performance)]


@dataclass(frozen=True)
class Place:
    """Where one is in the waiting room; the position is 0 for who is in."""

    token: str
    position: int


class Channel:
    """What the six have in common. `HELD` and `TAKEN` are the statuses of a hold's answer."""

    HELD = 200
    TAKEN = 409
    WORDS: dict[str, Any] = LISTED_OR_NOT

    def __init__(self, server: Server, user: int, api: Api) -> None:
        self.user = user
        self.api = api
        self.access_token = server.tokens.fan(user)

    @classmethod
    def client(cls, url: str, **options: Any) -> Api:
        raise NotImplementedError

    async def enter(self) -> Place:
        raise NotImplementedError

    async def hold(self, spot: Spot) -> Answer:
        raise NotImplementedError

    async def pay(self, spot: Spot) -> Answer:
        """What this channel held last."""
        raise NotImplementedError

    async def charge(self, amount: int) -> Answer:
        raise NotImplementedError

    async def balance(self) -> int:
        raise NotImplementedError

    async def see(self, spot: Spot) -> Any:
        """The seat as it looks from here; enters first, as a session may be over."""
        raise NotImplementedError


class Native(Channel):
    HELD = 201
    WORDS = {status: status for status in LISTED_OR_NOT}

    def __init__(self, server: Server, user: int, api: Api) -> None:
        super().__init__(server, user, api)
        self.buyer = Buyer(api, self.access_token)
        self.reservation = 0

    @classmethod
    def client(cls, url: str, **options: Any) -> Api:
        return Api(url, **options)

    async def enter(self) -> Place:
        visitor = (await self.buyer.enter()).expect(200, 201)
        return Place(visitor["token"], visitor["position"])

    async def hold(self, spot: Spot) -> Answer:
        answer = await self.buyer.hold(spot.event, spot.performance, [spot.seat])
        if answer.status == self.HELD:
            self.reservation = answer.body["id"]
        return answer

    async def pay(self, spot: Spot) -> Answer:
        return await self.buyer.pay(self.reservation)

    async def charge(self, amount: int) -> Answer:
        return await self.buyer.charge(amount)

    async def balance(self) -> int:
        return await self.buyer.balance()

    async def see(self, spot: Spot) -> str:
        return one(await seats_of(self.api, spot.performance), "id", spot.seat)["status"]


class Performances(Channel):
    TAKEN = 400
    WORDS = {"available": "AVAILABLE", "held": "TEMPORARY_RESERVED", "sold": "RESERVED",
             "blocked": "RESERVED"}

    def __init__(self, server: Server, user: int, api: DialectApi) -> None:
        super().__init__(server, user, api)
        self.fan = performances.Fan(api, token=self.access_token)

    @classmethod
    def client(cls, url: str, **options: Any) -> DialectApi:
        return performances.client(url, **options)

    async def enter(self) -> Place:
        place = (await self.fan.performances()).expect(200, 202)["queue_data"]
        return Place(place["id"], place["rank"])

    async def hold(self, spot: Spot) -> Answer:
        return await self.fan.take(spot.seat)

    async def pay(self, spot: Spot) -> Answer:
        return await self.fan.pay(spot.seat)

    async def charge(self, amount: int) -> Answer:
        return await self.fan.charge(amount)

    async def balance(self) -> int:
        return (await self.fan.balance()).expect(200)["balance"]

    async def see(self, spot: Spot) -> str:
        seats = (await self.fan.seats(spot.performance)).expect(200)["data"]
        return one(seats, "id", spot.seat)["reservation_status"]


class Schedules(Channel):
    HELD = 201
    WORDS = {"available": "able", "held": "reserved", "sold": "soldout", "blocked": "closed"}

    def __init__(self, server: Server, user: int, api: DialectApi) -> None:
        super().__init__(server, user, api)
        self.person = schedules.User(api, user)

    @classmethod
    def client(cls, url: str, **options: Any) -> DialectApi:
        return schedules.client(url, **options)

    async def enter(self) -> Place:
        place = (await self.person.queue()).expect(200)
        return Place(place["token"], place["rank"])

    async def hold(self, spot: Spot) -> Answer:
        return await self.person.reserve(spot.performance, spot.seat)

    async def pay(self, spot: Spot) -> Answer:
        return await self.person.pay(spot.performance, spot.seat)

    async def charge(self, amount: int) -> Answer:
        return await self.person.charge(amount)

    async def balance(self) -> int:
        return (await self.person.points()).expect(200)["amount"]

    async def see(self, spot: Spot) -> str:
        await self.enter()
        return one((await self.person.seats(spot.performance)).expect(200), "id", spot.seat)["status"]


class Availability(Channel):
    HELD = 201

    def __init__(self, server: Server, user: int, api: DialectApi) -> None:
        super().__init__(server, user, api)
        self.person = availability.User(api, user)
        self.reservation = ""

    @classmethod
    def client(cls, url: str, **options: Any) -> DialectApi:
        return availability.client(url, **options)

    async def enter(self) -> Place:
        place = (await self.person.enter()).expect(200)
        return Place(place["token"], place["queuePosition"])

    async def hold(self, spot: Spot) -> Answer:
        answer = await self.person.reserve(spot.event, spot.date, spot.label)
        if answer.status == self.HELD:
            self.reservation = answer.body["reservationId"]
        return answer

    async def pay(self, spot: Spot) -> Answer:
        return await self.person.pay(spot.event, self.reservation, spot.price)

    async def charge(self, amount: int) -> Answer:
        return await self.person.charge(amount)

    async def balance(self) -> int:
        return (await self.person.balance()).expect(200)["balance"]

    async def see(self, spot: Spot) -> bool:
        await self.enter()
        days = (await self.person.availability(spot.event)).expect(200)["dates"]
        return any(day["date"] == spot.date and seat["seatNo"] == spot.label
                   for day in days for seat in day["availableSeats"])


class Customers(Channel):
    def __init__(self, server: Server, user: int, api: DialectApi) -> None:
        super().__init__(server, user, api)
        self.person = customers.Customer(api, user)

    @classmethod
    def client(cls, url: str, **options: Any) -> DialectApi:
        return customers.client(url, **options)

    async def enter(self) -> Place:
        place = (await self.person.enter()).expect(200)
        return Place(place["token"], place["watingNumber"])

    async def hold(self, spot: Spot) -> Answer:
        return await self.person.reserve(spot.event, [(spot.performance, spot.seat)], "김하늘")

    async def pay(self, spot: Spot) -> Answer:
        return await self.person.pay(spot.price)

    async def charge(self, amount: int) -> Answer:
        return await self.person.charge(amount)

    async def balance(self) -> int:
        return (await self.person.balance()).expect(200)["balance"]

    async def see(self, spot: Spot) -> bool:
        return spot.seat in (await self.person.seats(spot.event, spot.performance)).expect(200)["seats"]


class Dates(Channel):
    def __init__(self, server: Server, user: int, api: DialectApi) -> None:
        super().__init__(server, user, api)
        self.person = dates.User(api, user)

    @classmethod
    def client(cls, url: str, **options: Any) -> DialectApi:
        return dates.client(url, **options)

    async def enter(self) -> Place:
        """The waiting id of who is in is their number, not a position."""
        place = (await self.person.issue()).expect(200)
        return Place(place["token"], place["waitingId"] if place["status"] == "waiting" else 0)

    async def hold(self, spot: Spot) -> Answer:
        return await self.person.reserve(spot.seat)

    async def pay(self, spot: Spot) -> Answer:
        return await self.person.process(spot.price)

    async def charge(self, amount: int) -> Answer:
        return await self.person.charge(amount)

    async def balance(self) -> int:
        return (await self.person.balance()).expect(200)["balance"]

    async def see(self, spot: Spot) -> bool:
        return spot.seat in [seat["seatId"] for seat in (await self.person.seats(spot.date)).expect(200)]


ALL: list[type[Channel]] = [Native, Performances, Schedules, Availability, Customers, Dates]


def one(items: list[Json], key: str, value: Json) -> Json:
    [found] = [item for item in items if item[key] == value]
    return found


@asynccontextmanager
async def open_channels(server: Server, user_of: Callable[[int], int],
                        **options: Any) -> AsyncIterator[list[Channel]]:
    """All six; `user_of` says whose each is, by its index."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(kind.client(server.url, **options)) for kind in ALL]
        yield [kind(server, user_of(index), api)
               for index, (kind, api) in enumerate(zip(ALL, clients))]
