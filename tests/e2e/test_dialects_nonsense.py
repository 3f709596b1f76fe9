"""Nonsense on every route of every dialect: refused in that dialect's words, and nothing changes."""

import asyncio
import json
import re

import pytest

from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.dialects import availability, customers, dates, native, performances, schedules
from blackbox.dialects.base import DialectApi
from blackbox.dialects.nonsense import NOTHING_THERE, ROUTES, Desk, Refusal, Route, wrong_requests
from blackbox.raw import RawConnection, request
from blackbox.server import Server

AT_ONCE = 16
NIGHT = 1
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CLIENTS = {"performances": performances, "schedules": schedules, "availability": availability,
           "customers": customers, "dates": dates}
every_dialect = pytest.mark.parametrize("dialect", ROUTES)


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


@pytest.fixture(scope="module")
def desks(server) -> dict[str, Desk]:
    return asyncio.run(take_places(server))


async def take_places(server: Server) -> dict[str, Desk]:
    """One person for each dialect who could do everything: admitted, rich, with a seat held."""
    async with Api(server.url) as api:
        seats = await seats_of(api, NIGHT)
        day = dates.seoul_day((await api.get(f"/v1/performances/{NIGHT}")).expect(200)["starts_at"])
        desks = {}
        for place, dialect in enumerate(ROUTES):
            fan, held = 11 + place, seats[2 * place]
            buyer = Buyer(api, server.tokens.fan(fan))
            visitor = (await buyer.enter()).expect(201)
            (await buyer.charge(1_000_000)).expect(201)
            reservation = (await buyer.hold(1, NIGHT, [held["id"]])).expect(201)
            token = buyer.token if dialect == "performances" else visitor["token"]
            free = seats[2 * place + 1]
            desks[dialect] = Desk(dialect, fan, token, NIGHT, day, held, free, reservation["id"])
        return desks


def client_of(dialect: str, server: Server) -> DialectApi:
    return CLIENTS[dialect].client(server.url, connections=AT_ONCE)


async def everything(server: Server, desks: dict[str, Desk]) -> list[Json]:
    """All that a request could have changed."""
    async with Api(server.url) as api:
        seen: list[Json] = [await seats_of(api, night) for night in (1, 2, 3)]
        for desk in desks.values():
            token = server.tokens.fan(desk.fan)
            seen.append(await native.reservations(Buyer(api, token)))
            seen.append(await api.pages("/v1/wallet/transfers", token))
        metrics = (await api.get("/metrics")).content.decode()
        seen.append(re.findall(r"^onsale_visitors_.*$", metrics, re.M))
        return seen


async def send(client: DialectApi, wrong: Refusal) -> Answer:
    """The client checks the form of whatever comes back."""
    return await client.call(wrong.method, wrong.path, data=wrong.body, headers=wrong.headers)


@every_dialect
async def test_nonsense_on_every_route(server, desks, dialect):
    before = await everything(server, desks)
    limit, surprises = asyncio.Semaphore(AT_ONCE), []
    desk = desks[dialect]
    async with client_of(dialect, server) as client:
        async def attempt(wrong: Refusal) -> None:
            async with limit:
                answer = await send(client, wrong)
                if answer.status not in wrong.statuses:
                    surprises.append(f"{sorted(wrong.statuses)[:3]} wanted for {wrong.body!r:.200} "
                                     f"{wrong.headers!r:.100}: {answer!s:.300}")
        wrongs = [wrong for route in ROUTES[dialect](desk) for wrong in wrong_requests(desk, route)]
        assert len(wrongs) > 100
        await asyncio.gather(*(attempt(wrong) for wrong in wrongs))
    assert not surprises, f"{len(surprises)}:\n" + "\n".join(surprises[:40])
    assert await everything(server, desks) == before
    server.verify()


@every_dialect
async def test_wrong_methods(server, desks, dialect):
    desk, allowed = desks[dialect], {}
    for route in ROUTES[dialect](desk):
        allowed.setdefault(route.good_path(), set()).add(route.method)
    async with client_of(dialect, server) as client:
        for path, methods in allowed.items():
            for method in set(METHODS) - methods:
                answer = await client.call(method, path, token=desk.token, data=b"{}")
                answer.expect(405)
                named = set(re.split(r",\s*", answer.headers["Allow"]))
                assert named == methods | ({"HEAD"} if "GET" in methods else set()), str(answer)


async def test_a_literal_wins_over_a_parameter(server):
    async with client_of("dates", server) as client:
        answer = await client.post("/api/status/charge", {"amount": 1000})
        answer.expect(405)
        assert set(re.split(r",\s*", answer.headers["Allow"])) == {"GET", "HEAD"}
    async with client_of("schedules", server) as client:
        schedules.refused(await client.get("/api/queue/balance"), 404, schedules.BAD_USER)


@every_dialect
async def test_nothing_there(server, desks, dialect):
    async with client_of(dialect, server) as client:
        for path in NOTHING_THERE[dialect]:
            for method in ("GET", "POST"):
                (await client.call(method, path, token=desks[dialect].token)).expect(404)


@every_dialect
async def test_paths_beyond_all_measure(server, desks, dialect):
    """Too long to be read: the connection says so and the server goes on."""
    path = ROUTES[dialect](desks[dialect])[0].good_path() + "/" + "x" * 20_000
    with RawConnection(server.port) as connection:
        connection.send(request("GET", path))
        assert connection.answer().status in (414, 431)
    async with Api(server.url) as api:
        (await api.get("/readyz")).expect(200)


@every_dialect
async def test_overload_is_said_in_its_own_words(start_server, dialect):
    """A queue for one command, and many who charge: whoever is refused is told when to come again."""
    server = start_server({"engine.queue_max": 1})
    method, path, body = {
        "performances": ("PATCH", "/cash_charge", {"amount": 10}),
        "schedules": ("PATCH", "/api/point/1", {"amount": 10}),
        "availability": ("POST", "/api/v1/users/1/balance", {"amount": 10}),
        "customers": ("POST", "/customer/point/charge", {"customerId": 1, "amount": 10}),
        "dates": ("POST", "/api/1/charge", {"amount": 10})}[dialect]
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        visitor = (await buyer.enter()).expect(201)["token"]
        token = {"performances": buyer.token, "availability": visitor}.get(dialect)
        statuses: list[int] = []
        client = CLIENTS[dialect].client(server.url, connections=AT_ONCE, unavailable_ok=True)
        async with client:
            while statuses.count(503) == 0:
                assert len(statuses) < 10_000, "never overloaded"
                answers = await asyncio.gather(*(client.call(method, path, token=token, json=body)
                                                 for _ in range(4 * AT_ONCE)))
                statuses += [answer.status for answer in answers]
        assert set(statuses) <= {200, 503}
        assert await buyer.balance() == 10 * statuses.count(200)


@every_dialect
@pytest.mark.parametrize("kind", [None, "application/json", "application/json; charset=UTF-8",
                                  "Application/JSON;charset=utf-8"])
async def test_json_may_go_without_saying(server, desks, dialect, kind):
    sign_in = {"email_address": "fan11@example.com", "password": "onsale"}
    bodies = {"performances": ("POST", "/signIn", sign_in),
              "schedules": ("PATCH", "/api/point/900", {"amount": 1}),
              "availability": ("POST", "/api/v1/users/token", {"userId": "13", "browserId": "b"}),
              "customers": ("POST", "/customer/waiting/check", {"customerId": 14}),
              "dates": ("POST", "/api/issue", {"userId": 15})}
    method, path, body = bodies[dialect]
    with RawConnection(server.port) as connection:
        headers = {"Content_Type": kind} if kind else {}
        connection.send(request(method, path, json.dumps(body).encode(), **headers))
        answer = connection.answer()
        assert answer.status == 200, answer


@every_dialect
async def test_the_good_ones_are_good(server, desks, dialect):
    """Else the wrong ones would prove nothing."""
    desk = desks[dialect]

    async def send_good(client: DialectApi, route: Route) -> Answer:
        return await client.call(route.method, route.good_path(), data=route.good_body(),
                                 headers=desk.headers(route))
    async with client_of(dialect, server) as client:
        for route in ROUTES[dialect](desk):
            (await send_good(client, route)).expect(200, 201)
    async with Api(server.url) as api:
        assert await native.status_of(api, NIGHT, desk.held["id"]) == {"sold"}
        assert await native.status_of(api, NIGHT, desk.free["id"]) == {"held"}
        wallet = (await api.get("/v1/wallet", server.tokens.fan(desk.fan))).expect(200)
        assert wallet["balance"] == 1_001_000 - desk.held["price"]
