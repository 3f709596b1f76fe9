"""Nonsense on every route: never the server's fault, always a problem that says what is wrong."""

import asyncio
import json

import pytest

from blackbox.client import Api, Buyer
from blackbox.nonsense import Wrong, good_request, wrong_requests
from blackbox.openapi import Document
from blackbox.server import Server

AT_ONCE = 16


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def send_all(api: Api, requests: list[Wrong], token: str | None) -> list[int]:
    """Api.call checks each answer; statuses are returned for a look at the whole."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def send(wrong: Wrong) -> int:
        async with limit:
            answer = await api.call(wrong.method, wrong.path, token=token, data=wrong.body,
                                    headers=wrong.headers)
            return answer.status
    return await asyncio.gather(*(send(wrong) for wrong in requests))


async def test_nonsense_on_every_route(server):
    async with Api(server.url, connections=AT_ONCE) as api:
        document = await Document.of(api)
        tried = 0
        for operation in document.native:
            if operation.is_stream:
                continue  # a good one never ends; test_streams has the bad ones
            requests = list(wrong_requests(document, operation))
            statuses = await send_all(api, requests, server.tokens.organiser())
            assert any(status >= 400 for status in statuses), str(operation)
            tried += len(requests)
        assert tried > 1000
        (await api.get("/readyz")).expect(200)
    server.verify()


@pytest.mark.parametrize("who", ["nobody", "buyer", "staff"])
async def test_guarded_routes_refuse_the_others(server, who):
    """The good request of each route, but by somebody who may not, is refused for just that."""
    token = {"nobody": None, "buyer": server.tokens.fan(7), "staff": server.tokens.staff()}[who]
    async with Api(server.url, connections=AT_ONCE) as api:
        document = await Document.of(api)
        for operation in document.native:
            wanted = refusal(operation.spec, who)
            if not wanted:
                continue
            good = good_request(document, operation)
            answer = await api.call(good.method, good.path, token=token, data=good.body)
            assert answer.status == wanted, f"{who} at {operation}: {answer}"


def refusal(spec: dict, who: str) -> int | None:
    """What the document says such a person gets, whatever they ask for."""
    if "security" not in spec:
        return None
    if who == "nobody":
        return 401
    return 403 if "`forbidden`" in spec["responses"].get("403", {}).get("description", "") and (
        "organiser" in spec["tags"]) else None


async def test_bad_seating_plans_change_nothing(server):
    async with Api(server.url) as api:
        organiser = server.tokens.organiser()
        night = {"event_id": 1, "name": "Extra", "starts_at": "2030-01-01T19:00:00.000Z",
                 "price_tiers": [{"name": "A", "price": 100}]}
        performance = (await api.post("/v1/performances", night, organiser)).expect(201)["id"]
        path = f"/v1/performances/{performance}/seating-plan"
        seat = {"seat_guid": "g1", "seat_number": "1", "category": "A", "position": {"x": 0, "y": 0}}
        for seats, place in (([{**seat, "seat_guid": None}], "zones[0].rows[0].seats[0].seat_guid"),
                             ([seat, seat], "zones[0].rows[0].seats[1].seat_guid"),
                             ([{**seat, "position": 7}], "zones[0].rows[0].seats[0].position"),
                             ([{**seat, "category": "none"}], "zones[0].rows[0].seats[0].category")):
            answer = await api.post(path, plan_of(seats), organiser)
            body = answer.refused(422, "invalid-plan")
            assert body["errors"][0]["field"] == place, body
        other = await api.post(path, plan_of([{**seat, "category": "B"}], "B"), organiser)
        assert '"B"' in other.refused(422, "invalid-plan")["errors"][0]["message"]
        for text in (b"", b"{", b"[]", b"\xff", b"[" * 100_000, json.dumps(plan_of([])).encode()):
            answer = await api.call("POST", path, token=organiser, data=text)
            assert answer.status in (400, 422), str(answer)
        assert (await api.get(f"/v1/performances/{performance}")).expect(200)["seats_total"] == 0
        assert (await api.post(path, plan_of([seat]), organiser)).expect(201) == {
            "performance_id": performance, "seats": 1}
        (await api.post(path, plan_of([seat]), organiser)).refused(409, "has-seats")


def plan_of(seats: list, category: str = "A") -> dict:
    row = {"row_number": "1", "position": {"x": 0, "y": 0}, "seats": seats}
    return {"name": "Plan", "size": {"width": 10, "height": 10},
            "categories": [{"name": category, "color": "#000000"}],
            "zones": [{"name": "Z", "position": {"x": 0, "y": 0}, "rows": [row]}]}


async def test_money_has_limits(server):
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(20))
        for amount in (0, -1, 10_000_001, 2**63 - 1):
            (await buyer.charge(amount)).refused(422, "invalid-request")
        wrong = await api.post("/v1/wallet/charges", {"amount": 1, "currency": "USD"}, buyer.token)
        assert wrong.refused(422, "invalid-request")["errors"][0]["field"] == "currency"
        (await buyer.charge(10_000_000)).expect(201)
        assert await buyer.balance() == 10_000_000


async def test_a_wallet_is_never_overfull(start_server):
    server = start_server({"wallet.charge_max": 10**15})
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        (await buyer.charge(10**15 - 1)).expect(201)
        full = (await buyer.charge(2)).refused(409, "balance-limit")
        assert full["balance_max"] == 10**15
        (await buyer.charge(1)).expect(201)
        assert await buyer.balance() == 10**15
