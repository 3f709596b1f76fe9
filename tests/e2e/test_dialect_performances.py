"""Document 000: sign in, performances and their seats, take one, cash, pay."""

import asyncio
from itertools import accumulate, count

import pytest

from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.dialects import native, performances
from blackbox.dialects.base import WORDS, DialectApi, has_shape, milliseconds
from blackbox.dialects.performances import CASH, GUARDED, Fan, reserved_seats
from blackbox.dialects.stage import PRICE, add_night
from blackbox.raw import RawConnection, request
from blackbox.server import Server
from blackbox.tokens import fan_email

STATUS = {"available": "AVAILABLE", "held": "TEMPORARY_RESERVED", "sold": "RESERVED"}
CLOSED = {"sales_close_at": "2021-01-01T00:00:00.000Z"}
TAKE, PAY, CHARGE = "/take_performance_seat", "/payment_performance_seat", "/cash_charge"
NO_ID = [{}, {"performance_seat_id": None}, {"performance_seat_id": "1"}, {"performance_seat_id": 1.5},
         {"performance_seat_id": True}, {"performance_seat_id": [1]}, {"performance_seat_id": 0},
         {"performance_seat_id": -1}, {"performance_seat_id": 2**63}, [], [{"performance_seat_id": 1}],
         "performance_seat_id", 1]
NO_AMOUNT = [{}, {"amount": None}, {"amount": "1"}, {"amount": 1.5}, {"amount": True}, {"amount": {}},
             {"amount": 0}, {"amount": -1}, {"amount": 10_000_001}, {"amount": 2**63}, [], 1]
NO_JSON = [b"", b"{", b"null", b"\xff", b'{"amount": 1', b'{"performance_seat_id": 1} 2']

numbers = count(1)  # nobody is used by two tests


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


def new_fan(server: Server, api: DialectApi) -> Fan:
    return Fan(api, token=server.tokens.fan(next(numbers)))


def new_buyer(server: Server, plain: Api) -> Buyer:
    return Buyer(plain, server.tokens.fan(next(numbers)))


def fan_and_buyer(server: Server, api: DialectApi, plain: Api) -> tuple[Fan, Buyer]:
    """Somebody new, here and as the native API knows them."""
    fan = new_fan(server, api)
    return fan, Buyer(plain, fan.token)


async def free_seat(api: Api, performance: int = 1) -> Json:
    return next(seat for seat in await seats_of(api, performance) if seat["status"] == "available")


def message(answer: Answer, status: int = 400) -> str:
    return answer.expect(status)["message"]


# ---- signing in ----------------------------------------------------------------------

async def test_signing_in(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = Fan(api, fan_email(777))
        has_shape((await fan.sign_in()).expect(200), {"accessToken": WORDS})
        assert (await plain.get("/v1/me", fan.token)).expect(200)["id"] == 777
        has_shape((await fan.performances()).expect(200), performances.PERFORMANCES)
        wrong = await Fan(api, fan_email(777)).sign_in("not it")
        unknown = await Fan(api, "nobody@example.com").sign_in()
        assert message(wrong) and message(unknown)


@pytest.mark.parametrize("body", [
    {}, {"email_address": "fan1@example.com"}, {"password": "onsale"},
    {"email_address": 1, "password": "onsale"}, {"email_address": "fan1@example.com", "password": None},
    {"email": "fan1@example.com", "password": "onsale"}, [], "fan1@example.com"])
async def test_signing_in_with_half_of_it(server, body):
    async with performances.client(server.url) as api:
        (await api.post("/signIn", body)).expect(400)


async def test_a_token_is_needed(server):
    """It is looked at first: before the body, and for what is not there, too."""
    good = server.tokens.fan(next(numbers))
    head, claims, signature = good.split(".")
    forged = f"{head}.{server.tokens.issue(1, 'organiser').split('.')[1]}.{signature}"
    bearers = [None, "x", "a.b.c", good[:-3], forged, f"eyJhbGciOiJub25lIn0.{claims}.",
               server.tokens.issue(1, "buyer", lifetime=-5)]
    async with performances.client(server.url) as api:
        for method, path, body in GUARDED + CASH:
            answers = [await api.call(method, path, token=token, json=body) for token in bearers]
            answers += [await api.call(method, path, json=body, headers={"Authorization": value})
                        for value in ("Basic Zm9vOmJhcg==", good, "Bearer", "")]
            answers.append(await api.call(method, path, data=None if body is None else b"{"))
            for answer in answers:
                assert answer.status == 401, str(answer)
            (await api.call(method, path, token=good, json=body)).expect(200, 400)
        for path in ("/performance_seats/999999", "/performance_seats/x"):
            (await api.get(path)).expect(401)


# ---- looking -------------------------------------------------------------------------

async def test_performances(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = new_fan(server, api)
        (await fan.take((await free_seat(plain))["id"])).expect(200)
        answer = (await fan.performances()).expect(200)
        has_shape(answer, performances.PERFORMANCES)
        assert (await api.get("/performances", fan.token)).expect(200) == answer
        assert answer["data"] == [await as_performance(plain, event)
                                  for event in await plain.pages("/v1/events")]
        assert [show["id"] for show in answer["data"]][:3] == [1, 2, 3]


async def as_performance(plain: Api, event: Json) -> Json:
    dates = [{"id": night["id"], "staging_date": night["starts_at"],
              "reserveable_seats_count": night["seats_available"]}
             for night in await native.performances(plain, event["id"])]
    return as_show(event) | {"performance_staging_date": dates}


def as_show(event: Json) -> Json:
    return {"id": event["id"], "title": event["title"], "artist": event["artist"],
            "ticketing_start_date": event["sales_open_at"],
            "stage": {"name": event["venue"]["name"], "location": event["venue"]["location"]}}


async def test_queue_data_of_who_is_in(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = new_fan(server, api)
        entered = (await fan.performances()).expect(200)["queue_data"]
        visitor = await native.visitor(plain, entered["id"])
        assert visitor["state"] == "active"
        assert entered == {"id": visitor["token"], "rank": 0,
                           "issued_timestamp": milliseconds(visitor["issued_at"]),
                           "active_timestamp": milliseconds(visitor["activated_at"]),
                           "expire_timestamp": milliseconds(visitor["expires_at"])}
        seat = (await free_seat(plain))["id"]
        for answer in (await fan.seats(1), await fan.take(seat), await fan.reserved()):
            assert answer.expect(200)["queue_data"] == entered
            assert "Retry-After" not in answer.headers


async def test_seats(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = new_fan(server, api)
        sold, held = (seat["id"] for seat in (await seats_of(plain, 2))[10:12])
        await new_buyer(server, plain).shop(1, 2, [sold])
        (await fan.take(held)).expect(200)
        for performance in (2, 4):
            answer = (await fan.seats(performance)).expect(200)
            has_shape(answer, performances.SEATS)
            assert answer["data"] == [
                {"id": seat["id"], "seat_number": seat["label"], "price": seat["price"],
                 "reservation_status": STATUS[seat["status"]]}
                for seat in await seats_of(plain, performance)]
        shown = {seat["id"]: seat for seat in (await fan.seats(2)).expect(200)["data"]}
        assert shown[sold]["reservation_status"] == "RESERVED"
        assert shown[held]["reservation_status"] == "TEMPORARY_RESERVED"
        assert shown[held]["seat_number"] == "12"


@pytest.mark.parametrize("name", ["999999", "0", "-1", "x", "1.0", "01", "9223372036854775808", "%20"])
async def test_seats_of_nothing(server, name):
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        (await fan.seats(name)).expect(400)


# ---- taking --------------------------------------------------------------------------

async def test_take_and_pay(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan, buyer = fan_and_buyer(server, api, plain)
        assert (await fan.reserved()).expect(200)["data"] == []
        seats = [seat for seat in await seats_of(plain, 1) if seat["status"] == "available"][-2:]
        for seat in seats:
            taken = (await fan.take(seat["id"])).expect(200)
            has_shape(taken, performances.TAKEN)
            assert taken["data"] == {"seat_number": seat["label"], "price": seat["price"],
                                     "reservation_status": "TEMPORARY_RESERVED"}
        (await fan.charge(seats[0]["price"])).expect(200)
        paid = (await fan.pay(seats[0]["id"])).expect(200)
        assert paid == {"result": "success", "performance_seat_id": seats[0]["id"]}

        mine = (await fan.reserved()).expect(200)
        has_shape(mine, performances.RESERVED)
        assert sorted(reserved_seats(mine)) == [(1, 1, seats[0]["id"], "RESERVED"),
                                                (1, 1, seats[1]["id"], "TEMPORARY_RESERVED")]
        night = (await plain.get("/v1/performances/1")).expect(200)
        for show in mine["data"]:
            dates = show.pop("performance_staging_date")
            assert show == as_show((await plain.get("/v1/events/1")).expect(200))
            assert {date["staging_date"] for date in dates} == {night["starts_at"]}
            assert {date["seat"]["seat_number"] for date in dates} <= {seat["label"] for seat in seats}
        states = {line["seat_id"]: (each["state"], each["total"])
                  for each in await native.reservations(buyer) for line in each["lines"]}
        assert states == {seats[0]["id"]: ("paid", seats[0]["price"]),
                          seats[1]["id"]: ("held", seats[1]["price"])}


async def test_reserved_seats_are_those_still_had(server):
    """Canceled and expired ones are gone from the list."""
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan, buyer = fan_and_buyer(server, api, plain)
        short = await add_night(plain, server.tokens.organiser(), hold_seconds=1)
        (await fan.take(short.first)).expect(200)
        expiring = await native.newest(buyer)
        kept, canceled = [seat["id"] for seat in await seats_of(plain, 3)][20:22]
        (await fan.take(kept)).expect(200)
        (await fan.take(canceled)).expect(200)
        (await buyer.cancel((await native.newest(buyer))["id"])).expect(200)
        await native.until_expired(buyer, expiring["id"])
        mine = (await fan.reserved()).expect(200)
        assert reserved_seats(mine) == [(1, 3, kept, "TEMPORARY_RESERVED")]


async def test_refusals_of_a_take_say_which(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = new_fan(server, api)
        closed = await add_night(plain, server.tokens.organiser(), **CLOSED)
        [*mine, free, sold, held] = [seat["id"] for seat in await seats_of(plain, 3)][:7]
        await new_buyer(server, plain).shop(1, 3, [sold])
        other = new_fan(server, api)
        (await other.take(held)).expect(200)
        unopened = (await native.performances(plain, 3))[0]["id"]
        messages = {"taken": message(await fan.take(held)),
                    "unknown": message(await fan.take(999_999_999)),
                    "not open": message(await fan.take((await seats_of(plain, unopened))[0]["id"])),
                    "closed": message(await fan.take(closed.first))}
        assert message(await fan.take(sold)) == messages["taken"]
        for seat in mine:
            (await fan.take(seat)).expect(200)
        messages["limit"] = message(await fan.take(free))
        assert len(set(messages.values())) == len(messages), messages
        again = await other.take(held)
        assert message(again) == messages["taken"], "one's own hold is taken, too"
        assert await native.status_of(plain, 3, free) == {"available"}


@pytest.mark.parametrize("path", [TAKE, PAY])
async def test_bodies_without_a_seat(server, path):
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        for body in NO_ID:
            (await api.call("PATCH", path, token=fan.token, json=body)).expect(400)
        for text in NO_JSON:
            (await api.call("PATCH", path, token=fan.token, data=text)).expect(400)
        assert (await fan.reserved()).expect(200)["data"] == []


# ---- cash ----------------------------------------------------------------------------

async def test_cash(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan, buyer = fan_and_buyer(server, api, plain)
        assert (await fan.balance()).expect(200) == {"balance": 0}
        assert (await fan.history()).expect(200) == []
        assert (await fan.charge(20_000)).expect(200) == {"result": "success", "balance": 20_000}
        assert (await fan.charge(10_000_000)).expect(200) == {"result": "success", "balance": 10_020_000}
        seat = await free_seat(plain)
        (await fan.take(seat["id"])).expect(200)
        (await fan.pay(seat["id"])).expect(200)
        (await buyer.charge(5)).expect(201)
        assert (await fan.balance()).expect(200) == {"balance": 10_020_005 - seat["price"]}

        history = (await fan.history()).expect(200)
        has_shape(history, performances.HISTORY)
        assert [(each["amount"], each["cause"], each["performance_seat_id"]) for each in history] == [
            (20_000, "CHARGED_BY_USER", None), (10_000_000, "CHARGED_BY_USER", None),
            (-seat["price"], "PEYMENT_PERFORMANCE_SEAT", seat["id"]), (5, "CHARGED_BY_USER", None)]
        transfers = await plain.pages("/v1/wallet/transfers", buyer.token)
        assert [each["date_created"] for each in history] == [each["created_at"] for each in transfers]


async def test_a_long_history_is_whole(server):
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        charges = await asyncio.gather(*(fan.charge(amount) for amount in range(1, 251)))
        balances = sorted(answer.expect(200)["balance"] for answer in charges)
        history = (await fan.history()).expect(200)
        assert list(accumulate(each["amount"] for each in history)) == balances


async def test_amounts_that_cannot_be(server):
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        for body in NO_AMOUNT:
            (await api.call("PATCH", CHARGE, token=fan.token, json=body)).expect(400)
        for text in NO_JSON:
            (await api.call("PATCH", CHARGE, token=fan.token, data=text)).expect(400)
        assert (await fan.balance()).expect(200) == {"balance": 0}


async def test_refusals_of_a_payment(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan, buyer = fan_and_buyer(server, api, plain)
        other = new_fan(server, api)
        seat, free, others = [s for s in await seats_of(plain, 2) if s["status"] == "available"][:3]
        (await other.take(others["id"])).expect(200)
        (await fan.charge(seat["price"] - 1)).expect(200)
        (await fan.take(seat["id"])).expect(200)
        short = message(await fan.pay(seat["id"]))
        assert await native.status_of(plain, 2, seat["id"]) == {"held"}, "it may be tried again"
        (await fan.charge(1)).expect(200)
        refusals = [message(await fan.pay(each)) for each in (free["id"], others["id"], 999_999_999)]
        (await fan.pay(seat["id"])).expect(200)
        (await fan.charge(seat["price"])).expect(200)
        refusals.append(message(await fan.pay(seat["id"])))
        assert short not in refusals
        assert (await fan.balance()).expect(200) == {"balance": seat["price"]}

        brief = await add_night(plain, server.tokens.organiser(), hold_seconds=1)
        (await fan.take(brief.first)).expect(200)
        await native.until_expired(buyer, (await native.newest(buyer))["id"])
        assert message(await fan.pay(brief.first)) != short
        assert (await fan.balance()).expect(200) == {"balance": seat["price"]}
        assert len((await fan.history()).expect(200)) == 4


async def test_a_seat_pays_its_whole_reservation(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan, buyer = fan_and_buyer(server, api, plain)
        seats = [s for s in await seats_of(plain, 2) if s["status"] == "available"][:2]
        ids = [seat["id"] for seat in seats]
        total = sum(seat["price"] for seat in seats)
        (await buyer.enter()).expect(201)
        (await buyer.hold(1, 2, ids)).expect(201)
        (await fan.charge(total)).expect(200)
        paid = (await fan.pay(ids[1])).expect(200)
        assert paid == {"result": "success", "performance_seat_id": ids[1]}
        assert await native.status_of(plain, 2, *ids) == {"sold"}
        assert (await fan.balance()).expect(200) == {"balance": 0}
        spent = [each for each in (await fan.history()).expect(200) if each["amount"] < 0]
        assert {each["performance_seat_id"] for each in spent} == set(ids)
        assert sum(each["amount"] for each in spent) == -total


async def test_with_money_first(server):
    """Where the balance has to cover a seat when it is taken."""
    async with performances.client(server.url) as api, Api(server.url) as plain:
        fan = new_fan(server, api)
        night = await add_night(plain, server.tokens.organiser(), require_balance_at_hold=True)
        (await fan.charge(PRICE - 1)).expect(200)
        poor = message(await fan.take(night.first))
        assert await native.status_of(plain, night.id, night.first) == {"available"}
        (await fan.charge(1)).expect(200)
        (await fan.take(night.first)).expect(200)
        assert poor != message(await fan.take(night.first))


# ---- the form of a request -----------------------------------------------------------

async def test_what_is_forgiven(server):
    """Unknown members, and a body that does not say that it is JSON."""
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        for body, kind in (({"amount": 1, "currency": "XYZ", "note": [None]}, "application/json"),
                           ({"amount": 1}, "application/json; charset=utf-8")):
            (await api.call("PATCH", CHARGE, token=fan.token, json=body,
                            headers={"Content-Type": kind})).expect(200)
        with RawConnection(server.port) as connection:
            bearer = f"Bearer {fan.token}"
            connection.send(request("PATCH", CHARGE, b'{"amount":1}', Authorization=bearer))
            assert connection.answer().status == 200
        assert (await fan.balance()).expect(200) == {"balance": 3}


async def test_what_is_not(server):
    async with performances.client(server.url) as api:
        fan = new_fan(server, api)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            (await api.call("PATCH", CHARGE, token=fan.token, data=b'{"amount":1}',
                            headers={"Content-Type": kind})).expect(400)
        large = b'{"amount":1,"x":"' + b"y" * 300_000 + b'"}'
        (await api.call("PATCH", CHARGE, token=fan.token, data=large)).expect(413)
        assert (await fan.balance()).expect(200) == {"balance": 0}
