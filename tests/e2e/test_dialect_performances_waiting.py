"""Document 000 where not everybody may in: 202 and a rank, and the whole story of three fans."""

from itertools import count

import pytest

from blackbox.client import Api, Buyer
from blackbox.dialects import native, performances
from blackbox.dialects.base import DialectApi, check_retry_after, has_shape, milliseconds
from blackbox.dialects.performances import GUARDED, Fan, reserved_seats
from blackbox.room_audit import visits_of
from blackbox.server import Server
from blackbox.tokens import fan_email

BLOCKER = 1
numbers = count(2)  # nobody is used by two tests


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start({"waiting_room.active_sessions_max": 1})


def new_fan(server: Server, api: DialectApi) -> Fan:
    return Fan(api, token=server.tokens.fan(next(numbers)))


async def fill(server: Server, plain: Api) -> None:
    """One may be in, and is."""
    (await Buyer(plain, server.tokens.fan(BLOCKER)).enter()).expect(200, 201)


async def test_who_waits_gets_202(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        await fill(server, plain)
        fans = [new_fan(server, api) for _ in range(2)]
        line = [(await fan.performances()).expect(202)["queue_data"] for fan in fans]
        assert line[1]["rank"] == line[0]["rank"] + 1
        for fan, place in zip(fans, line):
            for method, path, body in GUARDED:
                answer = await api.call(method, path, token=fan.token, json=body)
                has_shape(answer.expect(202), performances.WAITING)
                assert answer.body["queue_data"] == place, path
                check_retry_after(answer)
            visitor = await native.visitor(plain, place["id"])
            assert (visitor["state"], visitor["position"]) == ("waiting", place["rank"])
            assert milliseconds(visitor["issued_at"]) == place["issued_timestamp"]
        assert await native.status_of(plain, 1, 1) == {"available"}


@pytest.mark.parametrize("method, path, body", GUARDED)
async def test_whatever_is_asked_enters(server, method, path, body):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        await fill(server, plain)
        fan = new_fan(server, api)
        first = (await api.call(method, path, token=fan.token, json=body)).expect(202)
        has_shape(first, performances.WAITING)
        assert (await fan.performances()).expect(202) == first


async def test_the_body_is_looked_at_before_the_line(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        await fill(server, plain)
        fan = new_fan(server, api)
        (await api.call("PATCH", "/take_performance_seat", token=fan.token, json={})).expect(400)
        (await fan.take(999_999_999)).expect(202)
        (await fan.seats(999_999)).expect(202)


async def test_cash_needs_no_waiting(server):
    async with performances.client(server.url) as api, Api(server.url) as plain:
        await fill(server, plain)
        number = next(numbers)
        fan = Fan(api, token=server.tokens.fan(number))
        (await fan.charge(7)).expect(200)
        assert (await fan.balance()).expect(200) == {"balance": 7}
        assert len((await fan.history()).expect(200)) == 1
        (await fan.pay(1)).expect(400)
        assert number not in {visit.user for visit in visits_of(server.file)}


async def test_three_fans_and_one_place(start_server):
    """The whole story: one shops, the next waits for the payment, the third for the clock."""
    server = start_server({"waiting_room.active_sessions_max": 1, "waiting_room.session_duration": "3s"})
    async with performances.client(server.url) as api:
        first, second, third = fans = [Fan(api, fan_email(n)) for n in (1, 2, 3)]
        for fan in fans:
            (await fan.sign_in()).expect(200)
        shows = (await first.performances()).expect(200)
        place = (await second.performances()).expect(202)["queue_data"]
        behind = (await third.performances()).expect(202)["queue_data"]
        assert (place["rank"], behind["rank"]) == (1, 2)

        seat = await take_and_pay(first, shows["data"][0]["performance_staging_date"][1]["id"])
        session = (await second.performances()).expect(200)["queue_data"]
        assert session == {"id": place["id"], "issued_timestamp": place["issued_timestamp"], "rank": 0,
                           "active_timestamp": session["active_timestamp"],
                           "expire_timestamp": session["active_timestamp"] + 3000}
        assert (await third.performances()).expect(202)["queue_data"] == behind | {"rank": 1}
        again = (await first.reserved()).expect(202)["queue_data"]
        assert again["rank"] == 2 and again["id"] != shows["queue_data"]["id"]
        (await second.take(seat)).expect(400)

        admitted = (await third.wait_until_admitted())["queue_data"]
        assert admitted["id"] == behind["id"]
        assert admitted["active_timestamp"] >= session["expire_timestamp"]
        late = (await second.take(seat)).expect(202)["queue_data"]
        assert late["rank"] == 2 and late["id"] != session["id"]


async def take_and_pay(fan: Fan, staging_date: int) -> int:
    """Looks, takes a seat, finds the purse empty, charges and pays; the seat."""
    seats = (await fan.seats(staging_date)).expect(200)["data"]
    seat = next(each for each in seats if each["reservation_status"] == "AVAILABLE")
    (await fan.take(seat["id"])).expect(200)
    mine = reserved_seats((await fan.reserved()).expect(200))
    assert [(date, place, status) for _, date, place, status in mine] == [
        (staging_date, seat["id"], "TEMPORARY_RESERVED")]
    (await fan.pay(seat["id"])).expect(400)
    assert (await fan.charge(seat["price"])).expect(200)["balance"] == seat["price"]
    (await fan.pay(seat["id"])).expect(200)
    assert (await fan.balance()).expect(200) == {"balance": 0}
    return seat["id"]


async def test_where_a_hold_ends_the_session(start_server):
    """Cash needs no session, so what was taken can still be paid."""
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.session_ends_on": "hold"})
    async with performances.client(server.url) as api:
        first, second = (Fan(api, token=server.tokens.fan(n)) for n in (1, 2))
        seat = (await first.seats(1)).expect(200)["data"][0]
        (await second.performances()).expect(202)
        taken = (await first.take(seat["id"])).expect(200)
        assert taken["data"]["reservation_status"] == "TEMPORARY_RESERVED"
        (await second.performances()).expect(200)
        (await first.performances()).expect(202)
        (await first.charge(seat["price"])).expect(200)
        (await first.pay(seat["id"])).expect(200)
