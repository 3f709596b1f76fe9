"""Buyers who note what was answered to them, to ask for it after an accident.

Every write has an Idempotency-Key, so the one that was under way can be repeated afterwards.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable

import aiohttp

from blackbox.client import Answer, Api, Buyer

ARENA, NIGHT = 2, 4


class Witness:
    """One buyer. `run` shops until the server is gone; `testify` checks what it has afterwards."""

    def __init__(self, number: int, seats: list[int]) -> None:
        self.number = number
        self.seats = seats
        self.answers = 0
        self.charges: dict[int, int] = {}  # amount by transfer id
        self.visitors: dict[str, int] = {}  # number by token
        self.held: dict[int, dict] = {}  # answered reservations, as they were answered
        self.paid: dict[int, dict] = {}
        self.under_way: tuple[str, Callable[[Buyer], Awaitable[Answer]]] | None = None
        self._keys = itertools.count(1)

    async def run(self, buyer: Buyer) -> None:
        try:
            while True:
                await self.round(buyer)
        except (aiohttp.ClientError, OSError):
            pass  # the accident; `under_way` says what was lost, if anything

    async def round(self, buyer: Buyer) -> None:
        entered = await self.write("enter", lambda b, key: b.enter(key=key), buyer)
        visitor = await buyer.wait_until_active(entered.body["token"], pause=0.05)
        chosen = random.sample(self.seats, random.randint(1, 3))
        held = await self.write("hold", lambda b, key: b.hold(ARENA, NIGHT, chosen, key=key), buyer)
        amount = held.body["total"] if held.status < 300 else random.randint(1, 1000)
        await self.write("charge", lambda b, key: b.charge(amount, key=key), buyer)
        if held.status < 300 and random.random() < 0.8:
            reservation = held.body["id"]
            await self.write("pay", lambda b, key: b.pay(reservation, key=key), buyer)
        else:
            await buyer.leave(visitor["token"])

    async def write(self, kind: str, send: Callable[[Buyer, str], Awaitable[Answer]],
                    buyer: Buyer) -> Answer:
        key = f"{self.number}-{next(self._keys)}"
        self.under_way = (kind, lambda again: send(again, key))
        answer = await send(buyer, key)
        self.under_way = None
        self.note(kind, answer)
        return answer

    def note(self, kind: str, answer: Answer) -> None:
        if answer.status >= 300:
            assert kind == "hold" and answer.status in (403, 409), str(answer)
            return
        self.answers += 1
        body = answer.body
        if kind == "enter":
            self.visitors[body["token"]] = body["number"]
        elif kind == "hold":
            self.held[body["id"]] = body
        elif kind == "charge":
            self.charges[body["transfer_id"]] = body["amount"]
        else:
            self.paid[body["id"]] = body

    async def testify(self, api: Api, token: str) -> None:
        """All that was answered is there; what was under way happened once or not at all."""
        buyer = Buyer(api, token)
        await self.check(buyer, doubtful=self.under_way[0] if self.under_way else None)
        if self.under_way:
            kind, send_again = self.under_way
            self.note(kind, await send_again(buyer))
            self.under_way = None
            await self.check(buyer, doubtful=None)

    async def check(self, buyer: Buyer, doubtful: str | None) -> None:
        await self.check_money(buyer, doubtful)
        await self.check_reservations(buyer, doubtful)
        for token, number in self.visitors.items():
            assert (await buyer.api.get(f"/v1/visitors/{token}")).expect(200)["number"] == number

    async def check_money(self, buyer: Buyer, doubtful: str | None) -> None:
        transfers = await buyer.api.pages("/v1/wallet/transfers", buyer.token)
        charges = {t["id"]: t["amount"] for t in transfers if t["cause"] == "charge"}
        assert self.charges.items() <= charges.items(), f"fan {self.number} lost a charge"
        assert len(charges) - len(self.charges) <= (1 if doubtful == "charge" else 0)
        assert await buyer.balance() == sum(t["amount"] for t in transfers)
        paid_for = {t["reservation_id"] for t in transfers if t["cause"] == "payment"}
        assert set(self.paid) <= paid_for
        assert len(paid_for - set(self.paid)) <= (1 if doubtful == "pay" else 0)

    async def check_reservations(self, buyer: Buyer, doubtful: str | None) -> None:
        kept = {r["id"]: r for r in await buyer.api.pages("/v1/reservations", buyer.token)}
        assert set(self.held) <= set(kept), f"fan {self.number} lost a hold"
        assert len(set(kept) - set(self.held)) <= (1 if doubtful == "hold" else 0)
        for number, answered in self.held.items():
            state = kept[number]["state"]
            wanted = {"paid"} if number in self.paid else {"held", "paid"} if doubtful == "pay" else {"held"}
            assert state in wanted, f"reservation {number} is {state}, not {wanted}"
            assert seats_in(kept[number]) == seats_in(answered)
        tickets = await buyer.api.pages("/v1/tickets", buyer.token)
        owned = {seat for r in kept.values() if r["state"] == "paid" for seat in seats_in(r)}
        assert {ticket["seat_id"] for ticket in tickets} == owned
        assert len(tickets) == len(owned)


def seats_in(reservation: dict) -> list[int]:
    return [line["seat_id"] for line in reservation["lines"]]


async def check_seats(api: Api, witnesses: list[Witness]) -> None:
    """The seat map agrees with all that was answered."""
    document = (await api.get(f"/v1/performances/{NIGHT}/seats")).expect(200)
    status = {seat["id"]: seat["status"] for seat in document["seats"]}
    for witness in witnesses:
        for number, held in witness.held.items():
            wanted = "sold" if number in witness.paid else "held"
            assert all(status[seat] == wanted for seat in seats_in(held)), f"reservation {number}"


async def hear_all(api: Api, tokens: dict[int, str], witnesses: list[Witness]) -> None:
    await asyncio.gather(*(w.testify(api, tokens[w.number]) for w in witnesses))
    await check_seats(api, witnesses)


async def charge_until(done: asyncio.Event, buyer: Buyer, key: str) -> int:
    """Charges 1 after the other with a key each, and returns how many were answered.

    Whether one was done or not, asking again, and be it another node, does it once.
    """
    amount = 0
    while not done.is_set():
        amount += 1
        (await buyer.charge(1, key=f"{key}-{amount}")).expect(200, 201)
    return amount
