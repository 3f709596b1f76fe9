"""Running a waiting room: limits and states while people wait, a lottery, receipts."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime, timedelta

import pytest

from blackbox.binary import run, run_ok
from blackbox.client import Api, Buyer, Json, SteadyApi
from blackbox.server import Server

ROOM = "/v1/waiting-rooms/1"
FIRST_SECONDS = 4  # until the lottery opens


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def change(api: Api, server: Server, room: str = ROOM, **what: Json) -> Json:
    answer = await api.call("PATCH", room, token=server.tokens.organiser(), json=what)
    return answer.expect(200)


async def enter(api: Api, server: Server, fans: list[int], room: int = 1) -> dict[int, Json]:
    return {fan: (await Buyer(api, server.tokens.fan(fan)).enter(room)).expect(200, 201) for fan in fans}


async def state_of(api: Api, visitor: Json) -> Json:
    return (await api.get(f"/v1/visitors/{visitor['token']}")).expect(200)


async def test_a_room_tells_its_rules_and_how_it_moves(server):
    async with SteadyApi(server.url) as api:
        room = (await api.get(ROOM)).expect(200)
        assert (room["id"], room["state"], room["order"]) == (1, "open", "fifo")
        assert (room["active_sessions_max"], room["admission_rate_per_minute"]) == (1000, 0)
        assert (room["session_seconds"], room["claim_seconds"], room["idle_seconds"]) == (600, 120, 0)
        assert room["seats_left"] > 12_000 and room["seed_hash"] is room["seed"] is None
        (await api.get("/v1/waiting-rooms/99")).refused(404, "not-found")
        (await api.get(f"{ROOM}/draw")).refused(404, "not-found")


async def test_limits_change_while_people_wait(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with SteadyApi(server.url) as api:
        visitors = await enter(api, server, list(range(1, 7)))
        assert [visitors[fan]["state"] for fan in visitors] == ["active"] + ["waiting"] * 5
        room = await change(api, server, active_sessions_max=3)
        assert room["active_sessions_max"] == 3
        states = [(await state_of(api, visitors[fan]))["state"] for fan in visitors]
        assert states == ["active"] * 3 + ["waiting"] * 3  # in the commit that changed it
        assert (await change(api, server, active_sessions_max=None))["active_sessions_max"] == 1
        states = [(await state_of(api, visitors[fan]))["state"] for fan in visitors]
        assert states == ["active"] * 3 + ["waiting"] * 3  # fewer: nobody is thrown out
        server.kill()
        server.start()
        assert (await api.get(ROOM)).expect(200)["active_sessions_max"] == 1
        server.verify()


async def test_what_is_left_out_stays_and_null_is_the_default(server):
    async with SteadyApi(server.url) as api:
        made = await api.post("/v1/waiting-rooms", {
            "name": "Own", "active_sessions_max": 7, "session_seconds": 90, "session_ends_on": "hold"},
            server.tokens.organiser())
        room = made.expect(201)
        path = f"/v1/waiting-rooms/{room['id']}"
        paused = await change(api, server, path, state="paused")
        assert paused == room | {"state": "paused"}
        slower = await change(api, server, path, admission_rate_per_minute=30, session_seconds=None)
        assert slower == paused | {"admission_rate_per_minute": 30, "session_seconds": 600}


async def test_pause_resume_and_close(start_server):
    server = start_server()
    async with SteadyApi(server.url) as api:
        first = (await enter(api, server, [1]))[1]
        assert (await change(api, server, state="paused"))["state"] == "paused"
        waiting = await enter(api, server, [2, 3])
        assert [visitor["position"] for visitor in waiting.values()] == [1, 2]
        assert (await state_of(api, first))["state"] == "active"
        await change(api, server, state="closed")
        (await Buyer(api, server.tokens.fan(4)).enter()).refused(409, "room-closed")
        assert (await enter(api, server, [2]))[2]["number"] == 2  # who has a place keeps it
        server.restart()
        assert (await api.get(ROOM)).expect(200)["state"] == "closed"
        await change(api, server, state="open")
        for visitor in waiting.values():
            assert (await state_of(api, visitor))["state"] == "active"
        assert (await Buyer(api, server.tokens.fan(4)).enter()).expect(201)["state"] == "active"


async def test_a_revoked_session_goes_to_the_next(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with SteadyApi(server.url) as api:
        visitors = await enter(api, server, [1, 2])
        (await api.delete(f"/v1/visitors/{visitors[1]['token']}", server.tokens.fan(2))).expect(403)
        revoked = await api.delete(f"/v1/visitors/{visitors[1]['token']}", server.tokens.organiser())
        assert revoked.expect(200)["state"] == "left"
        assert (await state_of(api, visitors[2]))["state"] == "active"


@pytest.mark.parametrize("what,field", [
    ({"order": "lifo"}, "order"), ({"state": "shut"}, "state"), ({"opens_at": "soon"}, "opens_at"),
    ({"active_sessions_max": 0}, "active_sessions_max"), ({"session_seconds": 0}, "session_seconds"),
    ({"session_seconds": 10**18}, "session_seconds"), ({"claim_seconds": -1}, "claim_seconds"),
    ({"active_sessions_max": "5"}, "active_sessions_max"), ({"unknown": 1}, "unknown"),
    ({"admission_rate_per_minute": 1.5}, "admission_rate_per_minute")])
async def test_wrong_changes_are_named(server, what, field):
    async with SteadyApi(server.url) as api:
        before = (await api.get(ROOM)).expect(200)
        answer = await api.call("PATCH", ROOM, token=server.tokens.organiser(), json=what)
        assert answer.refused(422, "invalid-request")["errors"][0]["field"] == field
        assert (await api.get(ROOM)).expect(200) == before


async def test_only_organisers_run_rooms(server):
    async with SteadyApi(server.url) as api:
        for token, status in ((None, 401), (server.tokens.fan(1), 403), (server.tokens.staff(), 403)):
            (await api.call("PATCH", ROOM, token=token, json={"state": "paused"})).expect(status)
            (await api.post("/v1/waiting-rooms", {"name": "X"}, token)).expect(status)
        made = await api.post("/v1/waiting-rooms", {"name": "VIP", "active_sessions_max": 5},
                              server.tokens.organiser())
        room = made.expect(201)
        assert made.headers["Location"] == f"/v1/waiting-rooms/{room['id']}"
        assert (room["name"], room["active_sessions_max"]) == ("VIP", 5)


async def test_a_change_is_made_once_per_key(server):
    async with SteadyApi(server.url) as api:
        made = [await api.call("POST", "/v1/waiting-rooms", token=server.tokens.organiser(),
                               json={"name": "Once"}, headers={"Idempotency-Key": "room-1"})
                for _ in range(2)]
        assert made[0].expect(201)["id"] == made[1].expect(200, 201)["id"]


# ---- the lottery ---------------------------------------------------------------------

def draw_key(seed: str, room: int, number: int) -> int:
    """As docs/fairness.md describes it, in our own words."""
    digest = hashlib.sha256(f"{seed}:{room}:{number}".encode()).digest()
    return -1 - (int.from_bytes(digest[:8], "big") >> 2)


async def test_a_lottery_from_the_hash_to_the_proof(start_server, folder):
    server = start_server()
    async with SteadyApi(server.url) as api:
        opens = datetime.now(UTC) + timedelta(seconds=FIRST_SECONDS)
        room = (await api.post("/v1/waiting-rooms", {
            "name": "추첨", "order": "lottery", "active_sessions_max": 2,
            "opens_at": opens.isoformat(timespec="milliseconds")}, server.tokens.organiser())).expect(201)
        path, promised = f"/v1/waiting-rooms/{room['id']}", room["seed_hash"]
        assert promised and room["seed"] is None and room["drawn_at"] is None
        early = await enter(api, server, list(range(1, 13)), room["id"])
        assert {visitor["position"] for visitor in early.values()} == {None}
        (await Buyer(api, server.tokens.fan(12)).leave(early[12]["token"])).expect(200)
        (await api.get(f"{path}/draw")).refused(404, "not-found")
        (await api.call("PATCH", path, token=server.tokens.organiser(),
                        json={"order": "fifo"})).refused(409, "room-conflict")
        drawn = await wait_for_draw(api, path)
        assert hashlib.sha256(drawn["seed"].encode()).hexdigest() == promised == drawn["seed_hash"]

        late = await enter(api, server, [20, 21], room["id"])
        numbers = {fan: visitor["number"] for fan, visitor in early.items()}
        order = sorted((fan for fan in early if fan != 12),
                       key=lambda fan: (draw_key(drawn["seed"], room["id"], numbers[fan]), fan))
        shown = {fan: await state_of(api, visitor) for fan, visitor in (early | late).items()}
        assert [shown[fan]["state"] for fan in order[:2]] == ["active"] * 2
        assert [shown[fan]["position"] for fan in order[2:] + [20, 21]] == list(range(1, 12))
        assert [fan for fan, visitor in shown.items() if visitor["state"] == "left"] == [12]

        await check_published_draw(api, server, path, folder, numbers)
        server.kill()  # the order is in the store
        server.start()
        again = {fan: await state_of(api, visitor) for fan, visitor in (early | late).items()}
        assert {fan: v["position"] for fan, v in again.items()} == {
            fan: v["position"] for fan, v in shown.items()}


async def wait_for_draw(api: Api, path: str) -> Json:
    deadline = time.monotonic() + 60
    while not (room := (await api.get(path)).expect(200))["drawn_at"]:
        assert time.monotonic() < deadline, f"never drawn: {room}"
        await asyncio.sleep(0.05)
    return room


async def check_published_draw(api, server, path, folder, numbers) -> None:
    published = await api.get(f"{path}/draw")
    listed = published.expect(200)
    assert sorted(listed["numbers"]) == sorted(numbers.values())
    assert listed["left"] == [numbers[12]]
    file = folder / "draw.json"
    file.write_bytes(published.content)
    key = (await api.get("/v1/receipts/key")).expect(200)["public_key"]
    run_ok("draw", "verify", str(file), "--public-key", key)
    first, second = listed["numbers"][:2]
    file.write_bytes(published.content.replace(
        f"[{first},{second}".encode(), f"[{second},{first}".encode(), 1))
    assert run("draw", "verify", str(file)).returncode == 1


async def test_a_receipt_can_be_shown_later(server):
    async with SteadyApi(server.url) as api:
        visitor = (await enter(api, server, [50]))[50]
        path = f"/v1/visitors/{visitor['token']}/receipt"
        receipt = (await api.get(path)).expect(200)
        key = (await api.get("/v1/receipts/key")).expect(200)
        assert (receipt["number"], receipt["room_id"]) == (visitor["number"], 1)
        assert receipt["issued_at"] == visitor["issued_at"] and receipt["key_id"] == key["key_id"]
        assert len(receipt["signature"]) == 128 and len(key["public_key"]) == 64
        (await Buyer(api, server.tokens.fan(50)).leave(visitor["token"])).expect(200)
        server.restart()
        assert (await api.get(path)).expect(200) == receipt
        (await api.get("/v1/visitors/00000000-0000-4000-8000-000000000000/receipt")).expect(404)
