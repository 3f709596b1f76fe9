"""Document 002: tokens of browsers, availability by date, ids as strings and decimal money."""

from typing import Any

from blackbox.client import Answer, Json
from blackbox.dialects.base import DAY, UUID, WORDS, DialectApi, has_shape, reason_phrase

DECIMAL = (int, float)

TOKEN: Json = {"token": UUID, "queuePosition": int}
SEAT: Json = {"seatNo": WORDS, "status": "available"}
AVAILABILITY: Json = {"dates": [{"date": DAY, "availableSeats": [SEAT]}]}
RESERVATION: Json = {"reservationId": WORDS, "status": "reserved"}
BALANCE: Json = {"userId": WORDS, "balance": DECIMAL}
CHARGED: Json = {"userId": WORDS, "newBalance": DECIMAL}
PAYMENT: Json = {"paymentId": WORDS, "status": "paid"}


def check_error(answer: Answer) -> None:
    """`{error, message}`, and the place in the queue for who has to wait."""
    shape: Json = {"error": reason_phrase(answer), "message": WORDS}
    if answer.status == 403 and "queuePosition" in answer.body:
        shape["queuePosition"] = (int, None)
    has_shape(answer.body, shape)


def client(url: str, **options: Any) -> DialectApi:
    return DialectApi(url, check_error, **options)


class User:
    """One person, known by the token of the last time that the queue was entered."""

    def __init__(self, api: DialectApi, user_id: int | str) -> None:
        self.api = api
        self.id = str(user_id)
        self.token: str | None = None

    async def enter(self, browser: str = "browser-1") -> Answer:
        answer = await self.api.post("/api/v1/users/token", {"userId": self.id, "browserId": browser})
        if answer.status == 200:
            self.token = answer.body["token"]
        return answer

    async def availability(self, concert: int | str, date: str | None = None) -> Answer:
        query = "" if date is None else f"?date={date}"
        return await self.api.get(f"/api/v1/concerts/{concert}/availability{query}", self.token)

    async def reserve(self, concert: int | str, date: str, seat_no: str) -> Answer:
        wish = {"date": date, "seatNo": seat_no, "userId": self.id}
        return await self.api.post(f"/api/v1/concerts/{concert}/reservations", wish, self.token)

    async def balance(self) -> Answer:
        return await self.api.get(f"/api/v1/users/{self.id}/balance", self.token)

    async def charge(self, amount: Json) -> Answer:
        return await self.api.post(f"/api/v1/users/{self.id}/balance", {"amount": amount}, self.token)

    async def pay(self, concert: int | str, reservation: str, amount: Json) -> Answer:
        payment = {"reservationId": reservation, "userId": self.id, "paymentAmount": amount}
        return await self.api.post(f"/api/v1/concerts/{concert}/payments", payment, self.token)
