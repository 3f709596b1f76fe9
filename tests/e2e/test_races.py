"""Many at once for the same thing: one gets it, the others are told so, nothing is lost."""

import asyncio
import random
from collections import Counter

from blackbox.client import Answer, Api, Buyer, seats_of
from blackbox.server import Server

RACERS = 64


async def buyers(api: Api, server: Server, numbers: range, enter: bool = True) -> list[Buyer]:
    crowd = [Buyer(api, server.tokens.fan(n)) for n in numbers]
    if enter:
        for answer in await asyncio.gather(*(buyer.enter() for buyer in crowd)):
            answer.expect(201)
    return crowd


def kinds(answers: list[Answer]) -> Counter:
    return Counter((answer.status, answer.slug) for answer in answers)


async def test_64_race_for_each_of_50_seats(start_server):
    server = start_server({"sales.seats_per_user_max": 50})
    async with Api(server.url, connections=RACERS) as api:
        crowd = await buyers(api, server, range(1, RACERS + 1))
        seats = [seat["id"] for seat in await seats_of(api, 1)]
        owners = {}
        for seat in seats:
            random.shuffle(crowd)
            answers = await asyncio.gather(*(buyer.hold(1, 1, [seat]) for buyer in crowd))
            assert kinds(answers) == {(201, ""): 1, (409, "seat-taken"): RACERS - 1}
            owners[seat] = [b for b, answer in zip(crowd, answers) if answer.status == 201][0]
            assert all(a.body["seat_ids"] == [seat] for a in answers if a.status == 409)
        assert len(owners) == 50
        assert {seat["status"] for seat in await seats_of(api, 1)} == {"held"}
        held = {line["seat_id"]: buyer for buyer in crowd
                for reservation in await api.pages("/v1/reservations", buyer.token)
                for line in reservation["lines"]}
        assert held == owners


async def test_all_seats_at_once(start_server):
    """The same race without rounds: everybody wants every seat, in an order of their own."""
    server = start_server({"sales.seats_per_user_max": 50})
    async with Api(server.url, connections=RACERS) as api:
        crowd = await buyers(api, server, range(1, RACERS + 1))
        seats = [seat["id"] for seat in await seats_of(api, 2)]
        wishes = [(buyer, seat) for buyer in crowd for seat in random.sample(seats, len(seats))]
        random.shuffle(wishes)
        answers = await asyncio.gather(*(buyer.hold(1, 2, [seat]) for buyer, seat in wishes))
        assert kinds(answers) == {(201, ""): 50, (409, "seat-taken"): 50 * (RACERS - 1)}


async def test_overlapping_groups_are_all_or_nothing(start_server):
    server = start_server({"sales.seats_per_user_max": 50})
    async with Api(server.url, connections=RACERS) as api:
        crowd = await buyers(api, server, range(1, RACERS + 1))
        seats = [seat["id"] for seat in await seats_of(api, 1)]
        groups = [random.sample(seats, 4) for _ in crowd]
        answers = await asyncio.gather(*(b.hold(1, 1, g) for b, g in zip(crowd, groups)))
        won = [group for group, answer in zip(groups, answers) if answer.status == 201]
        taken = [seat for group in won for seat in group]
        assert won and len(taken) == len(set(taken))
        for group, answer in zip(groups, answers):
            if answer.status != 201:
                named = set(answer.refused(409, "seat-taken")["seat_ids"])
                assert named and named <= set(group) & set(taken)
        held = {seat["id"] for seat in await seats_of(api, 1) if seat["status"] == "held"}
        assert held == set(taken)


async def test_one_limit_for_many_requests(start_server):
    server = start_server()
    async with Api(server.url, connections=RACERS) as api:
        [buyer] = await buyers(api, server, range(1, 2))
        seats = [seat["id"] for seat in await seats_of(api, 1)]
        answers = await asyncio.gather(*(buyer.hold(1, 1, [seat]) for seat in seats))
        assert kinds(answers) == {(201, ""): 4, (409, "seat-limit"): 46}


async def test_50_payments_of_one_reservation(start_server):
    server = start_server()
    async with Api(server.url, connections=50) as api:
        [buyer] = await buyers(api, server, range(1, 2))
        seat = (await seats_of(api, 1))[0]
        held = (await buyer.hold(1, 1, [seat["id"]])).expect(201)
        (await buyer.charge(3 * seat["price"])).expect(201)
        answers = await asyncio.gather(*(buyer.pay(held["id"]) for _ in range(50)))
        assert kinds(answers) == {(201, ""): 1, (409, "already-paid"): 49}
        assert await buyer.balance() == 2 * seat["price"]
        assert len(await api.pages("/v1/tickets", buyer.token)) == 1
        assert len(await api.pages("/v1/wallet/transfers", buyer.token)) == 2


async def test_payments_that_the_wallet_covers_only_once(start_server):
    server = start_server()
    async with Api(server.url) as api:
        [buyer] = await buyers(api, server, range(1, 2))
        seats = [seat for seat in await seats_of(api, 1) if seat["price"] == 70_000][:4]
        held = [(await buyer.hold(1, 1, [seat["id"]])).expect(201)["id"] for seat in seats]
        (await buyer.charge(2 * 70_000 + 1)).expect(201)
        answers = await asyncio.gather(*(buyer.pay(each) for each in held))
        assert kinds(answers) == {(201, ""): 2, (402, "insufficient-funds"): 2}
        assert await buyer.balance() == 1


async def test_pay_or_cancel(start_server):
    """Both at once: one of them wins, and the other is told."""
    server = start_server()
    async with Api(server.url) as api:
        crowd = await buyers(api, server, range(1, 33))
        seats = await seats_of(api, 1)
        for buyer, seat in zip(crowd, seats):
            held = (await buyer.hold(1, 1, [seat["id"]])).expect(201)["id"]
            (await buyer.charge(seat["price"])).expect(201)
            paid, canceled = await asyncio.gather(buyer.pay(held), buyer.cancel(held))
            outcome = (paid.status, paid.slug, canceled.status, canceled.slug)
            assert outcome in {(201, "", 409, "already-paid"), (410, "reservation-expired", 200, "")}
            assert await buyer.balance() == (0 if paid.status == 201 else seat["price"])


async def test_320_charges_of_1(start_server):
    server = start_server()
    async with Api(server.url, connections=320) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        answers = await asyncio.gather(*(buyer.charge(1) for _ in range(320)))
        assert kinds(answers) == {(201, ""): 320}
        assert sorted(answer.body["balance"] for answer in answers) == list(range(1, 321))
        assert await buyer.balance() == 320


async def test_one_key_20_times_at_once(start_server):
    server = start_server()
    async with Api(server.url) as api:
        [buyer] = await buyers(api, server, range(1, 2))
        for round_number in range(10):
            key = f"key-{round_number}"
            answers = await asyncio.gather(*(buyer.charge(100, key=key) for _ in range(20)))
            assert set(kinds(answers)) <= {(200, ""), (201, ""), (409, "request-in-flight")}
            done = [answer for answer in answers if answer.status < 300]
            assert done and len({answer.body["transfer_id"] for answer in done}) == 1
        assert await buyer.balance() == 1000
        seat = (await seats_of(api, 1))[0]["id"]
        answers = await asyncio.gather(*(buyer.hold(1, 1, [seat], key="hold") for _ in range(20)))
        assert set(kinds(answers)) <= {(200, ""), (201, ""), (409, "request-in-flight")}
        assert len({answer.body["id"] for answer in answers if answer.status < 300}) == 1
        assert len(await api.pages("/v1/reservations", buyer.token)) == 1


async def test_entering_20_times_at_once(start_server):
    server = start_server()
    async with Api(server.url) as api:
        for number in range(1, 11):
            buyer = Buyer(api, server.tokens.fan(number))
            answers = await asyncio.gather(*(buyer.enter() for _ in range(20)))
            assert kinds(answers) == {(201, ""): 1, (200, ""): 19}
            assert {(a.body["token"], a.body["number"]) for a in answers} == {
                (answers[0].body["token"], number)}


async def test_one_address_signs_up_10_times_at_once(start_server):
    server = start_server()
    async with Api(server.url) as api:
        person = {"email": "mina@example.com", "password": "secret-enough", "name": "Mina"}
        answers = await asyncio.gather(*(api.post("/v1/users", person) for _ in range(10)))
        assert kinds(answers) == {(201, ""): 1, (409, "email-taken"): 9}
