"""Document 001: a queue token, schedules and their seats, reservation, points, pay."""

from itertools import count

import pytest

from blackbox.client import Api, Buyer, Json, seats_of
from blackbox.dialects import native, schedules
from blackbox.dialects.base import DialectApi, has_shape
from blackbox.dialects.schedules import (BAD_SEAT, BAD_TOKEN, BAD_USER, NO_SUCH_USER, SHORT_OF_POINTS,
                                         User, refused)
from blackbox.dialects.stage import PRICE, add_night
from blackbox.raw import RawConnection, request
from blackbox.server import Server

STATUS = {"available": "able", "held": "reserved", "sold": "soldout"}
CLOSED = {"sales_close_at": "2021-01-01T00:00:00.000Z"}
NOBODY = ["999999", "0", "-1", "x", "1.0", "01", "9223372036854775808", "%20", "fan1@example.com"]
NOTHING = ["999999999", "0", "-1", "x", "1.0", "9223372036854775808"]
NO_AMOUNT = [{}, {"amount": None}, {"amount": "1"}, {"amount": 1.5}, {"amount": True}, {"amount": {}},
             {"amount": 0}, {"amount": -1}, {"amount": 10_000_001}, {"amount": 2**63}, [], 1]
NO_JSON = [b"", b"{", b"null", b"\xff", b'{"amount": 1', b'{"amount": 1} 2']

numbers = count(1)  # nobody is used by two tests


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def new_user(api: DialectApi) -> User:
    """Somebody new who works already."""
    user = User(api, next(numbers))
    assert (await user.queue()).expect(200)["status"] == "working"
    return user


def buyer_of(server: Server, plain: Api, user: User) -> Buyer:
    """The same person as the native API knows them."""
    return Buyer(plain, server.tokens.fan(user.id))


async def free_seats(plain: Api, performance: int, wanted: int) -> list[Json]:
    seats = await seats_of(plain, performance)
    return [seat for seat in seats if seat["status"] == "available"][:wanted]


# ---- queue ---------------------------------------------------------------------------

async def test_queue(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = User(api, next(numbers))
        answer = await user.queue()
        has_shape(answer.expect(200), schedules.QUEUE)
        assert (answer.body["status"], answer.body["rank"]) == ("working", 0)
        assert "Retry-After" not in answer.headers
        assert (await user.queue()).expect(200) == answer.body
        assert (await native.visitor(plain, user.token))["state"] == "active"


@pytest.mark.parametrize("name", NOBODY)
async def test_queue_of_nobody(server, name):
    async with schedules.client(server.url) as api:
        refused(await User(api, name).queue(), 404, BAD_USER)


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/concerts/schedule"), ("GET", "/api/concert/schedule/1"),
    ("GET", "/api/concert/schedule/999999"), ("GET", "/api/concert/schedule/x"),
    ("POST", "/api/concert/schedule/1/seat/1/reservation"),
    ("POST", "/api/concert/schedule/1/seat/1/pay"),
    ("POST", "/api/concert/schedule/9999/seat/9999/reservation"),
    ("POST", "/api/concert/schedule/9999/seat/9999/pay"),
    ("POST", "/api/concert/schedule/x/seat/y/pay")])
async def test_a_queue_token_is_needed(server, method, path):
    """It is looked at first: also for what is not there. An access token is none."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        buyer = buyer_of(server, plain, user)
        (await buyer.leave(left := user.token)).expect(200)
        token = (await user.queue()).expect(200)["token"]
        for bad in (None, "x", "0" * 36, "00000000-0000-4000-8000-000000000000", token[:-1], token + "0",
                    left, server.tokens.fan(user.id)):
            refused(await api.call(method, path, token=bad), 401, BAD_TOKEN)
        for value in ("Basic Zm9vOmJhcg==", token, "Bearer", ""):
            refused(await api.call(method, path, headers={"Authorization": value}), 401, BAD_TOKEN)
        assert (await api.call(method, path, token=token)).status != 401


# ---- schedules and seats -------------------------------------------------------------

async def test_schedules(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        organiser = server.tokens.organiser()
        await add_night(plain, organiser, **CLOSED)
        await add_night(plain, organiser, starts="2021-01-01T10:00:00.000Z")
        user = await new_user(api)
        (await user.reserve(1, (await free_seats(plain, 1, 1))[0]["id"])).expect(201)
        answer = (await user.schedules()).expect(200)
        has_shape(answer, schedules.SCHEDULES)
        assert [each["id"] for each in answer] == sorted(each["id"] for each in answer)
        assert {each["concertId"] for each in answer} >= {1, 2, 3}
        offered = {}
        for event in await plain.pages("/v1/events"):
            if event["sales_close_at"] == CLOSED["sales_close_at"]:
                continue
            offered |= {night["id"]: as_schedule(event, night)
                        for night in await native.performances(plain, event["id"])
                        if night["starts_at"] > "2022"}
        assert answer == [offered[number] for number in sorted(offered)]


def as_schedule(event: Json, night: Json) -> Json:
    return {"id": night["id"], "concertId": event["id"], "name": event["title"],
            "date": night["starts_at"], "leftSeat": night["seats_available"]}


async def test_seats(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user, other = await new_user(api), await new_user(api)
        held, sold = (seat["id"] for seat in (await seats_of(plain, 2))[30:32])
        await buyer_of(server, plain, other).shop(1, 2, [sold])
        (await user.reserve(2, held)).expect(201)
        for schedule in (2, 4, 6):
            answer = (await user.seats(schedule)).expect(200)
            has_shape(answer, schedules.SEATS)
            assert answer == [{"id": seat["id"], "number": number(seat["label"]), "price": seat["price"],
                               "status": STATUS[seat["status"]]}
                              for seat in await seats_of(plain, schedule)]
        shown = {seat["id"]: seat for seat in (await user.seats(2)).expect(200)}
        assert (shown[held]["status"], shown[sold]["status"]) == ("reserved", "soldout")
        assert shown[held]["number"] == 31


def number(label: str) -> int | str:
    return int(label) if label.isdecimal() else label


@pytest.mark.parametrize("name", NOTHING)
async def test_seats_of_nothing(server, name):
    async with schedules.client(server.url) as api:
        (await (await new_user(api)).seats(name)).expect(404)


# ---- reservation ---------------------------------------------------------------------

async def test_reservation(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        for schedule in (1, 4):
            seat = (await free_seats(plain, schedule, 1))[0]
            reserved = (await user.reserve(schedule, seat["id"])).expect(201)
            has_shape(reserved, schedules.RESERVATION)
            mine = await native.newest(buyer_of(server, plain, user))
            [line] = mine["lines"]
            assert (mine["state"], line["seat_id"]) == ("held", seat["id"])
            night = (await plain.get(f"/v1/performances/{schedule}")).expect(200)
            event = (await plain.get(f"/v1/events/{night['event_id']}")).expect(200)
            assert reserved == {
                "id": mine["id"], "userId": user.id, "status": "reserved",
                "expiredAt": mine["expires_at"], "concertId": event["id"],
                "concertName": event["title"], "scheduleId": schedule,
                "scheduleDate": night["starts_at"], "seatId": seat["id"],
                "seatNumber": number(seat["label"]), "seatPrice": seat["price"]}


async def test_a_body_is_no_matter(server):
    """The document has none for it."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        seat = (await free_seats(plain, 3, 1))[0]["id"]
        path = f"/api/concert/schedule/3/seat/{seat}/reservation"
        (await api.post(path, {}, token=user.token)).expect(201)


async def test_taken_seats(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user, other, buyer = [await new_user(api) for _ in range(3)]
        held, sold = (seat["id"] for seat in await free_seats(plain, 3, 2))
        (await other.reserve(3, held)).expect(201)
        await buyer_of(server, plain, buyer).shop(1, 3, [sold])
        for each, seat in ((user, held), (other, held), (user, sold)):
            refused(await each.reserve(3, seat), 409, BAD_SEAT)


@pytest.mark.parametrize("action", ["reserve", "pay"])
async def test_seats_that_are_not_there(server, action):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        [seat], [elsewhere] = await free_seats(plain, 1, 1), await free_seats(plain, 2, 1)
        ask = getattr(user, action)
        for name in NOTHING:
            refused(await ask(1, name), 404, BAD_SEAT)
            refused(await ask(name, seat["id"]), 404, BAD_SEAT)
        refused(await ask(1, elsewhere["id"]), 404, BAD_SEAT)
        refused(await ask(2, seat["id"]), 404, BAD_SEAT)


async def test_seats_that_may_not_be_had(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        closed = await add_night(plain, server.tokens.organiser(), **CLOSED)
        unopened = (await native.performances(plain, 3))[0]["id"]
        (await user.reserve(closed.id, closed.first)).expect(409)
        (await user.reserve(unopened, (await seats_of(plain, unopened))[0]["id"])).expect(409)
        *four, fifth = [seat["id"] for seat in await free_seats(plain, 3, 5)]
        for seat in four:
            (await user.reserve(3, seat)).expect(201)
        (await user.reserve(3, fifth)).expect(409)
        assert await native.status_of(plain, 3, fifth) == {"available"}


# ---- points --------------------------------------------------------------------------

async def test_points(server):
    """Without any token."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = User(api, next(numbers))
        assert (await user.points()).expect(200) == {"userId": user.id, "amount": 0}
        assert (await user.charge(70_000)).expect(200) == {"userId": user.id, "amount": 70_000}
        assert (await user.charge(10_000_000)).expect(200) == {"userId": user.id, "amount": 10_070_000}
        assert (await user.points()).expect(200) == {"userId": user.id, "amount": 10_070_000}
        assert await buyer_of(server, plain, user).balance() == 10_070_000


@pytest.mark.parametrize("name", NOBODY)
async def test_points_of_nobody(server, name):
    async with schedules.client(server.url) as api:
        refused(await User(api, name).points(), 404, NO_SUCH_USER)
        refused(await User(api, name).charge(1), 404, NO_SUCH_USER)


async def test_amounts_that_cannot_be(server):
    async with schedules.client(server.url) as api:
        user = User(api, next(numbers))
        for path in (f"/api/point/{user.id}", "/api/point/999999"):
            for body in NO_AMOUNT:
                if body != {"amount": 10_000_001}:  # that one has the form of an amount
                    (await api.call("PATCH", path, json=body)).expect(400)
            for text in NO_JSON:
                (await api.call("PATCH", path, data=text)).expect(400)
        (await user.charge(10_000_001)).expect(400)
        assert (await user.points()).expect(200)["amount"] == 0


async def test_what_is_forgiven_and_what_is_not(server):
    async with schedules.client(server.url) as api:
        user = User(api, next(numbers))
        path = f"/api/point/{user.id}"
        (await api.call("PATCH", path, json={"amount": 1, "type": "CHARGE"})).expect(200)
        with RawConnection(server.port) as connection:
            connection.send(request("PATCH", path, b'{"amount":1}'))
            assert connection.answer().status == 200
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            (await api.call("PATCH", path, data=b'{"amount":1}',
                            headers={"Content-Type": kind})).expect(400)
        large = b'{"amount":1,"x":"' + b"y" * 300_000 + b'"}'
        (await api.call("PATCH", path, data=large)).expect(413)
        assert (await user.points()).expect(200)["amount"] == 2


# ---- pay -----------------------------------------------------------------------------

async def test_pay(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        [seat] = await free_seats(plain, 2, 1)
        reserved = (await user.reserve(2, seat["id"])).expect(201)
        refused(await user.pay(2, seat["id"]), 402, SHORT_OF_POINTS)
        (await user.charge(seat["price"] - 1)).expect(200)
        refused(await user.pay(2, seat["id"]), 402, SHORT_OF_POINTS)
        assert await native.status_of(plain, 2, seat["id"]) == {"held"}, "it may be tried again"
        (await user.charge(2)).expect(200)
        paid = (await user.pay(2, seat["id"])).expect(200)
        has_shape(paid, schedules.PAYMENT)
        mine = await native.newest(buyer_of(server, plain, user))
        assert paid == {"id": mine["id"], "reservationId": reserved["id"], "userId": user.id,
                        "seatId": seat["id"], "amount": seat["price"], "status": "paid",
                        "paidAt": mine["paid_at"]}
        assert mine["id"] == reserved["id"]
        assert (await user.points()).expect(200)["amount"] == 1
        assert await native.status_of(plain, 2, seat["id"]) == {"sold"}


async def test_pay_twice_or_what_is_not_ones_own(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user, other = await new_user(api), await new_user(api)
        mine, free, others = [seat["id"] for seat in await free_seats(plain, 2, 3)]
        (await other.reserve(2, others)).expect(201)
        (await user.reserve(2, mine)).expect(201)
        (await user.charge(1_000_000)).expect(200)
        for seat in (free, others):
            refused(await user.pay(2, seat), 409, BAD_SEAT)
        paid = (await user.pay(2, mine)).expect(200)
        refused(await user.pay(2, mine), 409, BAD_SEAT)
        assert (await user.points()).expect(200)["amount"] == 1_000_000 - paid["amount"]


async def test_pay_what_has_expired(server):
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        night = await add_night(plain, server.tokens.organiser(), hold_seconds=1)
        reserved = (await user.reserve(night.id, night.first)).expect(201)
        (await user.charge(PRICE)).expect(200)
        await native.until_expired(buyer_of(server, plain, user), reserved["id"])
        refused(await user.pay(night.id, night.first), 409, BAD_SEAT)
        assert (await user.points()).expect(200)["amount"] == PRICE


async def test_pay_a_seat_of_a_group(server):
    """The whole reservation is paid; the amount says so."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        seats = await free_seats(plain, 2, 2)
        ids, total = [seat["id"] for seat in seats], sum(seat["price"] for seat in seats)
        (await buyer_of(server, plain, user).hold(1, 2, ids)).expect(201)
        (await user.charge(total)).expect(200)
        paid = (await user.pay(2, ids[1])).expect(200)
        assert (paid["seatId"], paid["amount"]) == (ids[1], total)
        assert await native.status_of(plain, 2, *ids) == {"sold"}


async def test_a_used_token_still_pays(server):
    """What was held before the first payment, and nothing else."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        first, second, third = [seat["id"] for seat in await free_seats(plain, 2, 3)]
        for seat in (first, second):
            (await user.reserve(2, seat)).expect(201)
        (await user.charge(1_000_000)).expect(200)
        (await user.pay(2, first)).expect(200)
        for answer in (await user.schedules(), await user.seats(2), await user.reserve(2, third)):
            refused(answer, 401, BAD_TOKEN)
        refused(await user.pay(2, third), 409, BAD_SEAT)
        (await user.pay(2, second)).expect(200)
        used = user.token
        assert (await user.queue()).expect(200)["token"] != used
        (await user.schedules()).expect(200)


async def test_with_points_first(server):
    """Where the balance has to cover a seat when it is reserved."""
    async with schedules.client(server.url) as api, Api(server.url) as plain:
        user = await new_user(api)
        night = await add_night(plain, server.tokens.organiser(), require_balance_at_hold=True)
        (await user.charge(PRICE - 1)).expect(200)
        refused(await user.reserve(night.id, night.first), 402, SHORT_OF_POINTS)
        assert await native.status_of(plain, night.id, night.first) == {"available"}
        (await user.charge(1)).expect(200)
        (await user.reserve(night.id, night.first)).expect(201)
