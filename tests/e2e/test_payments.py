"""Paying for all at once, giving back what cannot be paid, and whose name is on the ticket."""

import asyncio
from collections import Counter

import pytest

from blackbox import shapes
from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.dialects import native
from blackbox.dialects.stage import PRICE, Night, add_night
from blackbox.openapi import Document
from blackbox.server import Server

HALL, ARENA, ARENA_NIGHT = 1, 2, 4
PAYMENTS = "/v1/payments"


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def shopper(api: Api, server: Server, number: int) -> Buyer:
    buyer = Buyer(api, server.tokens.fan(number))
    (await buyer.enter()).expect(200, 201)
    return buyer


async def pay_all(buyer: Buyer, key: str | None = None, **body: Json) -> Answer:
    headers = {"Idempotency-Key": key} if key else None
    return await buyer.api.post(PAYMENTS, body, buyer.token, headers=headers)


async def hold_two(buyer: Buyer, server: Server) -> tuple[list[Json], list[tuple[Night, int]]]:
    """Two seats of one new show and one of another; the reservations, and what is in them."""
    nights = [await add_night(buyer.api, server.tokens.organiser()) for _ in range(2)]
    wishes = [(nights[0], [seat["id"] for seat in nights[0].seats[:2]]), (nights[1], [nights[1].first])]
    held = [(await buyer.hold(night.event["id"], night.id, seats)).expect(201)
            for night, seats in wishes]
    return held, [(night, seat) for night, seats in wishes for seat in seats]


async def statuses(api: Api, places: list[tuple[Night, int]]) -> set[str]:
    return set().union(*[await native.status_of(api, night.id, seat) for night, seat in places])


async def states(buyer: Buyer) -> list[str]:
    return [each["state"] for each in await native.reservations(buyer)]


# ---- everything that is held ---------------------------------------------------------

async def test_all_or_nothing(server):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 1)
        token = (await buyer.enter()).expect(200)["token"]
        (await pay_all(buyer)).refused(404, "not-found")
        held, places = await hold_two(buyer, server)
        total = 3 * PRICE
        for wrong in (total - 1, total + 1, 0, held[0]["total"]):
            (await pay_all(buyer, amount=wrong)).refused(422, "invalid-request")
        (await buyer.charge(total - 1)).expect(201)
        short = (await pay_all(buyer, amount=total)).refused(402, "insufficient-funds")
        assert (short["balance"], short["required"]) == (total - 1, total)
        assert await states(buyer) == ["held", "held"]
        assert await statuses(api, places) == {"held"}

        (await buyer.charge(6)).expect(201)
        paid = (await pay_all(buyer, amount=total)).expect(201)
        assert set(paid) == {"total", "currency", "balance", "reservations"}
        assert (paid["total"], paid["currency"], paid["balance"]) == (total, "KRW", 5)
        assert paid["reservations"] == await native.reservations(buyer)
        assert [each["id"] for each in paid["reservations"]] == [each["id"] for each in held]
        for before, after in zip(held, paid["reservations"]):
            assert shapes.moment(after["paid_at"]) and all(line["ticket_id"] for line in after["lines"])
            lines = [line | {"ticket_id": None} for line in after["lines"]]
            assert after | {"state": "held", "paid_at": None, "lines": lines} == before
            assert after["state"] == "paid"
        assert await statuses(api, places) == {"sold"}
        assert await buyer.balance() == 5
        await check_books(buyer, places, paid["reservations"])
        assert (await native.visitor(api, token))["state"] == "completed"
        (await pay_all(buyer)).refused(404, "not-found")


async def check_books(buyer: Buyer, places: list[tuple[Night, int]], paid: list[Json]) -> None:
    """A transfer and a ticket for each seat."""
    transfers = await buyer.api.pages("/v1/wallet/transfers", buyer.token)
    payments = [each for each in transfers if each["cause"] == "payment"]
    wanted = {seat: -PRICE for _, seat in places}
    assert {each["seat_id"]: each["amount"] for each in payments} == wanted
    assert len(payments) == len(wanted)
    tickets = await buyer.api.pages("/v1/tickets", buyer.token)
    assert {ticket["id"] for ticket in tickets} == {
        line["ticket_id"] for each in paid for line in each["lines"]}
    assert {ticket["seat_id"] for ticket in tickets} == set(wanted)


async def test_without_a_body_it_is_the_total(server):
    async with Api(server.url) as api:
        for number, body in ((2, None), (3, {})):
            buyer = await shopper(api, server, number)
            await hold_two(buyer, server)
            (await buyer.charge(3 * PRICE)).expect(201)
            paid = (await api.post(PAYMENTS, body, buyer.token)).expect(201)
            assert (paid["total"], paid["balance"]) == (3 * PRICE, 0)


async def test_only_what_is_ones_own_and_still_held(server):
    async with Api(server.url) as api:
        buyer, other = await shopper(api, server, 4), await shopper(api, server, 5)
        await hold_two(other, server)
        brief = await add_night(api, server.tokens.organiser(), hold_seconds=1)
        expired = (await buyer.hold(brief.event["id"], brief.id, [brief.first])).expect(201)
        canceled, _ = await hold_two(buyer, server)
        for each in canceled:
            (await buyer.cancel(each["id"])).expect(200)
        await native.until_expired(buyer, expired["id"])
        (await buyer.charge(10 * PRICE)).expect(201)
        (await pay_all(buyer)).refused(404, "not-found")
        held, _ = await hold_two(buyer, server)
        paid = (await pay_all(buyer)).expect(201)
        assert [each["id"] for each in paid["reservations"]] == [each["id"] for each in held]
        assert await buyer.balance() == 7 * PRICE
        assert await states(other) == ["held", "held"]


async def test_many_at_once_pay_once(server):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 6)
        held, _ = await hold_two(buyer, server)
        (await buyer.charge(10 * PRICE)).expect(201)
        answers = await asyncio.gather(*(pay_all(buyer) for _ in range(16)),
                                       *(buyer.pay(each["id"]) for each in held for _ in range(4)))
        assert {answer.status for answer in answers} <= {201, 404, 409}
        assert await buyer.balance() == 7 * PRICE
        assert len(await api.pages("/v1/tickets", buyer.token)) == 3


async def test_a_payment_can_be_repeated(server):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 7)
        await hold_two(buyer, server)
        (await pay_all(buyer, key="p")).refused(402, "insufficient-funds")
        (await buyer.charge(9 * PRICE)).expect(201)
        paid = (await pay_all(buyer, key="p")).expect(201)
        again = await pay_all(buyer, key="p")
        assert again.expect(200, 201) == paid
        assert again.headers.get("Idempotent-Replayed") == "true"
        (await pay_all(buyer, key="p", amount=3 * PRICE)).refused(422, "idempotency-mismatch")
        assert await buyer.balance() == 6 * PRICE


@pytest.mark.parametrize("body", [{"amount": "1"}, {"amount": 1.5}, {"amount": -1}, {"amount": True},
                                  {"cancel_if_short": 1}, {"cancel_if_short": "true"},
                                  {"reservation": 1}])
async def test_wrong_requests(server, body):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 8)
        if not await native.reservations(buyer):
            await hold_two(buyer, server)
        answer = await pay_all(buyer, **body)
        assert answer.refused(422, "invalid-request")["errors"][0]["field"] == next(iter(body))
        reservation = (await native.newest(buyer))["id"]
        answer = await api.post(f"/v1/reservations/{reservation}/payment", body, buyer.token)
        assert answer.refused(422, "invalid-request")["errors"][0]["field"] == next(iter(body))
        assert await states(buyer) == ["held", "held"]


async def test_paying_is_for_who_signed_in(server):
    async with Api(server.url) as api:
        (await api.post(PAYMENTS, {})).refused(401, "unauthorized")
        (await api.post(PAYMENTS, {"cancel_if_short": True}, "nonsense")).refused(401, "unauthorized")
        assert (await api.get(PAYMENTS, server.tokens.fan(1))).status == 405


# ---- giving back what cannot be paid -------------------------------------------------

async def test_all_is_given_back_if_so_wanted(server):
    async with Api(server.url) as api:
        buyer, next_one = await shopper(api, server, 10), await shopper(api, server, 11)
        held, places = await hold_two(buyer, server)
        (await buyer.charge(3 * PRICE - 1)).expect(201)
        wrong = await pay_all(buyer, amount=1, cancel_if_short=True)
        wrong.refused(422, "invalid-request")
        (await pay_all(buyer, cancel_if_short=False)).refused(402, "insufficient-funds")
        assert await states(buyer) == ["held", "held"]
        short = (await pay_all(buyer, cancel_if_short=True)).refused(402, "insufficient-funds")
        assert (short["balance"], short["required"]) == (3 * PRICE - 1, 3 * PRICE)
        for night, seat in places:
            (await next_one.hold(night.event["id"], night.id, [seat])).expect(201)
        assert await states(buyer) == ["canceled", "canceled"]
        assert await buyer.balance() == 3 * PRICE - 1
        (await pay_all(buyer)).refused(404, "not-found")
        (await buyer.pay(held[0]["id"])).refused(410, "reservation-expired")


async def test_one_is_given_back_if_so_wanted(server):
    async with Api(server.url) as api:
        buyer, next_one = await shopper(api, server, 12), await shopper(api, server, 13)
        (first, second), places = await hold_two(buyer, server)

        async def pay(**body: Json) -> Answer:
            return await api.post(f"/v1/reservations/{first['id']}/payment", body, buyer.token)
        (await pay(amount=1, cancel_if_short=True)).refused(422, "invalid-request")
        (await pay(cancel_if_short=False)).refused(402, "insufficient-funds")
        (await pay()).refused(402, "insufficient-funds")
        assert await states(buyer) == ["held", "held"]
        short = (await pay(cancel_if_short=True)).refused(402, "insufficient-funds")
        assert (short["balance"], short["required"]) == (0, 2 * PRICE)
        night = places[0][0]
        (await next_one.hold(night.event["id"], night.id, [places[0][1], places[1][1]])).expect(201)
        assert await states(buyer) == ["canceled", "held"]
        (await pay(cancel_if_short=True)).refused(410, "reservation-expired")
        (await buyer.charge(PRICE)).expect(201)
        rest = (await pay_all(buyer, cancel_if_short=True)).expect(201)
        assert [each["id"] for each in rest["reservations"]] == [second["id"]]


async def test_giving_back_can_be_repeated(server):
    """It was done, so its answer is kept, unlike that of a refusal which changed nothing."""
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 25)
        await hold_two(buyer, server)
        first = await pay_all(buyer, key="k", cancel_if_short=True)
        await hold_two(buyer, server)
        (await buyer.charge(9 * PRICE)).expect(201)
        again = await pay_all(buyer, key="k", cancel_if_short=True)
        assert again.refused(402, "insufficient-funds") == first.refused(402, "insufficient-funds")
        assert again.headers.get("Idempotent-Replayed") == "true"
        assert await states(buyer) == ["canceled", "canceled", "held", "held"]


async def test_what_was_given_back_stays_so(start_server):
    server = start_server()
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 1)
        _, places = await hold_two(buyer, server)
        (await pay_all(buyer, cancel_if_short=True)).refused(402, "insufficient-funds")
    server.kill()
    server.start()
    async with Api(server.url) as api:
        assert await states(Buyer(api, buyer.token)) == ["canceled", "canceled"]
        assert await statuses(api, places) == {"available"}


async def test_who_can_pay_does(server):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 14)
        (first, second), places = await hold_two(buyer, server)
        (await buyer.charge(3 * PRICE)).expect(201)
        body = {"cancel_if_short": True, "amount": first["total"]}
        paid = await api.post(f"/v1/reservations/{first['id']}/payment", body, buyer.token)
        assert paid.expect(201)["state"] == "paid"
        again = await api.post(f"/v1/reservations/{first['id']}/payment", body, buyer.token)
        again.refused(409, "already-paid")
        rest = (await pay_all(buyer, cancel_if_short=True)).expect(201)
        assert [each["id"] for each in rest["reservations"]] == [second["id"]]
        assert await statuses(api, places) == {"sold"}


async def test_seats_given_back_go_to_one_of_those_who_wait_for_them(server):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 15)
        crowd = [await shopper(api, server, number) for number in range(16, 24)]
        _, places = await hold_two(buyer, server)
        night, seat = places[0]
        answers = await asyncio.gather(pay_all(buyer, cancel_if_short=True), *(
            rival.hold(night.event["id"], night.id, [seat]) for rival in crowd for _ in range(4)))
        assert answers[0].status == 402
        got = Counter(answer.status for answer in answers[1:])
        assert got[201] <= 1 and set(got) <= {201, 409}, got
        assert await native.status_of(api, night.id, seat) == {"held" if got[201] else "available"}


# ---- whose name ----------------------------------------------------------------------

async def hold_as(buyer: Buyer, night: Night, place: int, **body: Json) -> Answer:
    chosen = [{"performance_id": night.id, "seat_id": night.seats[place]["id"]}]
    wish = {"event_id": night.event["id"], "seats": chosen} | body
    return await buyer.api.post("/v1/reservations", wish, buyer.token)


async def test_attendee_names(start_server):
    names = [None, "홍길동", "x", "가" * 200]
    server = start_server()
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 1)
        night = await add_night(api, server.tokens.organiser())
        for place, name in enumerate(names):
            given = {} if name is None else {"attendee_name": name}
            held = (await hold_as(buyer, night, place, **given)).expect(201)
            assert held["attendee_name"] == name
            assert (await api.get(f"/v1/reservations/{held['id']}", buyer.token)).expect(200) == held
        (await buyer.charge(4 * PRICE)).expect(201)
        paid = (await pay_all(buyer)).expect(201)
        assert [each["attendee_name"] for each in paid["reservations"]] == names
        await check_names(buyer, names)
    server.kill()
    server.start()
    async with Api(server.url) as api:
        await check_names(Buyer(api, buyer.token), names)


async def check_names(buyer: Buyer, names: list[str | None]) -> None:
    assert [each["attendee_name"] for each in await native.reservations(buyer)] == names
    tickets = await buyer.api.pages("/v1/tickets", buyer.token)
    assert [ticket["attendee_name"] for ticket in tickets] == names
    one = (await buyer.api.get(f"/v1/tickets/{tickets[1]['id']}", buyer.token)).expect(200)
    assert one == tickets[1]


@pytest.mark.parametrize("name", ["", "가" * 201, 7, True, ["x"], {}])
async def test_wrong_attendee_names(server, name):
    async with Api(server.url) as api:
        buyer = await shopper(api, server, 30)
        night = await add_night(api, server.tokens.organiser())
        wrong = (await hold_as(buyer, night, 0, attendee_name=name)).refused(422, "invalid-request")
        assert [error["field"] for error in wrong["errors"]] == ["attendee_name"]
        assert await native.status_of(api, night.id, night.first) == {"available"}


# ---- the description -----------------------------------------------------------------

async def test_answers_are_as_documented(server):
    async with Api(server.url) as api:
        document = await Document.of(api)
        buyer = await shopper(api, server, 40)
        answers = [await pay_all(buyer)]
        (first, _), places = await hold_two(buyer, server)
        single = f"/v1/reservations/{first['id']}/payment"
        answers += [await pay_all(buyer, amount=1), await pay_all(buyer), await api.post(PAYMENTS, {}),
                    await api.post(single, {"cancel_if_short": True}, buyer.token)]
        (await buyer.charge(9 * PRICE)).expect(201)
        answers += [await hold_as(buyer, places[0][0], 3, attendee_name="김"), await pay_all(buyer),
                    await api.get("/v1/reservations", buyer.token),
                    await api.get("/v1/tickets", buyer.token)]
        assert [answer.status for answer in answers] == [404, 422, 402, 401, 402, 201, 201, 200, 200]
        wrong = [problem for answer in answers if (problem := document.problem_of(answer))]
        assert not wrong, "\n".join(wrong)
