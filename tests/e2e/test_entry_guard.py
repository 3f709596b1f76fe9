"""What entering takes where an organiser or the operator wants it: work, and not too many at once."""

import asyncio
import time
from datetime import datetime

import pytest

from blackbox import altcha
from blackbox.client import Answer, Api, Buyer, Json, SteadyApi
from blackbox.dialects import availability, customers, dates, performances, schedules
from blackbox.server import Server

ROOM = "/v1/waiting-rooms/1"
REQUIRED = "proof-of-work-required"
WORK = 500
PROXY = {"server.trusted_proxies": "127.0.0.0/8, 10.0.0.0/8"}
WAIT_SECONDS_MAX = 30


@pytest.fixture
def server(start_server) -> Server:
    return start_server({"waiting_room.entry_work": WORK})


async def change(api: Api, server: Server, room: str = ROOM, **what: Json) -> Answer:
    return await api.call("PATCH", room, token=server.tokens.organiser(), json=what)


async def challenge(api: Api, token: str | None = None, room: str = ROOM) -> Json:
    return (await api.get(f"{room}/challenge", token)).expect(200)


async def enter(api: Api, token: str, solution: str | None = None, room: str = ROOM,
                **headers: str) -> Answer:
    body = None if solution is None else {"altcha": solution}
    return await api.call("POST", f"{room}/visitors", token=token, json=body, headers=headers)


async def enter_and_leave(api: Api, token: str, solution: str) -> None:
    visitor = (await enter(api, token, solution)).expect(201)
    (await Buyer(api, token).leave(visitor["token"])).expect(200)


def refused(answer: Answer, reason: str) -> Json:
    """The problem, which has to be a challenge to go on with."""
    problem = answer.refused(403, REQUIRED)
    assert problem["reason"] == reason, str(answer)
    altcha.number_of(problem)
    return problem


async def until(moment: float) -> None:
    """Until the clock says so."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.time() < moment:
        assert time.monotonic() < deadline, f"{moment} does not come"
        await asyncio.sleep(0.01)


# ---- work ------------------------------------------------------------------------------

async def test_by_default_there_is_nothing_to_do(start_server):
    server = start_server()
    async with Api(server.url) as api:
        token = server.tokens.fan(1)
        nothing = await challenge(api, token)
        assert (nothing["maxnumber"], altcha.number_of(nothing)) == (0, 0)
        assert (await api.get(ROOM)).expect(200)["entry_work"] == 0
        assert (await api.get("/v1/waiting-rooms/99/challenge")).refused(404, "not-found")
        (await enter(api, token)).expect(201)
        (await enter(api, server.tokens.fan(2), altcha.solve(nothing))).expect(201)
        (await enter(api, server.tokens.fan(3), "whatever")).expect(201)


async def test_one_round_trip(server):
    async with Api(server.url) as api:
        fan1, fan2 = server.tokens.fan(1), server.tokens.fan(2)
        problem = refused(await enter(api, fan1), "missing")
        (await enter(api, fan1, altcha.solve(problem))).expect(201)
        problem = refused(await enter(api, fan2), "missing")
        (await enter(api, fan2, **{"Altcha": altcha.solve(problem)})).expect(201)


async def test_a_challenge_is_as_the_widget_wants_it(server):
    async with Api(server.url) as api:
        answer = await api.get(f"{ROOM}/challenge")
        body = answer.expect(200)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert list(body) == list(altcha.MEMBERS)
        assert (body["algorithm"], body["maxnumber"]) == ("SHA-256", WORK)
        assert len(bytes.fromhex(body["challenge"])) == len(bytes.fromhex(body["signature"])) == 32
        assert body["salt"].endswith("&")
        soon = int(altcha.terms(body)["expires"]) - time.time()
        assert 240 < soon < 360, soon
        assert (await challenge(api))["salt"] != body["salt"]
        (await enter(api, server.tokens.fan(1), altcha.solve(body))).expect(201)


async def test_a_solution_is_good_once(server):
    async with SteadyApi(server.url) as api:
        fan1, fan2 = server.tokens.fan(1), server.tokens.fan(2)
        for_anybody_here = altcha.solve(await challenge(api))
        await enter_and_leave(api, fan1, for_anybody_here)
        refused(await enter(api, fan1, for_anybody_here), "used")
        refused(await enter(api, fan2, for_anybody_here), "used")
        again = refused(await enter(api, fan1), "missing")
        await enter_and_leave(api, fan1, altcha.solve(again))


async def test_of_many_at_once_one_gets_in_with_a_solution(server):
    async with SteadyApi(server.url) as api:
        solution = altcha.solve(await challenge(api))
        answers = await asyncio.gather(*(enter(api, server.tokens.fan(n), solution)
                                         for n in range(1, 41)))
        assert sum(answer.status == 201 for answer in answers) == 1
        assert {answer.slug for answer in answers} <= {"", REQUIRED, "request-in-flight"}


async def test_what_the_engine_refuses_costs_no_solution(server):
    async with Api(server.url) as api:
        token = server.tokens.fan(1)
        solution = altcha.solve(await challenge(api, token))
        (await change(api, server, state="closed")).expect(200)
        (await enter(api, token)).refused(409, "room-closed")  # and no work for nothing
        (await enter(api, token, solution)).refused(409, "room-closed")
        (await change(api, server, state="open")).expect(200)
        (await enter(api, token, solution)).expect(201)


async def test_a_solution_expires(start_server):
    server = start_server({"waiting_room.entry_work": WORK, "waiting_room.challenge_lifetime": "1s"})
    async with Api(server.url) as api:
        token = server.tokens.fan(1)
        old = await challenge(api, token)
        await until(int(altcha.terms(old)["expires"]))
        refused(await enter(api, token, altcha.solve(old)), "expired")


async def test_a_solution_cannot_be_traded(server):
    async with Api(server.url) as api:
        made = await api.call("POST", "/v1/waiting-rooms", token=server.tokens.organiser(),
                              json={"name": "Elsewhere", "entry_work": WORK})
        elsewhere = f"/v1/waiting-rooms/{made.expect(201)['id']}"
        fan1, fan2 = server.tokens.fan(1), server.tokens.fan(2)
        mine = altcha.solve(await challenge(api, fan1))
        refused(await enter(api, fan2, mine), "other-user")
        refused(await enter(api, fan1, mine, elsewhere), "other-room")
        refused(await enter(api, fan2, altcha.solve(await challenge(api, room=elsewhere))), "other-room")
        (await enter(api, fan1, mine)).expect(201)


async def test_a_challenge_of_nobody_is_for_one_address(start_server):
    server = start_server(PROXY | {"waiting_room.entry_work": WORK})
    async with Api(server.url) as api:
        answer = await api.get(f"{ROOM}/challenge", headers={"X-Forwarded-For": "203.0.113.7"})
        solution = altcha.solve(answer.expect(200))
        token = server.tokens.fan(1)
        refused(await enter(api, token, solution, **{"X-Forwarded-For": "203.0.113.8"}), "other-user")
        (await enter(api, token, solution, **{"X-Forwarded-For": "203.0.113.7"})).expect(201)


async def test_a_forged_solution(server):
    async with Api(server.url) as api:
        token = server.tokens.fan(1)
        good = await challenge(api, token)
        number = altcha.number_of(good)
        salt, until_when = good["salt"], altcha.terms(good)["expires"]
        later = salt.replace(until_when, str(int(until_when) + 1000))
        for forged in [altcha.encode(good, number + 1), altcha.encode(good, -1),
                       altcha.encode(good, number, salt=later),
                       altcha.encode(good, number, salt=salt.replace("user=1", "user=2")),
                       altcha.encode(good, number, salt=salt.replace("room=1", "room=2")),
                       altcha.encode(good, number, salt=salt.replace(f"work={WORK}", "work=9999")),
                       altcha.encode(good, number, salt=salt[:-1]),
                       altcha.encode(good, number, signature="0" * 64),
                       altcha.encode(good, number, signature=""),
                       altcha.encode(good, number, challenge="0" * 64),
                       altcha.encode(good, number, algorithm="SHA-512")]:
            refused(await enter(api, token, forged), "wrong")
        for nonsense in ["nonsense", "e30=", "bnVsbA==", altcha.encode(good, number, number="1"),
                         altcha.encode(good, number, number=None)]:
            refused(await enter(api, token, nonsense), "malformed")
        (await enter(api, token, "A" * 5000)).refused(422, "invalid-request")
        (await enter(api, token, altcha.solve(good))).expect(201)


async def test_an_organiser_sets_how_hard_it_is_and_that_holds_at_once(start_server):
    server = start_server()
    async with SteadyApi(server.url) as api:
        tokens = [server.tokens.fan(n) for n in range(1, 6)]
        (await enter(api, tokens[0])).expect(201)
        assert (await change(api, server, entry_work=100)).expect(200)["entry_work"] == 100
        easy = [altcha.solve(await challenge(api, token)) for token in tokens]
        (await enter(api, tokens[1], easy[1])).expect(201)
        (await change(api, server, entry_work=1000)).expect(200)
        problem = refused(await enter(api, tokens[2], easy[2]), "too-easy")
        assert problem["maxnumber"] == 1000
        (await change(api, server, entry_work=10)).expect(200)
        (await enter(api, tokens[2], altcha.solve(problem))).expect(201)  # more than enough
        server.kill()
        server.start()
        assert (await api.get(ROOM)).expect(200)["entry_work"] == 10
        (await enter(api, tokens[3], easy[3])).expect(201)  # a restart forgets no challenge
        assert (await change(api, server, entry_work=None)).expect(200)["entry_work"] == 0
        (await enter(api, tokens[4])).expect(201)
        for wrong in (-1, 10_000_001, "much", 1.5):
            problem = (await change(api, server, entry_work=wrong)).refused(422, "invalid-request")
            assert [error["field"] for error in problem["errors"]] == ["entry_work"]


# ---- the rate of an address --------------------------------------------------------------

async def test_beyond_the_rate_one_is_told_when_the_next_may_enter(start_server):
    server = start_server({"waiting_room.entries_per_address_per_minute": 60})
    async with Api(server.url) as api:
        for number in range(1, 1000):
            answer = await enter(api, server.tokens.fan(number))
            if answer.status == 429:
                break
            answer.expect(201)
        assert number > 60, str(answer)
        problem = answer.refused(429, "too-many-requests")
        assert answer.headers["Retry-After"] == "1"
        await until(datetime.fromisoformat(problem["next_at"]).timestamp())
        (await enter(api, server.tokens.fan(number))).expect(201)


FORMS = [  # what the proxy sends for the same client, and for another one
    (["203.0.113.7"], ["203.0.113.8"]),
    (["203.0.113.7", "10.1.1.1, 203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7",
      "1.2.3.4, 203.0.113.7", "203.0.113.7 ,10.9.9.9", "nonsense,203.0.113.7"],
     ["203.0.113.7, 203.0.113.8"]),
    (["2001:db8:0:1::7", "[2001:db8:0:1::8]:4711", "[2001:db8:0:1:ffff::9]", "2001:DB8:0:1::1"],
     ["2001:db8:0:2::7"]),
    (["nonsense", "203.0.113.7, nonsense", "", "203.0.113.7,"], ["203.0.113.7"])]


@pytest.mark.parametrize("same, other", FORMS)
async def test_behind_a_proxy_each_client_has_a_rate_of_its_own(start_server, same, other):
    server = start_server(PROXY | {"waiting_room.entries_per_address_per_minute": 1})
    async with Api(server.url) as api:
        async def enter_from(fan: int, forwarded: str) -> Answer:
            return await enter(api, server.tokens.fan(fan), **{"X-Forwarded-For": forwarded})
        (await enter_from(1, same[0])).expect(201)
        for forwarded in same:
            (await enter_from(2, forwarded)).refused(429, "too-many-requests")
        (await enter_from(3, other[0])).expect(201)
        (await enter_from(4, other[0])).refused(429, "too-many-requests")


async def test_nobody_else_is_believed_about_where_a_request_comes_from(start_server):
    server = start_server({"waiting_room.entries_per_address_per_minute": 1,
                           "server.trusted_proxies": "10.0.0.0/8"})
    async with Api(server.url) as api:
        (await enter(api, server.tokens.fan(1), **{"X-Forwarded-For": "203.0.113.7"})).expect(201)
        for forwarded in ("203.0.113.8", "10.0.0.1", "127.0.0.1"):
            answer = await enter(api, server.tokens.fan(2), **{"X-Forwarded-For": forwarded})
            answer.refused(429, "too-many-requests")


async def test_who_has_a_place_comes_and_goes_freely(start_server):
    server = start_server({"waiting_room.entry_work": WORK, "waiting_room.active_sessions_max": 1,
                           "waiting_room.entries_per_address_per_minute": 2})
    async with Api(server.url) as api:
        tokens = [server.tokens.fan(n) for n in (1, 2)]
        for token in tokens:
            solution = altcha.solve(await challenge(api, token))
            visitor = (await enter(api, token, solution)).expect(201)
            for _ in range(5):
                again = (await enter(api, token)).expect(200)
                assert again["token"] == visitor["token"]
                assert (await enter(api, token, solution)).expect(200)["token"] == visitor["token"]
                (await api.get(f"/v1/visitors/{visitor['token']}")).expect(200)
        (await enter(api, server.tokens.fan(3))).refused(429, "too-many-requests")


# ---- the other APIs -----------------------------------------------------------------------

DIALECTS = {"performances": (performances, 400), "schedules": (schedules, 403),
            "availability": (availability, 403), "customers": (customers, 403), "dates": (dates, 403)}


async def enter_by(name: str, api: Api, server: Server, fan: int) -> Answer:
    match name:
        case "performances":
            return await api.get("/performaces", server.tokens.fan(fan))
        case "schedules":
            return await api.get(f"/api/queue/{fan}")
        case "availability":
            return await api.post("/api/v1/users/token", {"userId": str(fan), "browserId": "b"})
        case "customers":
            return await api.post("/customer/waiting/enter", {"customerId": fan})
    return await api.post("/api/issue", {"userId": fan})


@pytest.mark.parametrize("name", DIALECTS)
async def test_the_compatible_apis_have_no_way_to_send_a_solution(server, name):
    dialect, status = DIALECTS[name]
    async with Api(server.url) as api, dialect.client(server.url) as other:
        answer = await enter_by(name, other, server, 1)
        assert answer.status == status and "작업 증명" in answer.body["message"], str(answer)
        token = server.tokens.fan(1)
        (await enter(api, token, altcha.solve(await challenge(api, token)))).expect(201)
        (await enter_by(name, other, server, 1)).expect(200)


@pytest.mark.parametrize("name", DIALECTS)
async def test_the_rate_holds_for_all_apis_together(start_server, name):
    server = start_server({"waiting_room.entries_per_address_per_minute": 1})
    dialect, _ = DIALECTS[name]
    async with Api(server.url) as api, dialect.client(server.url) as other:
        (await enter_by(name, other, server, 1)).expect(200)
        for _ in range(3):
            (await enter_by(name, other, server, 1)).expect(200)
        answer = await enter_by(name, other, server, 2)
        assert answer.status == 429 and 1 <= int(answer.headers["Retry-After"]) <= 60, str(answer)
        (await enter(api, server.tokens.fan(2))).refused(429, "too-many-requests")
