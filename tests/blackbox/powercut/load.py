"""Customers who shop from many connections at once and note each answer."""

import asyncio
import itertools
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import aiohttp

from blackbox.client import Answer, Api
from blackbox.powercut.notes import Notebook, Request

ROOM = 1
EVENT = 1
CHARGES_AT_ONCE = 3


class Stopped(Exception):
    """The server is gone, or cannot write, or it is enough."""


class Customer:
    def __init__(self, user: int, token: str, book: Notebook, chance: random.Random) -> None:
        self.user = user
        self.token = token
        self._book = book
        self._chance = chance
        self._keys = itertools.count(1)

    async def run(self, api: Api, seats: list[tuple[int, int]], enough: asyncio.Event) -> None:
        charging = (self._go_on(lambda: self._charge(api), enough) for _ in range(CHARGES_AT_ONCE))
        await asyncio.gather(self._go_on(lambda: self._shop(api, seats), enough), *charging)

    async def _go_on(self, once: Callable, enough: asyncio.Event) -> None:
        while not enough.is_set():
            try:
                await once()
            except Stopped:
                return

    async def _charge(self, api: Api, amount: int | None = None) -> None:
        amount = amount or self._chance.randint(1, 1000)
        await self._write(api, "charge", "POST", "/v1/wallet/charges", {"amount": amount})

    async def _shop(self, api: Api, seats: list[tuple[int, int]]) -> None:
        await self._write(api, "enter", "POST", f"/v1/waiting-rooms/{ROOM}/visitors", None)
        chosen = [{"performance_id": performance, "seat_id": seat}
                  for performance, seat in self._chance.sample(seats, self._chance.randint(1, 2))]
        held = await self._write(api, "hold", "POST", "/v1/reservations",
                                 {"event_id": EVENT, "seats": chosen})
        if held.status >= 300:
            return await self._charge(api)
        path = f"/v1/reservations/{held.body['id']}"
        if self._chance.random() < 0.3:
            await self._charge(api, held.body["total"])
            await self._write(api, "pay", "POST", f"{path}/payment", {})
        else:
            await self._write(api, "cancel", "DELETE", path, None)

    async def _write(self, api: Api, kind: str, method: str, path: str, sent: object) -> Answer:
        request = Request(kind, self.user, method, path, sent, f"{self.user}-{next(self._keys)}")
        try:
            answer = await self._book.ask(api, request, self.token)
        except (aiohttp.ClientError, OSError):
            raise Stopped from None
        if answer.status == 503:
            raise Stopped
        return answer


async def shop_until(url: str, customers: list[Customer], seats: list[tuple[int, int]],
                     done: Callable[[], bool]) -> None:
    """All of them, until `done` or until each of them got no answer or 503."""
    enough = asyncio.Event()
    async with Api(url, connections=len(customers) * (CHARGES_AT_ONCE + 1), unavailable_ok=True) as api:
        shopping = asyncio.gather(*(each.run(api, seats, enough) for each in customers))
        while not done() and not shopping.done():
            await asyncio.sleep(0.01)
        enough.set()
        await shopping


async def ask_again(url: str, customers: list[Customer], book: Notebook, file: Path) -> int:
    """What got no answer, with the same keys. First what has been done, of which the database already
    has the answer: that it gives without writing anything. Then all that is still to be done.
    Returns how many had been done."""
    requests, book.unanswered = book.unanswered, []
    tokens = {each.user: each.token for each in customers}
    done = keys_in(file)
    async with Api(url) as api:
        async def ask(request: Request, is_done: bool) -> None:
            await book.ask(api, request, tokens[request.user], after_accident=is_done)
        for is_done in (True, False):
            await asyncio.gather(*(ask(each, is_done) for each in requests
                                   if ((each.user, each.key) in done) == is_done))
    return sum((each.user, each.key) in done for each in requests)


def keys_in(file: Path) -> set[tuple[int, str]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        return set(db.execute("select user_id, key from idempotency"))
