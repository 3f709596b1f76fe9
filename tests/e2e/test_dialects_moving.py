"""What a request meets while something else moves: the catalogue grows, a session runs out."""

import asyncio

import pytest

from blackbox.client import Api, seats_of
from blackbox.dialects import availability, customers, dates, performances
from blackbox.dialects.availability import User
from blackbox.dialects.customers import Customer
from blackbox.dialects.stage import add_night, add_performance
from blackbox.server import Server

HALL, NIGHT = 1, 1
NO_SEAT = 99_999_999
LONG_AGO = "2020-02-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def test_the_catalogue_grows_while_seats_are_looked_for(server):
    """A seat that there is not is looked for in every performance, old catalogue or new."""
    async with Api(server.url) as api, dates.client(server.url) as client:
        organiser = server.tokens.organiser()
        (await client.post("/api/issue", {"userId": 8})).expect(200)
        growing = True

        async def look() -> None:
            while growing:
                (await client.post("/api/reserve", {"userId": 8, "seatId": NO_SEAT})).expect(404)
        lookers = [asyncio.create_task(look()) for _ in range(6)]
        show = {"event_id": HALL, "name": "Extra", "starts_at": "2040-01-01T10:00:00.000Z",
                "price_tiers": [{"name": "A", "price": 1000}]}
        for _ in range(60):
            (await api.post("/v1/performances", show, organiser)).expect(201)
        growing = False
        await asyncio.gather(*lookers)


async def test_the_evening_sells_when_the_matinee_no_longer_does(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        organiser = server.tokens.organiser()
        evening = await add_night(api, organiser, starts="2040-05-05T11:00:00.000Z")
        matinee = await add_performance(
            api, organiser, evening.event, seats=5, starts="2040-05-05T05:00:00.000Z",
            sales_open_at=LONG_AGO, sales_close_at="2020-03-01T00:00:00.000Z")
        assert matinee.performance["on_sale"] is False
        user, event = User(client, 21), evening.event["id"]
        (await user.enter()).expect(200)
        (await user.reserve(event, "2040-05-05", "1")).expect(201)
        assert (await seats_of(api, evening.id))[0]["status"] == "held"
        assert (await seats_of(api, matinee.id))[0]["status"] == "available"
        (await user.reserve(event, "2040-05-05", "1")).expect(409)


async def test_a_proxys_own_credentials_are_not_the_customers(server):
    """Whoever signs people in before us may leave its header on the request."""
    async with customers.client(server.url) as client:
        body = {"customerId": 31}
        for header in ("Basic dXNlcjpwYXNz", "Digest x", f"Bearer {server.tokens.fan(31)}"):
            (await client.call("POST", "/customer/waiting/enter", json=body,
                               headers={"Authorization": header})).expect(200)
        for header in ("Bearer x", f"Bearer {server.tokens.fan(32)}"):
            (await client.call("POST", "/customer/waiting/enter", json=body,
                               headers={"Authorization": header})).expect(401)


async def test_who_is_too_late_waits_again(start_server):
    """Sessions run out in the middle of requests: in again or in line, but never a bad request.

    A disk that takes longer than three sessions makes it 503, and that is the truth of it.
    """
    server = start_server({"waiting_room.session_duration": "100ms",
                           "waiting_room.session_ends_on": "hold",
                           "sales.seats_per_user_max": 1000})
    async with (performances.client(server.url, connections=4, unavailable_ok=True) as client,
                Api(server.url) as api):
        token = server.tokens.fan(5)
        seats = [seat["id"] for night in (1, 2, 3) for seat in await seats_of(api, night)]

        async def take(seat: int) -> tuple[int, str]:
            answer = await client.call("PATCH", "/take_performance_seat", token=token,
                                       json={"performance_seat_id": seat})
            return answer.status, answer.body.get("message", "")
        answers = await asyncio.gather(*(take(seat) for seat in seats))
        refused = {answer for answer in answers if answer[0] not in (200, 202, 503)}
        assert not refused and (200, "") in answers


async def test_a_customer_is_told_first_that_there_is_none(server):
    async with customers.client(server.url) as client:
        nobody = await Customer(client, 9999).reserve(99, [(1, 1)], "김")
        known = await Customer(client, 40).reserve(99, [(1, 1)], "김")
        assert nobody.expect(404)["message"] != known.expect(404)["message"]
