"""Document 003 from the waiting number to the paid ticket, each route with each of its answers."""

import pytest

from blackbox.client import Answer, Api, Buyer, seats_of
from blackbox.dialects import customers, native
from blackbox.dialects.base import check_retry_after, has_shape
from blackbox.dialects.customers import CHARGE_TOO_SMALL, Customer
from blackbox.dialects.stage import PRICE, add_night, add_performance
from blackbox.server import Server

HALL, ARENA, NOT_OPEN = 1, 2, 3
ARENA_NIGHT, NOT_OPEN_NIGHT = 4, 6
LONG_AGO = "2020-02-01T00:00:00.000Z"
ACTIVE = customers.WAITING | {"status": "ACTIVE", "watingNumber": 0}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def active(client, number: int) -> Customer:
    customer = Customer(client, number)
    has_shape((await customer.enter()).expect(200), ACTIVE | {"customerId": number})
    return customer


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body["code"]) == (status, code), str(answer)


def by_seat(tickets: list[dict]) -> dict[int, dict]:
    found = {ticket["seatId"]: ticket for ticket in tickets}
    assert len(found) == len(tickets)
    return found


# ---- the waiting room ----------------------------------------------------------------

async def test_enter_and_check(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer = Customer(client, 1)
        refused(await customer.check(), 404, "NOT_FOUND")
        entered = (await customer.enter()).expect(200)
        has_shape(entered, ACTIVE | {"customerId": 1})
        assert 590 <= entered["remainingTime"] <= 600
        visitor = await native.visitor(api, entered["token"])
        assert (visitor["room_id"], visitor["state"]) == (1, "active")
        for again in (await customer.enter(), await customer.check()):
            assert again.expect(200) | {"remainingTime": 0} == entered | {"remainingTime": 0}
        (await Buyer(api, server.tokens.fan(1)).leave(entered["token"])).expect(200)
        refused(await customer.check(), 404, "NOT_FOUND")
        assert (await customer.enter()).expect(200)["token"] != entered["token"]


async def test_strangers_are_not_found(server):
    async with customers.client(server.url) as client:
        nobody = Customer(client, 99_999)
        for answer in (await nobody.enter(), await nobody.check(), await nobody.balance(),
                       await nobody.charge(10), await nobody.reserve(HALL, [(1, 1)], "아무개"),
                       await nobody.pay(PRICE)):
            refused(answer, 404, "NOT_FOUND")


async def everything(customer: Customer) -> list[int]:
    """The statuses of all that names a customer; nothing of it changes anything."""
    return [answer.status for answer in (
        await customer.enter(), await customer.check(), await customer.balance(),
        await customer.charge(9), await customer.reserve(HALL, [(1, 10**12)], "김"),
        await customer.pay(PRICE))]


async def test_a_bearer_must_be_the_customers(server):
    async with customers.client(server.url) as client:
        customer, other = await active(client, 2), await active(client, 3)
        assert await everything(customer) == [200, 200, 200, 400, 404, 404]
        customer.bearer = (await customer.check()).expect(200)["token"]
        assert await everything(customer) == [200, 200, 200, 400, 404, 404]
        others = (await other.check()).expect(200)["token"]
        for wrong in (others, "nonsense", "00000000-0000-4000-8000-000000000000"):
            customer.bearer = wrong
            assert await everything(customer) == [401, 401, 401, 400, 401, 401], wrong
            refused(await customer.charge(10), 401, "UNAUTHORIZED")
        customer.bearer = None
        assert (await customer.balance()).expect(200)["balance"] == 0


# ---- points --------------------------------------------------------------------------

async def test_points(server):
    async with customers.client(server.url) as client:
        customer = Customer(client, 5)
        for answer, balance in ((await customer.balance(), 0), (await customer.charge(10), 10),
                                (await customer.charge(10_000_000), 10_000_010),
                                (await customer.balance(), 10_000_010)):
            has_shape(answer.expect(200), customers.POINTS)
            assert answer.body == {"customerId": 5, "balance": balance}


@pytest.mark.parametrize("amount", [9, 1, 0, -1, -10])
async def test_less_than_ten_is_no_charge(server, amount):
    async with customers.client(server.url) as client:
        customer = Customer(client, 6)
        assert (await customer.charge(amount)).expect(400) == CHARGE_TOO_SMALL
        assert (await customer.balance()).expect(200)["balance"] == 0


@pytest.mark.parametrize("amount", [10_000_001, 10**18, 10**30, 10.5, "10", None, True, [10]])
async def test_wrong_charges(server, amount):
    async with customers.client(server.url) as client:
        customer = Customer(client, 6)
        refused(await customer.charge(amount), 400, "ILLEGAL_ARGUMENTS")
        assert (await customer.balance()).expect(200)["balance"] == 0


# ---- what is on offer ----------------------------------------------------------------

@pytest.mark.parametrize("concert", [HALL, ARENA, NOT_OPEN])
async def test_options(server, concert):
    async with Api(server.url) as api, customers.client(server.url) as client:
        options = (await Customer(client, 7).options(concert)).expect(200)
        has_shape(options, customers.OPTIONS)
        event = (await api.get(f"/v1/events/{concert}")).expect(200)
        nights = await native.performances(api, concert)
        assert options == {
            "concertId": concert, "title": event["title"], "artist": event["artist"],
            "performances": [{"optionId": night["id"], "optionName": night["name"],
                              "performAt": night["starts_at"], "price": night["price_from"],
                              "capacityLimit": night["seats_total"], "totalSeats": night["seats_total"]}
                             for night in nights]}


async def test_seats_of_an_option(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer = await active(client, 8)
        seats = [seat["id"] for seat in await seats_of(api, 3) if seat["status"] == "available"]
        before = (await customer.seats(HALL, 3)).expect(200)
        has_shape(before, customers.SEATS)
        event = (await api.get("/v1/events/1")).expect(200)
        night = (await api.get("/v1/performances/3")).expect(200)
        assert before == {"concertId": HALL, "optionId": 3, "title": event["title"],
                          "artist": event["artist"], "performAt": night["starts_at"],
                          "totalSeats": 50, "seats": seats}
        (await customer.reserve(HALL, [(3, seats[0]), (3, seats[-1])], "김")).expect(200)
        after = (await customer.seats(HALL, 3)).expect(200)
        assert after == before | {"seats": seats[1:-1]}
        assert (await customer.options(HALL)).expect(200)["performances"][2]["totalSeats"] == 50


async def test_only_what_is_to_come_is_an_option(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        closed = await add_night(api, server.tokens.organiser(), sales_close_at=LONG_AGO)
        mixed = await add_night(api, server.tokens.organiser(), starts="2021-01-01T10:00:00.000Z")
        future = await add_performance(api, server.tokens.organiser(), mixed.event, seats=2,
                                       starts="2040-01-01T10:00:00.000Z")
        customer = Customer(client, 9)
        assert (await customer.options(closed.event["id"])).expect(200)["performances"] == []
        options = (await customer.options(mixed.event["id"])).expect(200)["performances"]
        assert [option["optionId"] for option in options] == [future.id]
        assert (options[0]["price"], options[0]["totalSeats"]) == (PRICE, 2)


@pytest.mark.parametrize("path", [
    *(f"/concerts/{number}/options" for number in (99999, 0, -1, "1.5", "abc", "9" * 30, "%EA%B0%80")),
    *(f"/concerts/1/options/{number}" for number in (4, 99999, 0, -1, "1.5", "abc", "9" * 30)),
    "/concerts/99999/options/1", "/concerts/abc/options/1"])
async def test_no_such_option(server, path):
    async with customers.client(server.url) as client:
        refused(await client.get(path), 404, "NOT_FOUND")


# ---- reserving -----------------------------------------------------------------------

async def test_tickets_across_performances(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 20), Buyer(api, server.tokens.fan(20))
        event = (await api.get("/v1/events/1")).expect(200)
        nights = {night["id"]: night for night in await native.performances(api, HALL)}
        chosen = {seat["id"]: (option, seat) for option, place in ((1, 4), (1, 30), (2, 17))
                  for seat in [(await seats_of(api, option))[place]]}
        wish = [(option, seat) for seat, (option, _) in chosen.items()]
        answer = (await customer.reserve(HALL, wish, "홍길동")).expect(200)
        has_shape(answer, customers.TICKETS)
        held = await native.newest(buyer)
        assert (held["state"], held["attendee_name"]) == ("held", "홍길동")
        tickets = by_seat(answer["tickets"])
        assert set(tickets) == set(chosen)
        for seat_id, (option, seat) in chosen.items():
            assert tickets[seat_id] == {
                "reserverName": "홍길동", "concertId": HALL, "concertName": event["title"],
                "optionId": option, "optionName": nights[option]["name"],
                "performAt": nights[option]["starts_at"], "optionPrice": seat["price"],
                "status": "RESERVED", "seatId": seat_id, "reservationId": held["id"],
                "seatNumber": int(seat["label"]), "reservedAt": held["created_at"]}


@pytest.mark.parametrize("name", ["x", "Ó Súilleabháin, \"Seán\" <b>", "🎫 " * 20, "가" * 200])
async def test_names_come_back_as_they_were(server, name):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 21), Buyer(api, server.tokens.fan(21))
        seat = (await seats_of(api, 1))[10]["id"]
        tickets = (await customer.reserve(HALL, [(1, seat)], name)).expect(200)["tickets"]
        assert tickets[0]["reserverName"] == name
        (await buyer.cancel(tickets[0]["reservationId"])).expect(200)


@pytest.mark.parametrize("name", ["", "가" * 201, 7, ["김"], {}])
async def test_names_that_are_none(server, name):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer = await active(client, 22)
        refused(await customer.reserve(HALL, [(1, (await seats_of(api, 1))[11]["id"])], name), 400,
                "ILLEGAL_ARGUMENTS")
        assert await native.reservations(Buyer(api, server.tokens.fan(22))) == []


async def test_what_was_held_without_a_name_has_the_users(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 23), Buyer(api, server.tokens.fan(23))
        seats, name = await seats_of(api, 1), (await api.get("/v1/me", buyer.token)).expect(200)["name"]
        (await customer.reserve(HALL, [(1, seats[12]["id"])], "김하늘")).expect(200)
        (await buyer.hold(HALL, 1, [seats[13]["id"]])).expect(201)
        total = seats[12]["price"] + seats[13]["price"]
        (await customer.charge(total)).expect(200)
        paid = (await customer.pay(total)).expect(200)
        assert [ticket["reserverName"] for ticket in paid["tickets"]] == ["김하늘", name]


async def test_all_or_nothing(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, rival = await active(client, 24), await active(client, 25)
        first, second = [seat["id"] for seat in (await seats_of(api, 1))[14:16]]
        other_night = (await seats_of(api, 2))[14]["id"]
        (await rival.reserve(HALL, [(2, other_night)], "먼저")).expect(200)
        for late in (customer, rival):
            taken = (await late.reserve(HALL, [(1, first), (2, other_night)], "나중")).expect(409)
            assert taken == {"code": "ALREADY_TAKEN", "message": "이미 선점된 좌석입니다."}
        for option, seat in ((2, second), (1, 10**12), (99999, second), (ARENA_NIGHT, second)):
            refused(await customer.reserve(HALL, [(1, first), (option, seat)], "김"), 404, "NOT_FOUND")
        refused(await customer.reserve(99999, [(1, first)], "김"), 404, "NOT_FOUND")
        refused(await customer.reserve(ARENA, [(1, first)], "김"), 404, "NOT_FOUND")
        for nothing in ([], [(1, first), (1, first)]):
            refused(await customer.reserve(HALL, nothing, "김"), 400, "ILLEGAL_ARGUMENTS")
        assert await native.status_of(api, 1, first, second) == {"available"}
        (await customer.reserve(HALL, [(1, first), (1, second)], "김")).expect(200)


async def test_refused_reservations(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer = Customer(client, 26)
        seats = [(3, seat["id"]) for seat in (await seats_of(api, 3))[20:26]]
        refused(await customer.reserve(HALL, seats[:1], "김"), 403, "NOT_ADMITTED")
        await customer.enter()
        early = (await seats_of(api, NOT_OPEN_NIGHT))[0]["id"]
        refused(await customer.reserve(NOT_OPEN, [(NOT_OPEN_NIGHT, early)], "김"), 409, "SALE_NOT_OPEN")
        closed = await add_night(api, server.tokens.organiser(), sales_close_at=LONG_AGO)
        late = await customer.reserve(closed.event["id"], [(closed.id, closed.first)], "김")
        refused(late, 409, "SALE_CLOSED")
        refused(await customer.reserve(HALL, seats[:5], "김"), 409, "SEAT_LIMIT")
        (await customer.reserve(HALL, seats[:4], "김")).expect(200)
        refused(await customer.reserve(HALL, seats[4:5], "김"), 409, "SEAT_LIMIT")
        assert len((await native.newest(Buyer(api, server.tokens.fan(26))))["lines"]) == 4


# ---- paying --------------------------------------------------------------------------

async def test_paying_in_parts_for_several_reservations(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 30), Buyer(api, server.tokens.fan(30))
        hall, arena = (await seats_of(api, 2))[20:22], (await seats_of(api, ARENA_NIGHT))[:1]
        reserved = []
        for concert, option, seats in ((HALL, 2, hall), (ARENA, ARENA_NIGHT, arena)):
            wish = [(option, seat["id"]) for seat in seats]
            reserved += (await customer.reserve(concert, wish, "이영희")).expect(200)["tickets"]
        total = sum(seat["price"] for seat in hall + arena)
        (await customer.charge(total + 11)).expect(200)
        for wrong in ((total - 1,), (total + 1,), (total - 10, 9), (hall[0]["price"],)):
            refused(await customer.pay(*wrong), 400, "ILLEGAL_ARGUMENTS")
        assert [each["state"] for each in await native.reservations(buyer)] == ["held", "held"]

        parts = [total - 100, 99, 1]
        paid = (await customer.pay(*parts)).expect(200)
        has_shape(paid, customers.PAID)
        assert paid["customerId"] == 30
        assert paid["pay"] == [{"payMethod": "POINT", "payAmount": part} for part in parts]
        assert by_seat(paid["tickets"]) == {seat: ticket | {"status": "PAID"}
                                            for seat, ticket in by_seat(reserved).items()}
        assert (await customer.balance()).expect(200)["balance"] == 11
        assert [each["state"] for each in await native.reservations(buyer)] == ["paid", "paid"]
        assert len(await api.pages("/v1/tickets", buyer.token)) == 3
        refused(await customer.check(), 404, "NOT_FOUND")
        refused(await customer.pay(total), 404, "NOT_FOUND")
        refused(await customer.reserve(HALL, [(2, (await seats_of(api, 2))[25]["id"])], "김"), 403,
                "NOT_ADMITTED")


async def test_labels_that_are_no_numbers(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer = await active(client, 31)
        seat = next(s for s in await seats_of(api, ARENA_NIGHT)
                    if not s["label"].isdigit() and s["status"] == "available")
        made = (await customer.reserve(ARENA, [(ARENA_NIGHT, seat["id"])], "김")).expect(200)
        assert made["tickets"][0]["seatNumber"] == seat["label"]


async def test_who_cannot_pay_gives_the_seats_back(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 32), Buyer(api, server.tokens.fan(32))
        next_one = await active(client, 33)
        seats = (await seats_of(api, 1))[40:42]
        for seat in seats:
            (await customer.reserve(HALL, [(1, seat["id"])], "김")).expect(200)
        total = sum(seat["price"] for seat in seats)
        (await customer.charge(total - 1)).expect(200)
        refused(await customer.pay(total + 1), 400, "ILLEGAL_ARGUMENTS")
        assert (await customer.pay(total)).expect(402) == {
            "code": "OUT_OF_BUDGET", "message": "포인트 잔액이 부족합니다."}
        (await next_one.reserve(HALL, [(1, seat["id"]) for seat in seats], "다음")).expect(200)
        assert [each["state"] for each in await native.reservations(buyer)] == ["canceled", "canceled"]
        assert (await customer.balance()).expect(200)["balance"] == total - 1
        (await customer.charge(10)).expect(200)
        refused(await customer.pay(total), 404, "NOT_FOUND")
        (await customer.check()).expect(200)


@pytest.mark.parametrize("pay", [None, [], {}, "POINT", [None], [{}], [[]], [{"payMethod": "POINT"}],
                                 [{"payAmount": PRICE}], [{"payMethod": "CARD", "payAmount": PRICE}],
                                 [{"payMethod": "point", "payAmount": PRICE}],
                                 [{"payMethod": "POINT", "payAmount": 0}],
                                 [{"payMethod": "POINT", "payAmount": -PRICE}],
                                 [{"payMethod": "POINT", "payAmount": str(PRICE)}],
                                 [{"payMethod": "POINT", "payAmount": PRICE + 0.5}],
                                 [{"payMethod": "POINT", "payAmount": PRICE + 1},
                                  {"payMethod": "POINT", "payAmount": -1}],
                                 [{"payMethod": "POINT", "payAmount": 2**63 - 1}] * 3])
async def test_wrong_payments_cancel_nothing(server, pay):
    async with Api(server.url) as api, customers.client(server.url) as client:
        customer, buyer = await active(client, 34), Buyer(api, server.tokens.fan(34))
        if not await native.reservations(buyer):
            night = await add_night(api, server.tokens.organiser())
            (await customer.reserve(night.event["id"], [(night.id, night.first)], "김")).expect(200)
            (await customer.charge(PRICE)).expect(200)
        answer = await client.post("/reservation/pay", {"customerId": 34, "pay": pay})
        refused(answer, 400, "ILLEGAL_ARGUMENTS")
        assert [each["state"] for each in await native.reservations(buyer)] == ["held"]
        assert (await customer.balance()).expect(200)["balance"] == PRICE


async def test_a_hold_needs_the_money_if_so_ruled_and_ends(server):
    async with Api(server.url) as api, customers.client(server.url) as client:
        night = await add_night(api, server.tokens.organiser(), hold_seconds=1,
                                require_balance_at_hold=True)
        seat, event = [(night.id, night.first)], night.event["id"]
        customer, rival = await active(client, 40), await active(client, 41)
        refused(await customer.reserve(event, seat, "김"), 402, "OUT_OF_BUDGET")
        assert await native.status_of(api, night.id, night.first) == {"available"}
        for each in (customer, rival):
            (await each.charge(PRICE)).expect(200)
        held = (await customer.reserve(event, seat, "김")).expect(200)["tickets"][0]
        await native.until_expired(Buyer(api, server.tokens.fan(40)), held["reservationId"])
        refused(await customer.pay(PRICE), 404, "NOT_FOUND")
        (await rival.reserve(event, seat, "이")).expect(200)
        assert (await customer.balance()).expect(200)["balance"] == PRICE


@pytest.mark.parametrize("show_up", [
    lambda customer, seat: customer.enter(), lambda customer, seat: customer.check(),
    lambda customer, seat: customer.reserve(HALL, [(1, seat)], "김")], ids=["enter", "check", "reserve"])
async def test_whoever_asks_has_shown_up(start_server, show_up):
    server = start_server(native.THREE_BRIEF_CLAIMS)
    async with Api(server.url) as api, customers.client(server.url) as client:
        seat = (await seats_of(api, 1))[0]["id"]
        await native.check_sign_of_life(server, lambda number: Customer(client, number).enter(),
                                        lambda number: show_up(Customer(client, number), seat))


# ---- the whole story -----------------------------------------------------------------

async def test_the_second_waits_for_the_first(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with Api(server.url) as api, customers.client(server.url) as client:
        first, second, third = await active(client, 1), Customer(client, 2), Customer(client, 3)
        for number, customer in ((1, second), (2, third)):
            for answer in (await customer.enter(), await customer.check()):
                has_shape(answer.expect(200), customers.WAITING | {
                    "customerId": customer.id, "status": "WAITING", "watingNumber": number})
                check_retry_after(answer)
                visitor = await native.visitor(api, answer.body["token"])
                assert answer.body["remainingTime"] == (visitor["estimated_wait"] or 0)
        option = (await first.options(HALL)).expect(200)["performances"][0]["optionId"]
        seats = (await first.seats(HALL, option)).expect(200)["seats"]
        refused(await second.reserve(HALL, [(option, seats[1])], "둘째"), 403, "NOT_ADMITTED")

        ticket = (await first.reserve(HALL, [(option, seats[0])], "첫째")).expect(200)["tickets"][0]
        (await first.charge(ticket["optionPrice"])).expect(200)
        (await first.pay(ticket["optionPrice"])).expect(200)
        assert (await api.get(f"/v1/performances/{option}")).expect(200)["seats_available"] == 49

        has_shape((await second.check()).expect(200), ACTIVE)
        assert (await third.check()).expect(200)["watingNumber"] == 1
        assert (await second.seats(HALL, option)).expect(200)["seats"] == seats[1:]
        refused(await second.reserve(HALL, [(option, seats[0])], "둘째"), 409, "ALREADY_TAKEN")
        (await second.reserve(HALL, [(option, seats[1])], "둘째")).expect(200)
        refused(await first.check(), 404, "NOT_FOUND")
        assert (await first.enter()).expect(200)["watingNumber"] == 2
