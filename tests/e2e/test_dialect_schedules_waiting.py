"""Document 001 where not everybody may in: rank, polling, and the whole story of three users."""

import asyncio
import time

import pytest

from blackbox.client import Api, Buyer
from blackbox.dialects import native, schedules
from blackbox.dialects.base import check_retry_after, has_shape
from blackbox.dialects.schedules import BAD_SEAT, BAD_TOKEN, SHORT_OF_POINTS, User, refused
from blackbox.room_audit import visits_of
from blackbox.server import Server

CLAIM_MS = 700


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start({"waiting_room.active_sessions_max": 1})


async def test_who_waits_has_a_rank(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        (await User(api, 1).queue()).expect(200)
        for rank, user in enumerate([User(api, n) for n in (2, 3, 4)], 1):
            answer = await user.queue()
            has_shape(answer.expect(200), schedules.QUEUE)
            assert (answer.body["status"], answer.body["rank"]) == ("waiting", rank)
            check_retry_after(answer)
            assert (await user.queue()).expect(200) == answer.body
            visitor = await native.visitor(plain, user.token)
            assert (visitor["state"], visitor["position"]) == ("waiting", rank)
            for refusal in (await user.schedules(), await user.seats(1), await user.reserve(1, 1),
                            await user.pay(1, 1), await user.reserve(999, 999)):
                refused(refusal, 401, BAD_TOKEN)
            (await user.charge(rank)).expect(200)  # points need no token
            assert (await user.points()).expect(200)["amount"] == rank
        assert await native.status_of(plain, 1, 1) == {"available"}


async def test_three_users_and_one_place(start_server):
    """The whole story: one shops, the next waits for the payment, the third for the clock."""
    server = start_server({"waiting_room.active_sessions_max": 1, "waiting_room.session_duration": "3s"})
    async with schedules.client(server.url) as api:
        first, second, third = (User(api, n) for n in (1, 2, 3))
        assert (await first.queue()).expect(200)["status"] == "working"
        assert (await second.queue()).expect(200)["rank"] == 1
        assert (await third.queue()).expect(200)["rank"] == 2
        waited, behind = second.token, third.token

        schedule = (await first.schedules()).expect(200)[1]["id"]
        seat = await reserve_and_pay(first, schedule)
        assert (await second.queue()).expect(200) == {"token": waited, "status": "working", "rank": 0}
        assert (await third.queue()).expect(200) == {"token": behind, "status": "waiting", "rank": 1}
        refused(await third.reserve(schedule, seat), 401, BAD_TOKEN)
        refused(await second.reserve(schedule, seat), 409, BAD_SEAT)
        shown = {each["id"]: each["status"] for each in (await second.seats(schedule)).expect(200)}
        assert shown.pop(seat) == "soldout" and set(shown.values()) == {"able"}

        assert (await third.wait_until_working())["token"] == behind
        refused(await second.schedules(), 401, BAD_TOKEN)
        again = (await second.queue()).expect(200)
        assert (again["status"], again["rank"]) == ("waiting", 1) and again["token"] != waited


async def reserve_and_pay(user: User, schedule: int) -> int:
    """Looks, reserves a seat, is short of points, charges and pays; the seat."""
    seat = next(each for each in (await user.seats(schedule)).expect(200) if each["status"] == "able")
    reserved = (await user.reserve(schedule, seat["id"])).expect(201)
    assert (reserved["seatNumber"], reserved["seatPrice"]) == (seat["number"], seat["price"])
    refused(await user.pay(schedule, seat["id"]), 402, SHORT_OF_POINTS)
    assert (await user.charge(seat["price"])).expect(200)["amount"] == seat["price"]
    assert (await user.pay(schedule, seat["id"])).expect(200)["amount"] == seat["price"]
    assert (await user.points()).expect(200)["amount"] == 0
    return seat["id"]


async def test_an_expired_session_and_a_live_hold(start_server):
    """Paying takes a good token: a new one, once the old has run out."""
    server = start_server({"waiting_room.session_duration": "700ms"})
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = User(api, 1)
        (await user.queue()).expect(200)
        reserved = (await user.reserve(1, 1)).expect(201)
        (await user.charge(reserved["seatPrice"])).expect(200)
        while (await native.visitor(plain, user.token))["state"] == "active":
            await asyncio.sleep(0.05)
        refused(await user.pay(1, 1), 401, BAD_TOKEN)
        assert (await user.queue()).expect(200)["status"] == "working"
        (await user.pay(1, 1)).expect(200)


async def test_where_a_hold_ends_the_session(start_server):
    server = start_server({"waiting_room.session_ends_on": "hold"})
    async with schedules.client(server.url) as api:
        user = User(api, 1)
        (await user.queue()).expect(200)
        reserved = (await user.reserve(1, 1)).expect(201)
        refused(await user.reserve(1, 2), 401, BAD_TOKEN)
        (await user.charge(reserved["seatPrice"])).expect(200)
        (await user.pay(1, 1)).expect(200)


@pytest.mark.parametrize("sign_of_life", ["queue", "schedules"])
async def test_asking_is_showing_up(start_server, sign_of_life):
    """Who asks after being admitted keeps the place; who does not loses it to the next."""
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.claim_timeout": f"{CLAIM_MS}ms"})
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        first, second, absent, last = users = [User(api, n) for n in (1, 2, 3, 4)]
        for user in users:
            (await user.queue()).expect(200)
        (await Buyer(plain, server.tokens.fan(1)).leave(first.token)).expect(200)
        (await getattr(second, sign_of_life)()).expect(200)
        # Not asked for over HTTP: that would be a sign of life, too.
        [admitted] = [visit.activated for visit in visits_of(server.file) if visit.user == 2]
        while time.time() * 1000 < admitted + CLAIM_MS + 200:
            await asyncio.sleep(0.05)
        assert (await second.queue()).expect(200)["status"] == "working"

        (await Buyer(plain, server.tokens.fan(2)).leave(second.token)).expect(200)
        assert (await last.queue()).expect(200)["rank"] == 1
        await last.wait_until_working()
        refused(await absent.schedules(), 401, BAD_TOKEN)
