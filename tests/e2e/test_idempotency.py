"""Idempotency-Key: the same request with the same key is done once, also after a restart."""

import pytest

from blackbox.binary import ROOT
from blackbox.client import Answer, Api, Buyer, seats_of


def same_answer(again: Answer, first: Answer) -> None:
    assert again.status in (first.status, 200), str(again)
    assert again.body == first.body
    assert again.headers.get("Idempotent-Replayed") == "true", str(again.headers)


async def test_every_write_of_a_purchase_can_be_repeated(start_server):
    server = start_server()
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        visitor = (await buyer.enter(key="enter")).expect(201)
        assert (await buyer.enter(key="enter")).expect(200, 201)["token"] == visitor["token"]
        seat = (await seats_of(api, 1))[0]
        held = await buyer.hold(1, 1, [seat["id"]], key="hold")
        held.expect(201)
        same_answer(await buyer.hold(1, 1, [seat["id"]], key="hold"), held)
        charged = await buyer.charge(seat["price"], key="charge")
        charged.expect(201)
        same_answer(await buyer.charge(seat["price"], key="charge"), charged)
        paid = await buyer.pay(held.body["id"], key="pay")
        paid.expect(201)
        same_answer(await buyer.pay(held.body["id"], key="pay"), paid)

    server.restart()
    async with Api(server.url) as api:
        buyer = Buyer(api, buyer.token)
        same_answer(await buyer.hold(1, 1, [seat["id"]], key="hold"), held)
        same_answer(await buyer.charge(seat["price"], key="charge"), charged)
        same_answer(await buyer.pay(held.body["id"], key="pay"), paid)
        entered = (await buyer.enter(key="enter")).expect(200, 201)
        assert (entered["token"], entered["state"]) == (visitor["token"], "completed")
        assert await buyer.balance() == 0
        assert len(await api.pages("/v1/wallet/transfers", buyer.token)) == 2
        assert len(await api.pages("/v1/tickets", buyer.token)) == 1


async def test_a_key_belongs_to_one_request(start_server):
    server = start_server()
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        (await buyer.charge(100, key="k")).expect(201)
        (await buyer.charge(101, key="k")).refused(422, "idempotency-mismatch")
        assert await buyer.balance() == 100
        # Other people and other routes have keys of their own.
        other = Buyer(api, server.tokens.fan(2))
        (await other.charge(101, key="k")).expect(201)
        (await buyer.enter(key="k")).expect(201)
        assert await other.balance() == 101


async def test_a_plan_is_part_of_its_request(start_server):
    server = start_server()
    plans = {name: (ROOT / "data" / "plans" / f"{name}.json").read_bytes()
             for name in ("hall", "arena")}
    tiers = [{"name": name, "price": 1} for name in ("VIP", "R", "S", "A", "B", "C")]
    async with Api(server.url) as api:
        boss = server.tokens.organiser()
        night = (await api.post("/v1/performances", {
            "event_id": 1, "name": "More", "starts_at": "2099-01-01T10:00:00Z",
            "price_tiers": tiers}, boss)).expect(201)

        async def give(plan: str) -> Answer:
            return await api.post(f"/v1/performances/{night['id']}/seating-plan", token=boss,
                                  data=plans[plan], headers={"Idempotency-Key": "plan"})
        first = await give("hall")
        assert first.expect(201)["seats"] == 50
        same_answer(await give("hall"), first)
        (await give("arena")).refused(422, "idempotency-mismatch")


async def test_a_refusal_is_decided_afresh(start_server):
    server = start_server()
    async with Api(server.url) as api:
        buyer, rival = Buyer(api, server.tokens.fan(1)), Buyer(api, server.tokens.fan(2))
        (await buyer.enter()).expect(201)
        (await rival.enter()).expect(201)
        seat = (await seats_of(api, 1))[0]
        theirs = (await rival.hold(1, 1, [seat["id"]])).expect(201)
        (await buyer.hold(1, 1, [seat["id"]], key="h")).refused(409, "seat-taken")
        (await rival.cancel(theirs["id"])).expect(200)
        held = (await buyer.hold(1, 1, [seat["id"]], key="h")).expect(201)
        (await buyer.pay(held["id"], key="p")).refused(402, "insufficient-funds")
        (await buyer.charge(seat["price"])).expect(201)
        (await buyer.pay(held["id"], key="p")).expect(201)


@pytest.mark.parametrize("key", ["", " ", "two words", "k" * 256, "schlüssel"])
async def test_bad_keys_are_refused(start_server, key):
    server = start_server()
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        answer = await buyer.api.post("/v1/wallet/charges", {"amount": 1}, buyer.token,
                                      headers={"Idempotency-Key": key})
        assert answer.refused(422, "invalid-request")["errors"][0]["field"] == "Idempotency-Key"
        (await buyer.charge(1, key="k" * 255)).expect(201)
        assert await buyer.balance() == 1
