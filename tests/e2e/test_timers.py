"""What ends by itself: sessions, claims, idle places, holds; also while the server is down.

The server acts at most 100 ms late; SLACK allows for a machine that is busy otherwise.
"""

import asyncio
from datetime import datetime, timedelta, timezone

from blackbox.client import Api, Buyer, SteadyApi, seats_of

SLACK = timedelta(milliseconds=1500)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def check_delay(since: str, until: str, wanted: timedelta) -> None:
    delay = moment(until) - moment(since)
    assert wanted <= delay <= wanted + SLACK, f"{delay} instead of {wanted}"


async def wait_until(text: str) -> None:
    """Until the clock has passed a time."""
    while (now := datetime.now(timezone.utc)) <= moment(text):
        await asyncio.sleep((moment(text) - now).total_seconds() + 0.01)


async def look(api: Api, token: str) -> dict:
    return (await api.get(f"/v1/visitors/{token}")).expect(200)


async def test_a_session_ends_by_itself(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.session_duration": "700ms"})
    async with Api(server.url) as api:
        first, second = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        active = (await first.enter()).expect(201)
        waiting = (await second.enter()).expect(201)
        admitted = await second.wait_until_active(waiting["token"])
        check_delay(active["expires_at"], admitted["activated_at"], timedelta(0))
        over = await look(api, active["token"])
        assert (over["state"], over["position"]) == ("expired", None)
        seat = (await seats_of(api, 1))[0]["id"]
        (await first.hold(1, 1, [seat])).refused(403, "not-admitted")


async def test_who_does_not_show_up_loses_the_slot(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.claim_timeout": "500ms"})
    async with Api(server.url) as api:
        first, absent, third = (Buyer(api, server.tokens.fan(n)) for n in (1, 2, 3))
        active = (await first.enter()).expect(201)
        missed = (await absent.enter()).expect(201)
        waiting = (await third.enter()).expect(201)
        (await first.leave(active["token"])).expect(200)
        admitted = await third.wait_until_active(waiting["token"])
        over = await look(api, missed["token"])
        assert over["state"] == "expired"
        check_delay(over["activated_at"], admitted["activated_at"], timedelta(milliseconds=500))
        # Who did show up keeps it for the whole session.
        await wait_until((datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat())
        assert (await look(api, waiting["token"]))["state"] == "active"


async def test_a_guarded_request_is_a_sign_of_life(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.claim_timeout": "1500ms"})
    async with Api(server.url) as api:
        first, second = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        active = (await first.enter()).expect(201)
        waiting = (await second.enter()).expect(201)
        (await first.leave(active["token"])).expect(200)
        seats = [seat["id"] for seat in await seats_of(api, 1)]
        (await second.hold(1, 1, seats[:1])).expect(201)
        await wait_until((datetime.now(timezone.utc) + timedelta(seconds=2)).isoformat())
        (await second.hold(1, 1, seats[1:2])).expect(201)
        assert (await look(api, waiting["token"]))["state"] == "active"


async def test_idle_visitors_lose_their_place(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.idle_timeout": "1s"})
    async with Api(server.url) as api:
        buyers = [Buyer(api, server.tokens.fan(n)) for n in (1, 2, 3)]
        _, idle, keen = [(await buyer.enter()).expect(201)["token"] for buyer in buyers]
        while (seen := await look(api, keen))["position"] != 1:
            assert seen["state"] == "waiting"
            await asyncio.sleep(0.05)
        assert (await look(api, idle))["state"] == "expired"


async def test_a_hold_ends_the_session_if_so_configured(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.session_ends_on": "hold"})
    async with Api(server.url) as api:
        first, second = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        active = (await first.enter()).expect(201)
        waiting = (await second.enter()).expect(201)
        seat = (await seats_of(api, 1))[0]
        held = (await first.hold(1, 1, [seat["id"]])).expect(201)
        assert (await look(api, active["token"]))["state"] == "completed"
        assert (await look(api, waiting["token"]))["state"] == "active"
        (await first.charge(seat["price"])).expect(201)
        (await first.pay(held["id"])).expect(201)


async def test_a_hold_ends_by_itself(start_server):
    server = start_server({"sales.hold_duration": "700ms"})
    async with Api(server.url) as api:
        slow, next_one = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        (await slow.enter()).expect(201)
        (await next_one.enter()).expect(201)
        seat = (await seats_of(api, 1))[0]
        held = (await slow.hold(1, 1, [seat["id"]])).expect(201)
        (await slow.charge(seat["price"])).expect(201)
        (await next_one.hold(1, 1, [seat["id"]])).refused(409, "seat-taken")
        await wait_until(held["expires_at"])
        # Past its time the seat is free at once, whether the timer has run or not.
        (await slow.pay(held["id"])).refused(410, "reservation-expired")
        again = (await next_one.hold(1, 1, [seat["id"]])).expect(201)
        old = (await api.get(f"/v1/reservations/{held['id']}", slow.token)).expect(200)
        assert old["state"] == "expired"
        await wait_until(again["expires_at"])
        while (await seats_of(api, 1))[0]["status"] != "available":
            assert datetime.now(timezone.utc) < moment(again["expires_at"]) + SLACK
            await asyncio.sleep(0.02)
        assert await slow.balance() == seat["price"]


async def test_time_passes_while_the_server_is_down(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.session_duration": "1500ms",
                           "sales.hold_duration": "1s"})
    async with SteadyApi(server.url) as api:
        first, second = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        active = (await first.enter()).expect(201)
        waiting = (await second.enter()).expect(201)
        seat = (await seats_of(api, 1))[0]
        held = (await first.hold(1, 1, [seat["id"]])).expect(201)
        await asyncio.to_thread(server.kill)
        await wait_until(max(active["expires_at"], held["expires_at"]))
        await asyncio.to_thread(server.start)
        admitted = await second.wait_until_active(waiting["token"])
        assert moment(admitted["activated_at"]) >= moment(active["expires_at"])
        assert (await look(api, active["token"]))["state"] == "expired"
        (await first.pay(held["id"])).refused(410, "reservation-expired")
        (await second.hold(1, 1, [seat["id"]])).expect(201)
