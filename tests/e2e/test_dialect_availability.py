"""Document 002 from the token to the payment, each route with each of its answers."""

import pytest

from blackbox.client import Answer, Api, Buyer, seats_of
from blackbox.dialects import availability, native
from blackbox.dialects.availability import User
from blackbox.dialects.base import check_retry_after, has_shape
from blackbox.dialects.dates import seoul_day
from blackbox.dialects.stage import PRICE, Night, add_night, add_performance
from blackbox.server import Server

HALL, NOT_OPEN = 1, 3
FREE_DAY = "2039-12-31"  # nothing is on
LONG_AGO = "2020-02-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def active(api, number: int) -> User:
    user = User(api, number)
    has_shape((await user.enter()).expect(200), availability.TOKEN | {"queuePosition": 0})
    return user


def day_of(night: Night) -> str:
    return seoul_day(night.performance["starts_at"])


async def first_day(api: Api, event: int = HALL) -> str:
    return seoul_day((await native.performances(api, event))[0]["starts_at"])


# ---- the queue -----------------------------------------------------------------------

async def test_a_token_is_a_place_in_the_queue(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user = User(client, 1)
        token = (await user.enter("phone")).expect(200)
        has_shape(token, availability.TOKEN | {"queuePosition": 0})
        visitor = await native.visitor(api, token["token"])
        assert (visitor["room_id"], visitor["state"], visitor["position"]) == (1, "active", 0)
        assert (await user.enter("laptop")).expect(200) == token
        assert (await user.enter("phone")).expect(200) == token
        same = (await Buyer(api, server.tokens.fan(1)).enter()).expect(200)
        assert same["token"] == token["token"]


@pytest.mark.parametrize("body", [{}, {"userId": "2"}, {"browserId": "b"},
                                  {"userId": "", "browserId": "b"},
                                  {"userId": "2", "browserId": ""}, {"userId": 2, "browserId": "b"},
                                  {"userId": "2", "browserId": None}])
async def test_a_token_needs_its_parameters(server, body):
    async with availability.client(server.url) as client:
        (await client.post("/api/v1/users/token", body)).expect(400)


@pytest.mark.parametrize("user", ["99999", "0", "-1", "nobody", "1.0", "9" * 30, "홍길동"])
async def test_strangers_get_no_token(server, user):
    async with availability.client(server.url) as client:
        (await User(client, user).enter()).expect(401)


async def test_what_else_is_in_a_body_does_not_matter(server):
    async with availability.client(server.url) as client:
        body = {"userId": "3", "browserId": "b", "locale": "ko"}
        (await client.post("/api/v1/users/token", body)).expect(200)


# ---- who may what --------------------------------------------------------------------

async def everything(client, user: User) -> list[Answer]:
    """All that needs a token, once, in the name of a user."""
    return [await user.balance(), await user.charge(1000), await user.reserve(HALL, FREE_DAY, "1"),
            await user.pay(HALL, "1", 1000), await user.availability(HALL)]


@pytest.mark.parametrize("token", [None, "nonsense", "00000000-0000-4000-8000-000000000000"])
async def test_nothing_goes_without_a_token(server, token):
    async with availability.client(server.url) as client:
        user = await active(client, 5)
        user.token = token
        assert [answer.status for answer in await everything(client, user)] == [401] * 5


async def test_an_access_token_is_no_queue_token(server):
    async with availability.client(server.url) as client:
        user = User(client, 5)
        user.token = server.tokens.fan(5)
        assert [answer.status for answer in await everything(client, user)] == [401] * 5


@pytest.mark.parametrize("named, status", [("7", 403), ("99999", 404), ("nobody", 404), ("0", 404)])
async def test_a_token_is_for_its_user_alone(server, named, status):
    async with availability.client(server.url) as client:
        somebody = User(client, named)
        somebody.token = (await active(client, 6)).token
        answers = (await everything(client, somebody))[:4]
        assert [answer.status for answer in answers] == [status] * 4, answers
        owner = await active(client, 7)
        assert (await owner.balance()).expect(200)["balance"] == 0


async def test_a_token_left_behind_is_worth_nothing(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user = await active(client, 8)
        (await Buyer(api, server.tokens.fan(8)).leave(user.token)).expect(200)
        assert [answer.status for answer in await everything(client, user)] == [401] * 5


async def test_a_wrong_body_is_seen_before_a_wrong_token(server):
    async with availability.client(server.url) as client:
        user = User(client, 9)
        assert [a.status for a in (await user.charge(-1), await user.reserve(HALL, "tomorrow", "1"),
                                   await user.pay(HALL, "1", 0))] == [400] * 3


# ---- what is available ---------------------------------------------------------------

async def test_what_is_available(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user, rival = await active(client, 10), await active(client, 11)
        shown = (await user.availability(HALL)).expect(200)
        has_shape(shown, availability.AVAILABILITY)
        nights = {seoul_day(p["starts_at"]): p["id"] for p in await native.performances(api, HALL)}
        dates = [each["date"] for each in shown["dates"]]
        assert dates == sorted(nights)
        for each in shown["dates"]:
            free = [seat["label"] for seat in await seats_of(api, nights[each["date"]])
                    if seat["status"] == "available"]
            assert [seat["seatNo"] for seat in each["availableSeats"]] == free
        (await rival.reserve(HALL, dates[1], "49")).expect(201)
        again = (await user.availability(HALL, dates[1])).expect(200)
        assert [each["date"] for each in again["dates"]] == [dates[1]]
        assert {"seatNo": "49", "status": "available"} not in again["dates"][0]["availableSeats"]
        assert {"seatNo": "50", "status": "available"} in again["dates"][0]["availableSeats"]


async def test_days_without_a_free_seat_are_not_listed(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        boss = server.tokens.organiser()
        night = await add_night(api, boss, seats=1, starts="2040-03-01T20:00:00.000Z")
        day, event = "2040-03-02", night.event["id"]
        user, rival = await active(client, 12), await active(client, 13)
        assert (await user.availability(event)).expect(200) == {
            "dates": [{"date": day, "availableSeats": [{"seatNo": "1", "status": "available"}]}]}
        assert (await user.availability(event, "2040-03-01")).expect(200) == {"dates": []}
        (await rival.reserve(event, day, "1")).expect(201)
        assert (await user.availability(event)).expect(200) == {"dates": []}
        assert (await user.availability(event, day)).expect(200) == {"dates": []}


@pytest.mark.parametrize("zone, days", [("America/Los_Angeles", ["2040-07-03", "2040-07-04"]),
                                        ("Europe/London", ["2040-07-04"]),
                                        ("Pacific/Kiritimati", ["2040-07-04", "2040-07-05"])])
async def test_days_are_those_of_the_venue(server, zone, days):
    async with Api(server.url) as api, availability.client(server.url) as client:
        boss, place = server.tokens.organiser(), {"name": "Hall", "location": "", "time_zone": zone}
        venue = (await api.post("/v1/venues", place, boss)).expect(201)["id"]
        night = await add_night(api, boss, seats=1, starts="2040-07-04T06:59:00.000Z", venue_id=venue)
        for starts in ("2040-07-04T07:00:00.000Z", "2040-07-04T10:00:00.000Z"):
            await add_performance(api, boss, night.event, seats=1, starts=starts)
        user, event = await active(client, 18), night.event["id"]
        assert [each["date"] for each in (await user.availability(event)).expect(200)["dates"]] == days
        (await user.reserve(event, days[0], "1")).expect(201)
        held = await native.newest(Buyer(api, server.tokens.fan(18)))
        assert held["lines"][0]["performance_id"] == night.id


async def test_what_is_on_sale_later_is_listed_and_what_was_is_not(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user = await active(client, 14)
        later = (await user.availability(NOT_OPEN)).expect(200)
        assert len(later["dates"]) == 3
        closed = await add_night(api, server.tokens.organiser(), sales_close_at=LONG_AGO)
        begun = await add_night(api, server.tokens.organiser(), starts="2021-01-01T10:00:00.000Z")
        for night in (closed, begun):
            assert (await user.availability(night.event["id"])).expect(200) == {"dates": []}


@pytest.mark.parametrize("concert", ["999999", "0", "-1", "1.5", "abc", "9" * 30, "%EA%B0%80"])
async def test_no_such_concert(server, concert):
    async with availability.client(server.url) as client:
        user = await active(client, 15)
        (await user.availability(concert)).expect(404)
        (await user.reserve(concert, FREE_DAY, "1")).expect(404)
        (await user.pay(concert, "1", 1000)).expect(404)


@pytest.mark.parametrize("date", ["", "today", "2024-1-1", "20241011", "2024-13-01", "2024-02-30",
                                  "2024-10-11T00:00:00Z", "2024-10-11%00"])
async def test_dates_have_a_form(server, date):
    async with availability.client(server.url) as client:
        user = await active(client, 15)
        (await user.availability(HALL, date)).expect(400)
        (await user.reserve(HALL, date, "1")).expect(400)


# ---- money ---------------------------------------------------------------------------

async def test_money_is_decimal(server):
    async with availability.client(server.url) as client:
        user = await active(client, 16)
        empty = (await user.balance()).expect(200)
        has_shape(empty, availability.BALANCE)
        assert empty == {"userId": "16", "balance": 0}
        for amount, balance in ((10000, 10000), (10000.0, 20000), ("10000", 30000)):
            charged = (await user.charge(amount)).expect(200)
            has_shape(charged, availability.CHARGED)
            assert charged == {"userId": "16", "newBalance": balance}
        assert (await user.balance()).expect(200) == {"userId": "16", "balance": 30000}


@pytest.mark.parametrize("amount", [0, -1, -10000, 10000.5, "10000.5", "0", "-1", "", "x", "1e", None,
                                    True, [], {}, 10_000_001, "10000001", 2**63, "9" * 50])
async def test_wrong_amounts_are_refused(server, amount):
    async with availability.client(server.url) as client:
        user = await active(client, 17)
        (await user.charge(amount)).expect(400)
        assert (await user.balance()).expect(200)["balance"] == 0


# ---- reservation and payment ---------------------------------------------------------

async def test_from_the_seat_to_the_payment(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user, buyer = await active(client, 20), Buyer(api, server.tokens.fan(20))
        day = await first_day(api)
        made = await user.reserve(HALL, day, "7")
        reserved = made.expect(201)
        has_shape(reserved, availability.RESERVATION)
        held = await native.newest(buyer)
        assert (str(held["id"]), held["state"]) == (reserved["reservationId"], "held")
        assert [line["label"] for line in held["lines"]] == ["7"]

        price = held["total"]
        (await user.pay(HALL, reserved["reservationId"], price)).expect(402)
        (await user.charge(price + 1)).expect(200)
        for wrong in (price - 1, price + 1):
            (await user.pay(HALL, reserved["reservationId"], wrong)).expect(400)
        paid = (await user.pay(HALL, reserved["reservationId"], str(price))).expect(200)
        has_shape(paid, availability.PAYMENT)
        assert paid["paymentId"] == reserved["reservationId"]
        assert (await native.newest(buyer))["state"] == "paid"
        assert len(await api.pages("/v1/tickets", buyer.token)) == 1
        assert (await native.visitor(api, user.token))["state"] == "completed"
        await check_what_a_completed_visit_may(user, reserved["reservationId"], price, day)


async def check_what_a_completed_visit_may(user: User, reservation: str, price: int, day: str) -> None:
    """Its token is good for money, and for nothing that needs a session."""
    assert (await user.balance()).expect(200)["balance"] == 1
    assert (await user.charge(1)).expect(200)["newBalance"] == 2
    (await user.pay(HALL, reservation, price)).expect(409)
    for refused in (await user.availability(HALL), await user.reserve(HALL, day, "8")):
        assert refused.expect(403)["queuePosition"] is None


async def test_the_token_of_a_completed_visit_pays(server):
    """Two reservations: paying the first ends the session, the second is paid all the same."""
    async with Api(server.url) as api, availability.client(server.url) as client:
        user = await active(client, 21)
        day = await first_day(api)
        held = [(await user.reserve(HALL, day, seat)).expect(201)["reservationId"]
                for seat in ("9", "10")]
        mine = await native.reservations(Buyer(api, server.tokens.fan(21)))
        (await user.charge(sum(each["total"] for each in mine))).expect(200)
        for number, each in zip(held, mine):
            assert (await user.pay(HALL, number, float(each["total"]))).expect(200) == {
                "paymentId": number, "status": "paid"}
        assert (await user.balance()).expect(200)["balance"] == 0


async def test_several_performances_on_one_day(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        boss = server.tokens.organiser()
        matinee = await add_night(api, boss, seats=2, starts="2040-05-05T05:00:00.000Z")
        evening = await add_performance(api, boss, matinee.event, seats=3,
                                        starts="2040-05-05T11:00:00.000Z")
        day, event = "2040-05-05", matinee.event["id"]
        users = [await active(client, number) for number in (30, 31, 32)]
        shown = (await users[0].availability(event)).expect(200)
        assert [each["date"] for each in shown["dates"]] == [day]
        assert {seat["seatNo"] for seat in shown["dates"][0]["availableSeats"]} == {"1", "2", "3"}
        # The first that has the seat free: the matinee, then the evening, then none.
        for user, performance in zip(users, (matinee, evening)):
            (await user.reserve(event, day, "1")).expect(201)
            held = await native.newest(Buyer(api, server.tokens.fan(int(user.id))))
            assert held["lines"][0]["performance_id"] == performance.id
        (await users[2].reserve(event, day, "1")).expect(409)
        (await users[2].reserve(event, day, "3")).expect(201)
        (await users[2].reserve(event, day, "4")).expect(404)
        left = (await users[2].availability(event, day)).expect(200)["dates"][0]["availableSeats"]
        assert {seat["seatNo"] for seat in left} == {"2"}


# ---- refusals ------------------------------------------------------------------------

async def test_refused_reservations(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user, rival = await active(client, 40), await active(client, 41)
        day = await first_day(api)
        (await user.reserve(HALL, FREE_DAY, "1")).expect(404)
        for nothing in ("51", "0", "A-1", "가", "1.0", " 1"):
            (await user.reserve(HALL, day, nothing)).expect(404)
        (await rival.reserve(HALL, day, "20")).expect(201)
        for late in (user, rival):
            (await late.reserve(HALL, day, "20")).expect(409)
        (await user.reserve(NOT_OPEN, await first_day(api, NOT_OPEN), "1")).expect(409)
        closed = await add_night(api, server.tokens.organiser(), sales_close_at=LONG_AGO)
        (await user.reserve(closed.event["id"], day_of(closed), "1")).expect(409)
        for seat in ("21", "22", "23", "24"):
            (await user.reserve(HALL, day, seat)).expect(201)
        (await user.reserve(HALL, day, "25")).expect(409)
        assert len(await native.reservations(Buyer(api, server.tokens.fan(40)))) == 4


async def test_refused_payments(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        user, rival = await active(client, 50), await active(client, 51)
        day = await first_day(api)
        mine = (await user.reserve(HALL, day, "30")).expect(201)["reservationId"]
        theirs = (await rival.reserve(HALL, day, "31")).expect(201)["reservationId"]
        price = (await native.newest(Buyer(api, server.tokens.fan(50))))["total"]
        (await user.charge(10_000_000)).expect(200)
        for unknown in (theirs, "999999", "0", "-1", "1.0", "x", "9" * 30):
            (await user.pay(HALL, unknown, price)).expect(404)
        for elsewhere in (2, NOT_OPEN, 999999):
            (await user.pay(elsewhere, mine, price)).expect(404)
        (await user.pay(HALL, "", price)).expect(400)
        for wrong in (0, -price, price + 0.5, None, True, "all"):
            (await user.pay(HALL, mine, wrong)).expect(400)
        assert (await user.balance()).expect(200)["balance"] == 10_000_000
        (await user.pay(HALL, mine, price)).expect(200)
        (await user.pay(HALL, mine, price)).expect(409)
        assert (await user.balance()).expect(200)["balance"] == 10_000_000 - price


async def test_a_hold_needs_the_money_if_so_ruled_and_ends(server):
    async with Api(server.url) as api, availability.client(server.url) as client:
        night = await add_night(api, server.tokens.organiser(), hold_seconds=1,
                                require_balance_at_hold=True)
        day, event = day_of(night), night.event["id"]
        user, rival = await active(client, 60), await active(client, 61)
        (await user.reserve(event, day, "1")).expect(402)
        assert await native.reservations(Buyer(api, server.tokens.fan(60))) == []
        for each in (user, rival):
            (await each.charge(PRICE)).expect(200)
        held = (await user.reserve(event, day, "1")).expect(201)["reservationId"]
        await native.until_expired(Buyer(api, server.tokens.fan(60)), int(held))
        (await user.pay(event, held, PRICE)).expect(409)
        assert (await user.balance()).expect(200)["balance"] == PRICE
        (await rival.reserve(event, day, "1")).expect(201)


@pytest.mark.parametrize("show_up", [
    lambda user, day: user.enter("another"), lambda user, day: user.availability(HALL, day),
    lambda user, day: user.reserve(HALL, day, "1")], ids=["token", "availability", "reservations"])
async def test_whoever_asks_has_shown_up(start_server, show_up):
    server = start_server(native.THREE_BRIEF_CLAIMS)
    async with Api(server.url) as api, availability.client(server.url) as client:
        users, day = {number: User(client, number) for number in range(1, 7)}, await first_day(api)
        await native.check_sign_of_life(server, lambda number: users[number].enter(),
                                        lambda number: show_up(users[number], day))


# ---- the whole story -----------------------------------------------------------------

async def test_the_second_waits_for_the_first(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with Api(server.url) as api, availability.client(server.url) as client:
        first, second, third = await active(client, 1), User(client, 2), User(client, 3)
        for position, user in ((1, second), (2, third)):
            place = await user.enter()
            has_shape(place.expect(200), availability.TOKEN | {"queuePosition": position})
            check_retry_after(place)
        day = (await first.availability(HALL)).expect(200)["dates"][0]["date"]
        for position, user in ((1, second), (2, third)):
            for early in (await user.availability(HALL), await user.reserve(HALL, day, "1")):
                assert early.expect(403)["queuePosition"] == position
            (await user.charge(200_000)).expect(200)
            assert (await user.balance()).expect(200)["balance"] == 200_000
            (await user.pay(HALL, "999999", 200_000)).expect(404)
        assert (await second.enter("another")).expect(200) == {"token": second.token, "queuePosition": 1}

        reserved = (await first.reserve(HALL, day, "1")).expect(201)["reservationId"]
        price = (await seats_of(api, 1))[0]["price"]
        (await first.charge(price)).expect(200)
        (await first.pay(HALL, reserved, price)).expect(200)

        assert (await second.enter()).expect(200) == {"token": second.token, "queuePosition": 0}
        assert (await third.enter()).expect(200)["queuePosition"] == 1
        seats = (await second.availability(HALL, day)).expect(200)["dates"][0]["availableSeats"]
        assert "1" not in {seat["seatNo"] for seat in seats}
        (await second.reserve(HALL, day, "1")).expect(409)
        (await second.reserve(HALL, day, "2")).expect(201)
        old = first.token
        assert (await first.enter()).expect(200)["queuePosition"] == 2
        assert first.token != old
