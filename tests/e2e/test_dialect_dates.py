"""Document 004 from the waiting id to the processed payment, each route with each of its answers."""

import pytest

from blackbox.binary import ROOT
from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.dialects import dates, native
from blackbox.dialects.base import check_retry_after, has_shape
from blackbox.dialects.dates import User, seoul_day
from blackbox.dialects.stage import PRICE, add_performance
from blackbox.server import Server

HALL, ARENA, ARENA_NIGHT, NOT_OPEN_NIGHT = 1, 2, 4, 6
CLOSED = {"sales_close_at": "2020-02-01T00:00:00.000Z"}
NOT_OPEN = {"sales_open_at": "2039-01-01T00:00:00.000Z"}
ACTIVE = dates.PLACE | {"status": "activate"}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def active(client, number: int) -> User:
    user = User(client, number)
    has_shape((await user.issue()).expect(200), ACTIVE | {"userId": number})
    return user


async def hall(api: Api) -> Json:
    return (await api.get("/v1/events/1")).expect(200)


async def hall_seats(api: Api, performance: int = 1) -> list[Json]:
    return [seat for seat in await seats_of(api, performance) if seat["status"] == "available"]


# ---- the waiting room ----------------------------------------------------------------

async def test_issue_and_status(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        user = User(client, 1)
        (await user.status()).expect(404)
        issued = (await user.issue()).expect(200)
        has_shape(issued, ACTIVE | {"userId": 1})
        visitor = await native.visitor(api, issued["token"])
        assert (visitor["room_id"], visitor["state"]) == (1, "active")
        assert issued["waitingId"] == visitor["number"]
        assert (await user.status()).expect(200) == issued
        assert (await user.issue()).expect(200) == issued
        (await Buyer(api, server.tokens.fan(1)).leave(issued["token"])).expect(200)
        (await user.status()).expect(404)
        again = (await user.issue()).expect(200)
        assert again["waitingId"] > issued["waitingId"] and again["token"] != issued["token"]


async def test_strangers_are_not_found(server):
    async with dates.client(server.url) as client:
        nobody = User(client, 99_999)
        for answer in (await nobody.issue(), await nobody.status(), await nobody.reserve(1),
                       await nobody.balance(), await nobody.charge(1), await nobody.process(1)):
            answer.expect(404)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "abc", "9" * 30, "%EA%B0%80"])
async def test_ids_in_a_path_that_are_none(server, number):
    async with dates.client(server.url) as client:
        for answer in (await client.get(f"/api/status/{number}"),
                       await client.get(f"/api/{number}/balance"),
                       await client.post(f"/api/{number}/charge", {"amount": 1000})):
            answer.expect(404)


# ---- dates and seats -----------------------------------------------------------------

async def test_what_is_available(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        user, nights = await active(client, 2), await native.performances(api, HALL)
        shown = (await user.dates()).expect(200)
        has_shape(shown, dates.DATES)
        assert shown == sorted({seoul_day(night["starts_at"]) for night in nights
                                if night["seats_available"]})
        for night in nights[:3]:
            seats = (await user.seats(seoul_day(night["starts_at"]))).expect(200)
            has_shape(seats, dates.SEATS)
            assert seats == [{"seatId": seat["id"], "seatNumber": int(seat["label"]),
                              "status": "available", "price": seat["price"]}
                             for seat in await hall_seats(api, night["id"])]


async def test_a_date_is_gone_when_it_is_sold_out(server):
    """Late in the evening in UTC: it is the next day in Seoul."""
    async with Api(server.url) as api, dates.client(server.url) as client:
        night = await add_performance(api, server.tokens.organiser(), await hall(api), seats=2,
                                      starts="2040-03-01T20:00:00.000Z")
        user, day = await active(client, 3), "2040-03-02"
        assert day in (await user.dates()).expect(200)
        (await user.seats("2040-03-01")).expect(404)
        first, second = [seat["id"] for seat in night.seats]
        (await user.reserve(first)).expect(200)
        assert [seat["seatId"] for seat in (await user.seats(day)).expect(200)] == [second]
        (await user.reserve(second)).expect(200)
        assert day not in (await user.dates()).expect(200)
        assert (await user.seats(day)).expect(200) == []
        buyer = Buyer(api, server.tokens.fan(3))
        (await buyer.cancel((await native.newest(buyer))["id"])).expect(200)
        assert day in (await user.dates()).expect(200)
        assert [seat["seatId"] for seat in (await user.seats(day)).expect(200)] == [second]


async def test_several_performances_on_one_day(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        nights = [await add_performance(api, server.tokens.organiser(), await hall(api), seats=2,
                                        starts=starts)
                  for starts in ("2040-04-01T05:00:00.000Z", "2040-04-01T10:00:00.000Z")]
        user = User(client, 4)
        assert (await user.dates()).expect(200).count("2040-04-01") == 1
        seats = (await user.seats("2040-04-01")).expect(200)
        assert [seat["seatId"] for seat in seats] == [s["id"] for night in nights for s in night.seats]
        assert [seat["seatNumber"] for seat in seats] == [1, 2, 1, 2]


async def test_only_what_is_to_come_is_available(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        event, user = await hall(api), User(client, 4)
        windows = {"2040-06-01": CLOSED, "2021-01-01": {}, "2040-06-02": NOT_OPEN}
        for day, window in windows.items():
            await add_window(api, server, event, f"{day}T10:00:00.000Z", window)
        listed = (await user.dates()).expect(200)
        assert [day in listed for day in windows] == [False, False, True]
        assert len((await user.seats("2040-06-02")).expect(200)) == 50


async def add_window(api: Api, server: Server, event: Json, starts: str, window: Json) -> int:
    """A performance of the hall with a sale window of its own; its first seat."""
    tiers = [{"name": name, "price": PRICE} for name in ("VIP", "R", "S", "A")]
    night = {"event_id": event["id"], "name": "Night", "starts_at": starts, "price_tiers": tiers,
             "sales_open_at": "2020-01-01T00:00:00.000Z"}
    boss = server.tokens.organiser()
    made = (await api.post("/v1/performances", night | window, boss)).expect(201)["id"]
    plan = (ROOT / "data" / "plans" / "hall.json").read_bytes()
    (await api.post(f"/v1/performances/{made}/seating-plan", token=boss, data=plan)).expect(201)
    return (await seats_of(api, made))[0]["id"]


@pytest.mark.parametrize("date, status", [
    ("2039-12-31", 404), ("1970-01-01", 404), ("today", 400), ("2024-1-1", 400), ("20241001", 400),
    ("2024-13-01", 400), ("2024-02-30", 400), ("2024-10-01T00:00:00Z", 400), ("0", 400),
    ("2024-10-01%00", 400), ("9" * 300, 400), ("%EA%B0%80", 400)])
async def test_dates_without_seats(server, date, status):
    async with dates.client(server.url) as client:
        (await User(client, 4).seats(date)).expect(status)


# ---- money ---------------------------------------------------------------------------

async def test_balance_and_charge(server):
    async with dates.client(server.url) as client:
        user = User(client, 5)
        for answer, balance in ((await user.balance(), 0), (await user.charge(1), 1),
                                (await user.charge(10_000_000), 10_000_001),
                                (await user.balance(), 10_000_001)):
            has_shape(answer.expect(200), dates.BALANCE)
            assert answer.body == {"userId": 5, "balance": balance}


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1000", None, True, [], {}, 10_000_001, 10**18, 10**30])
async def test_wrong_charges(server, amount):
    async with dates.client(server.url) as client:
        (await User(client, 6).charge(amount)).expect(400)
        assert (await User(client, 6).balance()).expect(200)["balance"] == 0


# ---- reservation and payment ---------------------------------------------------------

async def test_from_the_seat_to_the_payment(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        user, buyer = await active(client, 10), Buyer(api, server.tokens.fan(10))
        token = (await user.status()).expect(200)["token"]
        (await user.process(PRICE)).expect(404)
        seats = (await hall_seats(api))[:2]
        for seat in seats:
            reserved = (await user.reserve(seat["id"])).expect(200)
            has_shape(reserved, dates.RESERVED)
            assert reserved == {"userId": 10, "seatId": seat["id"], "status": "reserved",
                                "amount": seat["price"]}
        total = sum(seat["price"] for seat in seats)
        for wrong in (seats[0]["price"], total - 1, total + 1):
            (await user.process(wrong)).expect(400)
        (await user.process(total)).expect(402)
        assert [each["state"] for each in await native.reservations(buyer)] == ["held", "held"]
        (await user.charge(total + 3)).expect(200)
        paid = (await user.process(total)).expect(200)
        has_shape(paid, dates.PROCESSED)
        kept = await native.reservations(buyer)
        assert paid == {"userId": 10, "amount": total, "status": "success",
                        "paymentTime": kept[0]["paid_at"][:19] + "Z"}
        assert [each["state"] for each in kept] == ["paid", "paid"]
        assert len(await api.pages("/v1/tickets", buyer.token)) == 2
        assert (await user.balance()).expect(200)["balance"] == 3
        assert (await native.visitor(api, token))["state"] == "completed"
        (await user.status()).expect(404)
        (await user.process(total)).expect(404)
        (await user.reserve((await hall_seats(api))[0]["id"])).expect(403)


async def test_all_that_is_held_is_paid(server):
    """Also what was held in another way, of another event."""
    async with Api(server.url) as api, dates.client(server.url) as client:
        user, buyer = await active(client, 11), Buyer(api, server.tokens.fan(11))
        seat, other = (await hall_seats(api))[0], (await seats_of(api, ARENA_NIGHT))[0]
        (await user.reserve(seat["id"])).expect(200)
        (await buyer.hold(ARENA, ARENA_NIGHT, [other["id"]])).expect(201)
        total = seat["price"] + other["price"]
        (await user.charge(total)).expect(200)
        (await user.process(seat["price"])).expect(400)
        assert (await user.process(total)).expect(200)["amount"] == total
        assert [each["state"] for each in await native.reservations(buyer)] == ["paid", "paid"]


async def test_refused_reservations(server):
    async with Api(server.url) as api, dates.client(server.url) as client:
        outsider, user, rival = User(client, 20), await active(client, 21), await active(client, 22)
        seats = [seat["id"] for seat in (await hall_seats(api, 2))[:7]]
        (await outsider.reserve(seats[0])).expect(403)
        (await rival.reserve(seats[0])).expect(200)
        for late in (user, rival):
            (await late.reserve(seats[0])).expect(409)
        elsewhere = (await seats_of(api, NOT_OPEN_NIGHT))[0]["id"]
        for unknown in (10**12, 2**63 - 1, elsewhere):
            (await user.reserve(unknown)).expect(404)
        for window in (CLOSED, NOT_OPEN):
            seat = await add_window(api, server, await hall(api), "2041-01-01T10:00:00.000Z", window)
            (await user.reserve(seat)).expect(409)
        for seat in seats[1:5]:
            (await user.reserve(seat)).expect(200)
        (await user.reserve(seats[5])).expect(409)
        assert len(await native.reservations(Buyer(api, server.tokens.fan(21)))) == 4


@pytest.mark.parametrize("body", [{}, {"userId": 23}, {"seatId": 1}, {"userId": "23", "seatId": 1},
                                  {"userId": 23, "seatId": "1"}, {"userId": 23, "seatId": 1.5},
                                  {"userId": 23, "seatId": 0}, {"userId": 0, "seatId": 1},
                                  {"userId": None, "seatId": 1}, {"userId": 23, "seatId": True}])
async def test_malformed_reservations(server, body):
    async with dates.client(server.url) as client:
        (await client.post("/api/reserve", body)).expect(400)


async def test_a_hold_needs_the_money_if_so_ruled_and_ends(start_server):
    server = start_server({"sales.hold_duration": "700ms", "sales.require_balance_at_hold": "true"})
    async with Api(server.url) as api, dates.client(server.url) as client:
        user, rival = await active(client, 1), await active(client, 2)
        seat = (await hall_seats(api))[0]
        (await user.reserve(seat["id"])).expect(402)
        for each in (user, rival):
            (await each.charge(seat["price"])).expect(200)
        (await user.reserve(seat["id"])).expect(200)
        buyer = Buyer(api, server.tokens.fan(1))
        await native.until_expired(buyer, (await native.newest(buyer))["id"])
        (await user.process(seat["price"])).expect(404)
        (await rival.reserve(seat["id"])).expect(200)
        assert (await user.balance()).expect(200)["balance"] == seat["price"]


@pytest.mark.parametrize("show_up", [
    lambda user, seat: user.issue(), lambda user, seat: user.status(),
    lambda user, seat: user.reserve(seat)], ids=["issue", "status", "reserve"])
async def test_whoever_asks_has_shown_up(start_server, show_up):
    server = start_server(native.THREE_BRIEF_CLAIMS)
    async with Api(server.url) as api, dates.client(server.url) as client:
        seat = (await seats_of(api, 1))[0]["id"]
        await native.check_sign_of_life(server, lambda number: User(client, number).issue(),
                                        lambda number: show_up(User(client, number), seat))


# ---- the whole story -----------------------------------------------------------------

def number_of(label: str) -> int | str:
    return int(label) if label.isdigit() else label


def check_waiting(answer: Answer, user: int, position: int) -> None:
    place = {"userId": user, "status": "waiting", "waitingId": position}
    has_shape(answer.expect(200), dates.PLACE | place)
    check_retry_after(answer)


async def test_the_second_waits_for_the_first(start_server):
    """In another event, whose seats have labels that are no numbers."""
    server = start_server({"waiting_room.active_sessions_max": 1, "dialects.default_event": ARENA})
    async with Api(server.url) as api, dates.client(server.url) as client:
        first, second, third = await active(client, 1), User(client, 2), User(client, 3)
        for position, user in ((1, second), (2, third)):
            check_waiting(await user.issue(), user.id, position)
            check_waiting(await user.status(), user.id, position)
        nights = await native.performances(api, ARENA)
        days = (await first.dates()).expect(200)
        assert days == sorted(seoul_day(night["starts_at"]) for night in nights)
        seats = (await first.seats(days[0])).expect(200)
        has_shape(seats, dates.SEATS)
        shown = await seats_of(api, nights[0]["id"])
        assert [(each["seatId"], each["seatNumber"]) for each in seats] == [
            (seat["id"], number_of(seat["label"])) for seat in shown]
        (await second.reserve(seats[1]["seatId"])).expect(403)

        amount = (await first.reserve(seats[0]["seatId"])).expect(200)["amount"]
        assert amount == seats[0]["price"]
        (await first.charge(amount)).expect(200)
        (await first.process(amount)).expect(200)

        admitted = (await second.status()).expect(200)
        has_shape(admitted, ACTIVE | {"userId": 2})
        assert admitted["waitingId"] == (await native.visitor(api, admitted["token"]))["number"]
        check_waiting(await third.status(), 3, 1)
        left = (await second.seats(days[0])).expect(200)
        assert left == seats[1:]
        (await second.reserve(seats[0]["seatId"])).expect(409)
        (await second.reserve(seats[1]["seatId"])).expect(200)
        (await first.status()).expect(404)
        check_waiting(await first.issue(), 1, 2)
