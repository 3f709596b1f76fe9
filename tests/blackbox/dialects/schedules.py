"""The box office as document 001 has it: a queue token, schedules, seats, points."""

import asyncio
import time
from typing import Any

from blackbox.client import Answer, Json
from blackbox.dialects.base import INSTANT, UUID, WORDS, DialectApi, has_shape

BAD_USER = "유효하지 않은 사용자입니다."
BAD_TOKEN = "유효하지 않은 토큰입니다."
BAD_SEAT = "유효하지 않거나 이미 선택된 좌석입니다."
NO_SUCH_USER = "존재하지 않는 유저입니다."
SHORT_OF_POINTS = "포인트가 부족합니다."

QUEUE: Json = ({"token": UUID, "status": "waiting", "rank": int},
               {"token": UUID, "status": "working", "rank": 0})
SCHEDULES: Json = [{"id": int, "concertId": int, "name": WORDS, "date": INSTANT, "leftSeat": int}]
SEATS: Json = [{"id": int, "number": (int, WORDS), "price": int,
                "status": ("able", "reserved", "soldout", "closed")}]
RESERVATION: Json = {"id": int, "userId": int, "status": "reserved", "expiredAt": INSTANT,
                     "concertId": int, "concertName": WORDS, "scheduleId": int,
                     "scheduleDate": INSTANT, "seatId": int, "seatNumber": (int, WORDS),
                     "seatPrice": int}
PAYMENT: Json = {"id": int, "reservationId": int, "userId": int, "seatId": int, "amount": int,
                 "status": "paid", "paidAt": INSTANT}


def check_error(answer: Answer) -> None:
    has_shape(answer.body, {"message": WORDS})


def client(url: str, **options: Any) -> DialectApi:
    return DialectApi(url, check_error, **options)


def refused(answer: Answer, status: int, message: str) -> None:
    """The answer has to be just this, word for word."""
    assert (answer.status, answer.body) == (status, {"message": message}), str(answer)


class User:
    """One person who knows this API alone; `token` is what the queue gave last."""

    def __init__(self, api: DialectApi, user_id: int | str) -> None:
        self.api = api
        self.id = user_id
        self.token: str | None = None

    async def queue(self) -> Answer:
        answer = await self.api.get(f"/api/queue/{self.id}")
        if answer.status == 200:
            self.token = answer.body["token"]
        return answer

    async def wait_until_working(self, seconds: float = 30) -> Json:
        deadline = time.monotonic() + seconds
        while (body := (await self.queue()).expect(200))["status"] == "waiting":
            assert time.monotonic() < deadline, f"still waiting after {seconds} s: {body}"
            await asyncio.sleep(0.02)
        return body

    async def schedules(self) -> Answer:
        return await self.api.get("/api/concerts/schedule", self.token)

    async def seats(self, schedule: int | str) -> Answer:
        return await self.api.get(f"/api/concert/schedule/{schedule}", self.token)

    async def reserve(self, schedule: int | str, seat: int | str) -> Answer:
        return await self.api.post(f"/api/concert/schedule/{schedule}/seat/{seat}/reservation",
                                   token=self.token)

    async def pay(self, schedule: int | str, seat: int | str) -> Answer:
        return await self.api.post(f"/api/concert/schedule/{schedule}/seat/{seat}/pay", token=self.token)

    async def points(self) -> Answer:
        return await self.api.get(f"/api/point/{self.id}")

    async def charge(self, amount: Json) -> Answer:
        return await self.api.call("PATCH", f"/api/point/{self.id}", json={"amount": amount})
