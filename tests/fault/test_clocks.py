"""Clocks that are wrong: what lasts a while lasts as long as it says, nobody is refused for hours,
and two nodes that do not agree on the time keep one line and one pace."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime

import pytest

from blackbox.binary import run_ok
from blackbox.client import Api, Buyer, sign_in_all
from blackbox.clocks import WrongClock

EVENT, NIGHT = 1, 1


async def metric(api: Api, name: str) -> float:
    text = (await api.get("/metrics")).content.decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


async def states(buyers: list[Buyer], visits: list[dict]) -> list[str]:
    answers = await asyncio.gather(*(buyer.api.get(f"/v1/visitors/{visit['token']}")
                                     for buyer, visit in zip(buyers, visits, strict=True)))
    return [answer.expect(200)["state"] for answer in answers]


async def until(condition, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


# ---- one machine ---------------------------------------------------------------------

async def test_a_jump_that_is_taken_back_throws_nobody_out(park, folder):
    clock = WrongClock(folder)
    server = park.start({"waiting_room.active_sessions_max": 1, "waiting_room.idle_timeout": "20s",
                         "waiting_room.session_duration": "1h"}, environment=clock.environment)
    async with Api(server.url) as api:
        buyers = [Buyer(api, server.tokens.fan(n)) for n in range(1, 21)]
        visits = [(await buyer.enter()).expect(201) for buyer in buyers]
        held = (await buyers[0].hold(EVENT, NIGHT, [1])).expect(201)
        for ahead in (40, 400, -40):
            clock.set(ahead)
            for _ in range(5):  # half a second
                await states(buyers, visits)
                await asyncio.sleep(0.1)
            clock.set(0)
            for _ in range(5):
                assert await states(buyers, visits) == ["active"] + 19 * ["waiting"]
                await asyncio.sleep(0.1)
        mine = (await api.get(f"/v1/reservations/{held['id']}", buyers[0].token)).expect(200)
        assert mine["state"] == "held"
    server.stop()
    assert run_ok("verify", "--fairness", "--database", server.database)


async def test_set_back_by_an_hour_nobody_is_refused_for_an_hour(park, folder):
    clock = WrongClock(folder)
    server = park.start({"waiting_room.entries_per_address_per_minute": 60,
                         "sales.hold_duration": "3s"}, environment=clock.environment)
    async with Api(server.url) as api:
        for fan in range(1, 61):
            (await Buyer(api, server.tokens.fan(fan)).enter()).expect(201)
        clock.set(-3600)
        buyer = Buyer(api, server.tokens.fan(61))

        async def entered() -> bool:
            answer = await buyer.enter()
            if answer.status == 201:
                return True
            answer.refused(429, "too-many-requests")
            assert float(answer.headers["Retry-After"]) <= 1
            return False

        await until(entered, seconds=10)
        # And a hold runs out in its time, or twice that.
        held = (await buyer.hold(EVENT, NIGHT, [1])).expect(201)

        async def expired() -> bool:
            mine = (await api.get(f"/v1/reservations/{held['id']}", buyer.token)).expect(200)
            return mine["state"] == "expired"

        await until(expired, seconds=20)


async def test_a_step_that_lasts_is_followed(park, folder):
    clock = WrongClock(folder)
    server = park.start({"sales.hold_duration": "10m", "waiting_room.session_duration": "1h"},
                        environment=clock.environment)
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        (await buyer.enter()).expect(201)
        held = (await buyer.hold(EVENT, NIGHT, [1])).expect(201)
        clock.set(11 * 60)

        async def expired() -> bool:
            mine = (await api.get(f"/v1/reservations/{held['id']}", buyer.token)).expect(200)
            return mine["state"] == "expired"

        await until(expired)


# ---- two nodes -----------------------------------------------------------------------

@pytest.mark.parametrize("apart", [1.5, 5, -5])
async def test_two_nodes_that_do_not_agree_on_the_time(park, folder, postgres, apart):
    url = postgres.new_database()
    clock = WrongClock(folder)
    clock.set(apart)
    sets = {"waiting_room.admission_rate_per_minute": 60, "sales.hold_duration": "60s"}
    one = park.start(sets, database_url=url)
    two = park.start(sets, database_url=url, environment=clock.environment)
    async with Api(one.url) as here, Api(two.url) as there:
        tokens = await sign_in_all(here, 40)
        buyers = [Buyer(here if n % 2 else there, token) for n, token in enumerate(tokens)]
        began = time.monotonic()
        visits = await asyncio.gather(*(buyer.enter() for buyer in buyers))
        visits = [visit.expect(201) for visit in visits]

        async def some_are_active() -> bool:
            return (await states(buyers, visits)).count("active") >= 5

        await until(some_are_active)
        active = (await states(buyers, visits)).count("active")
        assert active <= 2 + time.monotonic() - began, "the rate is one a second"

        # A hold made on the one with the wrong clock ends when the right clock says so.
        first = min((visit["number"], at) for at, visit in enumerate(visits))[1]
        holder = Buyer(there, tokens[first])
        held = (await holder.hold(EVENT, NIGHT, [1])).expect(201)
        ends = datetime.fromisoformat(held["expires_at"]) - datetime.now(UTC)
        assert 55 < ends.total_seconds() < 62

        # The operator is told, on that node.
        said = (await there.get("/readyz")).expect(200)["detail"]
        word = "ahead of" if apart > 0 else "behind"
        assert f"{word} the database's" in said, said
        assert f"{abs(apart):.1f}" in said or f"{abs(apart) - 0.1:.1f}" in said, said
        assert (await here.get("/readyz")).expect(200) == {"status": "ready"}
        assert abs(await metric(there, "onsale_clock_ahead_seconds") - apart) < 0.25
        assert abs(await metric(here, "onsale_clock_ahead_seconds")) < 0.25
        clock.set(0)

        async def set_right() -> bool:
            return (await there.get("/readyz")).expect(200) == {"status": "ready"}

        await until(set_right)
    for node in (one, two):
        node.stop()
    assert run_ok("verify", "--database", url)
    assert run_ok("verify", "--fairness", "--database", url)


async def test_nodes_of_another_configuration_say_so(park, postgres):
    url = postgres.new_database()
    one = park.start({"waiting_room.admission_rate_per_minute": 60}, database_url=url)
    async with Api(one.url) as here:
        assert (await here.get("/readyz")).expect(200) == {"status": "ready"}
        two = park.start({"waiting_room.admission_rate_per_minute": 120}, database_url=url)

        async def said() -> bool:
            ready = (await here.get("/readyz")).expect(200)
            return "admission_rate_per_minute 120" in ready.get("detail", "")

        await until(said)
        two.restart({"waiting_room.admission_rate_per_minute": 60})

        async def agreed() -> bool:
            return (await here.get("/readyz")).expect(200) == {"status": "ready"}

        await until(agreed)


# ---- the policy in the journal -------------------------------------------------------

async def test_the_audit_knows_what_the_configuration_was(park):
    """Without a limit of the rate, then with one: what was right then stays right."""
    server = park.start()
    async with Api(server.url) as api:
        for fan in range(1, 11):
            (await Buyer(api, server.tokens.fan(fan)).enter()).expect(201)
    server.restart({"waiting_room.admission_rate_per_minute": 60})
    async with Api(server.url) as api:
        buyers = [Buyer(api, server.tokens.fan(fan)) for fan in range(11, 21)]
        visits = [(await buyer.enter()).expect(201) for buyer in buyers]

        async def one_waits_and_two_are_in() -> bool:
            seen = await states(buyers, visits)
            return seen.count("active") >= 2 and "waiting" in seen

        await until(one_waits_and_two_are_in)
    server.stop()
    for rate in (0, 1, 60):  # whatever the configuration says by then
        assert run_ok("verify", "--fairness", "--database", server.database,
                      "--set", f"waiting_room.admission_rate_per_minute={rate}")
    with sqlite3.connect(server.file) as rows:
        (count,) = rows.execute(
            "select count(*) from journal where records like '%\"declares\":\"policy\"%'").fetchone()
    rows.close()
    assert count == 2
