"""A row that was made bad on disk: what is due of it cannot be done, and everything else goes on."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from blackbox.client import Api, Buyer, seats_of, sign_in_all
from blackbox.server import Server

EVENT, NIGHT = 1, 1
SETS = {"waiting_room.session_duration": "2s", "sales.hold_duration": "1s",
        "waiting_room.active_sessions_max": 2}


@pytest.fixture(params=["sqlite", "postgresql"])
def box(request, park) -> tuple[Server, Callable[[str], None]]:
    """A server that is stopped, and how to execute SQL on its database."""
    if request.param == "sqlite":
        server = park.make(SETS)

        def execute(sql: str) -> None:
            with sqlite3.connect(server.file) as rows:
                rows.execute(sql)
            rows.close()
        return server, execute
    postgres = request.getfixturevalue("postgres")
    server = park.make(SETS, database_url=postgres.new_database())
    return server, lambda sql: postgres.execute(sql, server.database_url) and None


async def until(condition, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_a_bad_row_holds_up_nobody_else(box):
    server, execute = box
    server.start()
    async with Api(server.url) as api:
        tokens = await sign_in_all(api, 8)
        organiser = await api.sign_in("organiser@example.com")
        room = (await api.post("/v1/waiting-rooms", {"name": "Other", "active_sessions_max": 1},
                               organiser)).expect(201)["id"]
        buyers = [Buyer(api, token) for token in tokens]
        for buyer in buyers[:2]:
            (await buyer.enter()).expect(201)
        (await buyers[0].hold(EVENT, NIGHT, [1])).expect(201)
        other = [(await buyer.enter(room)).expect(201) for buyer in buyers[2:4]]
        waiting = (await buyers[4].enter()).expect(201)
        assert waiting["state"] == "waiting"
    server.stop()
    # Room 1 believes that nobody is in it: none of those who are can leave.
    execute("update waiting_rooms set active_count = 0 where id = 1")
    server.start()
    async with Api(server.url) as api:
        async def said() -> bool:
            return "of room 1" in (await api.get("/readyz")).expect(200).get("detail", "")

        await until(said)

        async def second_is_in() -> bool:
            states = [(await api.get(f"/v1/visitors/{visit['token']}")).expect(200)["state"]
                      for visit in other]
            return states[0] == "expired" and states[1] in ("active", "expired")

        await until(second_is_in)

        async def seat_is_free() -> bool:
            return (await seats_of(api, NIGHT))[0]["status"] == "available"

        await until(seat_is_free)
        metrics = (await api.get("/metrics")).content.decode()
        assert "\nonsale_due_left_alone 0" not in metrics
        assert "\nonsale_due_left_alone " in metrics
    assert "is left alone" in server.log()
    server.stop()
    execute("update waiting_rooms set active_count = (select count(*) from visitors "
            "where room_id = 1 and state = 'active') where id = 1")
    server.start()
    async with Api(server.url) as api:
        async def nobody_is_left() -> bool:
            metrics = (await api.get("/metrics")).content.decode()
            return "\nonsale_due_left_alone 0" in metrics

        await until(nobody_is_left)
    server.stop()
    server.verify()
