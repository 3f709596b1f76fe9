"""Document 003: customers who wait by number, options of a concert, tickets and points."""

from typing import Any

from blackbox.client import Answer, Json
from blackbox.dialects.base import INSTANT, UUID, WORDS, DialectApi, has_shape

CODES = {400: {"ILLEGAL_ARGUMENTS"}, 401: {"UNAUTHORIZED"}, 402: {"OUT_OF_BUDGET"},
         403: {"NOT_ADMITTED"}, 404: {"NOT_FOUND"},
         409: {"ALREADY_TAKEN", "SALE_NOT_OPEN", "SALE_CLOSED", "SEAT_LIMIT"}}
MESSAGES = {"ALREADY_TAKEN": "이미 선점된 좌석입니다.", "OUT_OF_BUDGET": "포인트 잔액이 부족합니다."}
CHARGE_TOO_SMALL = {"code": "ILLEGAL_ARGUMENTS", "message": "충전 금액은 10원 이상이어야 합니다."}

WAITING: Json = {"customerId": int, "watingNumber": int, "status": ("WAITING", "ACTIVE"),
                 "remainingTime": int, "token": UUID}
POINTS: Json = {"customerId": int, "balance": int}
OPTION: Json = {"optionId": int, "optionName": WORDS, "performAt": INSTANT, "price": int,
                "capacityLimit": int, "totalSeats": int}
OPTIONS: Json = {"concertId": int, "title": WORDS, "artist": str, "performances": [OPTION]}
SEATS: Json = {"concertId": int, "optionId": int, "title": WORDS, "artist": str, "performAt": INSTANT,
               "totalSeats": int, "seats": [int]}
TICKET: Json = {"reserverName": WORDS, "concertId": int, "concertName": WORDS, "optionId": int,
                "optionName": WORDS, "performAt": INSTANT, "optionPrice": int,
                "status": ("RESERVED", "PAID"), "seatId": int, "reservationId": int,
                "seatNumber": (int, WORDS), "reservedAt": INSTANT}
TICKETS: Json = {"tickets": [TICKET | {"status": "RESERVED"}]}
PAID: Json = {"customerId": int, "tickets": [TICKET | {"status": "PAID"}],
              "pay": [{"payMethod": "POINT", "payAmount": int}]}


def check_error(answer: Answer) -> None:
    """`{code, message}`, a code that goes with the status, and the document's own words."""
    body = answer.body
    has_shape(body, {"code": WORDS, "message": WORDS})
    assert body["code"] in CODES.get(answer.status, {body["code"]}), str(answer)
    assert body["message"] == MESSAGES.get(body["code"], body["message"]), str(answer)


def client(url: str, **options: Any) -> DialectApi:
    return DialectApi(url, check_error, **options)


class Customer:
    """One person. A `bearer` is sent only if set: the document asks for the id alone."""

    def __init__(self, api: DialectApi, customer_id: int, bearer: str | None = None) -> None:
        self.api = api
        self.id = customer_id
        self.bearer = bearer

    async def enter(self) -> Answer:
        return await self._post("/customer/waiting/enter", {"customerId": self.id})

    async def check(self) -> Answer:
        return await self._post("/customer/waiting/check", {"customerId": self.id})

    async def balance(self) -> Answer:
        return await self._post("/customer/point/balance", {"customerId": self.id})

    async def charge(self, amount: Json) -> Answer:
        return await self._post("/customer/point/charge", {"customerId": self.id, "amount": amount})

    async def options(self, concert: int) -> Answer:
        return await self.api.get(f"/concerts/{concert}/options", self.bearer)

    async def seats(self, concert: int, option: int) -> Answer:
        return await self.api.get(f"/concerts/{concert}/options/{option}", self.bearer)

    async def reserve(self, concert: int, seats: list[tuple[int, int]],
                      name: str | None = None) -> Answer:
        """`seats` are pairs of option and seat."""
        reserver = {"customerId": self.id} | ({} if name is None else {"reserverName": name})
        chosen = [{"optionId": option, "seatId": seat} for option, seat in seats]
        return await self._post("/reservation/reserve", {"reserver": reserver, "concertId": concert,
                                                         "performances": chosen})

    async def pay(self, *amounts: Json) -> Answer:
        """All that is held, in as many parts as there are amounts."""
        parts = [{"payMethod": "POINT", "payAmount": amount} for amount in amounts]
        return await self._post("/reservation/pay", {"customerId": self.id, "pay": parts})

    async def _post(self, path: str, body: Json) -> Answer:
        return await self.api.post(path, body, self.bearer)
