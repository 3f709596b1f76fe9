"""Document 004: a waiting id, dates of the one event, seats by date, and a process that pays."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from blackbox.client import Answer, Json
from blackbox.dialects.base import DAY, UUID, WORDS, DialectApi, has_shape

SEOUL = timezone(timedelta(hours=9))
PAYMENT_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

PLACE: Json = {"userId": int, "token": UUID, "waitingId": int, "status": ("activate", "waiting")}
DATES: Json = [DAY]
SEATS: Json = [{"seatId": int, "seatNumber": (int, WORDS), "status": "available", "price": int}]
RESERVED: Json = {"userId": int, "seatId": int, "status": "reserved", "amount": int}
BALANCE: Json = {"userId": int, "balance": int}
PROCESSED: Json = {"userId": int, "amount": int, "status": "success", "paymentTime": PAYMENT_TIME}


def check_error(answer: Answer) -> None:
    """`{message}`."""
    has_shape(answer.body, {"message": WORDS})


def client(url: str, **options: Any) -> DialectApi:
    return DialectApi(url, check_error, **options)


def seoul_day(instant: str) -> str:
    """The date, where the venues of the demo are, of a time as the native API writes it."""
    return datetime.fromisoformat(instant).astimezone(SEOUL).date().isoformat()


class User:
    """One person, proven by nothing but the id."""

    def __init__(self, api: DialectApi, user_id: int) -> None:
        self.api = api
        self.id = user_id

    async def issue(self) -> Answer:
        return await self.api.post("/api/issue", {"userId": self.id})

    async def status(self) -> Answer:
        return await self.api.get(f"/api/status/{self.id}")

    async def dates(self) -> Answer:
        return await self.api.get("/api/available-dates")

    async def seats(self, date: str) -> Answer:
        return await self.api.get(f"/api/available-seats/{date}")

    async def reserve(self, seat: int) -> Answer:
        return await self.api.post("/api/reserve", {"userId": self.id, "seatId": seat})

    async def balance(self) -> Answer:
        return await self.api.get(f"/api/{self.id}/balance")

    async def charge(self, amount: Json) -> Answer:
        return await self.api.post(f"/api/{self.id}/charge", {"amount": amount})

    async def process(self, amount: Json) -> Answer:
        return await self.api.post("/api/process", {"userId": self.id, "amount": amount})
