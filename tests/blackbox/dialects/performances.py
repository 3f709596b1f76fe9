"""The box office as document 000 has it: sign in, performances, take a seat, cash, pay."""

import asyncio
import time
from typing import Any

from blackbox.client import Answer, Json
from blackbox.dialects.base import INSTANT, UUID, WORDS, DialectApi, has_shape, reason_phrase

QUEUE_ACTIVE: Json = {"id": UUID, "issued_timestamp": int, "active_timestamp": int,
                      "expire_timestamp": int, "rank": 0}
WAITING: Json = {"message": "Please wait for your order to arrive.", "statusCode": 202,
                 "queue_data": {"id": UUID, "issued_timestamp": int, "rank": int}}
STATUS = ("AVAILABLE", "TEMPORARY_RESERVED", "RESERVED")
SEAT: Json = {"id": int, "seat_number": WORDS, "price": int, "reservation_status": STATUS}
SEATS: Json = {"data": [SEAT], "queue_data": QUEUE_ACTIVE}
TAKEN: Json = {"result": "success", "queue_data": QUEUE_ACTIVE,
               "data": {"seat_number": WORDS, "price": int, "reservation_status": "TEMPORARY_RESERVED"}}


def shows(date: Json) -> Json:
    """Performances whose staging dates are made like `date`."""
    show = {"id": int, "title": WORDS, "artist": WORDS, "ticketing_start_date": INSTANT,
            "stage": {"name": WORDS, "location": WORDS}, "performance_staging_date": [date]}
    return {"data": [show], "queue_data": QUEUE_ACTIVE}


STAGING: Json = {"id": int, "staging_date": INSTANT}
PERFORMANCES = shows(STAGING | {"reserveable_seats_count": int})
RESERVED = shows(STAGING | {"seat": SEAT | {"reservation_status": STATUS[1:]}})
HISTORY: Json = [({"date_created": INSTANT, "amount": int, "cause": "CHARGED_BY_USER",
                   "performance_seat_id": None},
                  {"date_created": INSTANT, "amount": int, "cause": "PEYMENT_PERFORMANCE_SEAT",
                   "performance_seat_id": int})]

# All but signing in, with a body where there is one. The first five go through the waiting room.
GUARDED = [("GET", "/performaces", None), ("GET", "/performances", None),
           ("GET", "/performance_seats/1", None),
           ("PATCH", "/take_performance_seat", {"performance_seat_id": 1}),
           ("GET", "/reserved_performance_seats", None)]
CASH = [("GET", "/cash_balance", None), ("PATCH", "/cash_charge", {"amount": 1}),
        ("GET", "/payment_history", None),
        ("PATCH", "/payment_performance_seat", {"performance_seat_id": 1})]


def check_error(answer: Answer) -> None:
    has_shape(answer.body, {"message": WORDS, "error": reason_phrase(answer),
                            "statusCode": answer.status})


def client(url: str, **options: Any) -> DialectApi:
    return DialectApi(url, check_error, **options)


class Fan:
    """One person who knows this API alone; `token` is for who has signed in already."""

    def __init__(self, api: DialectApi, email: str = "", token: str | None = None) -> None:
        self.api = api
        self.email = email
        self.token = token

    async def sign_in(self, password: str = "onsale") -> Answer:
        answer = await self.api.post("/signIn", {"email_address": self.email, "password": password})
        if answer.status == 200:
            self.token = answer.body["accessToken"]
        return answer

    async def performances(self) -> Answer:
        return await self.api.get("/performaces", self.token)

    async def seats(self, staging_date: int | str) -> Answer:
        return await self.api.get(f"/performance_seats/{staging_date}", self.token)

    async def take(self, seat: Json) -> Answer:
        return await self._patch("/take_performance_seat", {"performance_seat_id": seat})

    async def reserved(self) -> Answer:
        return await self.api.get("/reserved_performance_seats", self.token)

    async def balance(self) -> Answer:
        return await self.api.get("/cash_balance", self.token)

    async def charge(self, amount: Json) -> Answer:
        return await self._patch("/cash_charge", {"amount": amount})

    async def history(self) -> Answer:
        return await self.api.get("/payment_history", self.token)

    async def pay(self, seat: Json) -> Answer:
        return await self._patch("/payment_performance_seat", {"performance_seat_id": seat})

    async def wait_until_admitted(self, seconds: float = 30) -> Json:
        """Asks for the performances until they are shown."""
        deadline = time.monotonic() + seconds
        while (answer := await self.performances()).status == 202:
            assert time.monotonic() < deadline, f"still waiting after {seconds} s: {answer}"
            await asyncio.sleep(0.02)
        return answer.expect(200)

    async def _patch(self, path: str, body: Json) -> Answer:
        return await self.api.call("PATCH", path, token=self.token, json=body)


def reserved_seats(body: Json) -> list[tuple[int, int, int, str]]:
    """Performance, staging date, seat and status of each seat in an answer."""
    return [(show["id"], date["id"], date["seat"]["id"], date["seat"]["reservation_status"])
            for show in body["data"] for date in show["performance_staging_date"]]
