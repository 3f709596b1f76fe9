"""The whole story of a buyer over HTTP, every body checked completely."""

import gzip
import json
from datetime import datetime, timedelta

import pytest

from blackbox import shapes
from blackbox.client import Api, Buyer, seats_of
from blackbox.server import Server
from blackbox.shapes import check, page_of

HALL, HALL_NIGHT = 1, 1
ARENA_NIGHT = 4
NOT_YET_ON_SALE, NOT_YET_NIGHT = 3, 6


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---- people --------------------------------------------------------------------------

async def test_sign_up_and_in(server):
    async with Api(server.url) as api:
        person = {"email": "Mina.Kim@Example.com", "password": "secret-enough", "name": "김미나"}
        user = (await api.post("/v1/users", person)).expect(201)
        check(user, shapes.USER | {"email": shapes.just("mina.kim@example.com"),
                                   "name": shapes.just("김미나"), "role": shapes.just("buyer")})
        (await api.post("/v1/users", person)).refused(409, "email-taken")

        signed_in = await api.post("/v1/sessions", {"email": "MINA.kim@example.com",
                                                    "password": "secret-enough"})
        session = signed_in.expect(201)
        check(session, shapes.SESSION | {"user": {k: shapes.just(v) for k, v in user.items()}})
        assert signed_in.headers["Cache-Control"] == "no-store"
        assert moment(session["expires_at"]) > moment(user["created_at"]) + timedelta(hours=11)
        assert (await api.get("/v1/me", session["access_token"])).expect(200) == user

        for wrong in ({"email": "mina.kim@example.com", "password": "not-it-at-all"},
                      {"email": "nobody@example.com", "password": "secret-enough"}):
            (await api.post("/v1/sessions", wrong)).refused(401, "unauthorized")


async def test_demo_people_can_sign_in(server):
    async with Api(server.url) as api:
        for email, role, user_id in (("fan1@example.com", "buyer", 1),
                                     ("fan1000@example.com", "buyer", 1000),
                                     ("organiser@example.com", "organiser", 1001),
                                     ("staff@example.com", "staff", 1002)):
            user = (await api.get("/v1/me", await api.sign_in(email))).expect(200)
            check(user, shapes.USER)
            assert (user["id"], user["email"], user["role"]) == (user_id, email, role)


# ---- what is on offer ----------------------------------------------------------------

async def test_catalogue(server):
    async with Api(server.url) as api:
        events = (await api.get("/v1/events")).expect(200)
        check(events, page_of(shapes.EVENT))
        assert [event["id"] for event in events["items"]] == [1, 2, 3]
        assert [event["on_sale"] for event in events["items"]] == [True, True, False]
        for event in events["items"]:
            assert (await api.get(f"/v1/events/{event['id']}")).expect(200) == event
            assert event["waiting_room_id"] == 1
            nights = (await api.get(f"/v1/events/{event['id']}/performances")).expect(200)
            check(nights, page_of(shapes.PERFORMANCE))
            for night in nights["items"]:
                assert (await api.get(f"/v1/performances/{night['id']}")).expect(200) == night
                assert night["event_id"] == event["id"]
                assert night["on_sale"] == event["on_sale"]
                assert night["seats_available"] == night["seats_total"] > 0
                assert night["price_from"] == min(tier["price"] for tier in night["price_tiers"])


async def test_demo_shows(server):
    async with Api(server.url) as api:
        hall = await api.pages("/v1/events/1/performances")
        assert len({night["starts_at"][:10] for night in hall}) == 3
        for night in hall:
            seats = await seats_of(api, night["id"])
            assert [seat["label"] for seat in seats] == [str(n) for n in range(1, 51)]
            assert [seat["id"] for seat in seats] == sorted({seat["id"] for seat in seats})
            assert {seat["price"] for seat in seats} <= set(range(70_000, 150_001))
        arena = await api.pages("/v1/events/2/performances")
        assert len(arena) == 2 and all(night["seats_total"] > 10_000 for night in arena)
        third = (await api.get("/v1/events/3")).expect(200)
        opened = moment((await api.get("/v1/events/1")).expect(200)["sales_open_at"])
        days = (moment(third["sales_open_at"]) - opened) / timedelta(days=1)
        assert 6.9 < days < 7.1


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/1", "/v1/events/2/performances",
                                  "/v1/performances/1", "/v1/performances/4/seats"])
async def test_polled_answers_have_etags(server, path):
    async with Api(server.url) as api:
        first = await api.get(path)
        etag = first.headers["ETag"]
        for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = await api.get(path, headers={"If-None-Match": given})
            assert (again.status, again.content) == (304, b""), given
            assert again.headers["ETag"] == etag
        other = await api.get(path, headers={"If-None-Match": '"other"'})
        assert other.expect(200) == first.body


async def test_pagination(server):
    async with Api(server.url) as api:
        first = (await api.get("/v1/events?limit=2")).expect(200)
        assert [event["id"] for event in first["items"]] == [1, 2]
        rest = (await api.get(f"/v1/events?limit=2&after={first['next']}")).expect(200)
        assert [event["id"] for event in rest["items"]] == [3] and rest["next"] is None
        assert (await api.get("/v1/events?after=3")).expect(200) == {"items": [], "next": None}
        buyer = Buyer(api, server.tokens.fan(40))
        for amount in range(1, 6):
            (await buyer.charge(amount)).expect(201)
        assert [each["amount"] for each in await api.pages("/v1/wallet/transfers", buyer.token, 2)
                ] == [1, 2, 3, 4, 5]


# ---- seat maps -----------------------------------------------------------------------

async def test_seat_map(server):
    async with Api(server.url) as api:
        answer = await api.get(f"/v1/performances/{ARENA_NIGHT}/seats")
        plain = answer.expect(200)
        check(plain, shapes.SEAT_MAP)
        assert plain["performance_id"] == ARENA_NIGHT
        assert "Content-Encoding" not in answer.headers and answer.headers["Vary"] == "Accept-Encoding"
        night = (await api.get(f"/v1/performances/{ARENA_NIGHT}")).expect(200)
        assert len(plain["seats"]) == night["seats_total"]
        tiers = {tier["name"]: tier["price"] for tier in night["price_tiers"]}
        assert all(tiers[seat["price_tier"]] == seat["price"] for seat in plain["seats"])
        ids = [seat["id"] for seat in plain["seats"]]
        assert ids == sorted(set(ids))
        assert len({seat["label"] for seat in plain["seats"]}) == len(ids)


async def test_gzipped_seat_map(server):
    async with Api(server.url) as api:
        path = f"/v1/performances/{ARENA_NIGHT}/seats"
        plain = await api.get(path)
        api._session._auto_decompress = False
        zipped = await api.get(path, headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(zipped.content)) == plain.body
        assert len(zipped.content) < len(plain.content) / 4
        assert zipped.headers["ETag"] != plain.headers["ETag"]
        refused = await api.get(path, headers={"Accept-Encoding": "gzip;q=0"})
        assert "Content-Encoding" not in refused.headers


async def test_seat_map_since(server):
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(50))
        before = (await api.get(f"/v1/performances/{ARENA_NIGHT}/seats")).expect(200)
        version, seat = before["version"], before["seats"][17]["id"]
        path = f"/v1/performances/{ARENA_NIGHT}/seats?since="
        assert (await api.get(f"{path}{version}")).expect(200)["seats"] == []
        (await buyer.enter()).expect(201)
        held = (await buyer.hold(2, ARENA_NIGHT, [seat])).expect(201)
        changes = (await api.get(f"{path}{version}")).expect(200)
        check(changes, shapes.SEAT_MAP)
        assert changes["version"] > version
        assert [(s["id"], s["status"]) for s in changes["seats"]] == [(seat, "held")]
        (await buyer.cancel(held["id"])).expect(200)
        back = (await api.get(f"{path}{changes['version']}")).expect(200)
        assert [(s["id"], s["status"]) for s in back["seats"]] == [(seat, "available")]
        (await api.get(path + "-1")).refused(422, "invalid-request")


# ---- waiting room, hold, wallet, payment, tickets ------------------------------------

async def test_waiting_room_of_an_idle_office(server):
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(60))
        entered = await buyer.enter()
        visitor = entered.expect(201)
        check(visitor, shapes.VISITOR | {
            "room_id": shapes.just(1), "state": shapes.just("active"), "position": shapes.just(0),
            "people_behind": shapes.just(0), "estimated_wait": shapes.none,
            "activated_at": shapes.moment, "expires_at": shapes.moment})
        assert entered.headers["Location"] == f"/v1/visitors/{visitor['token']}"
        lasts = moment(visitor["expires_at"]) - moment(visitor["activated_at"])
        assert lasts == timedelta(seconds=600)
        assert (await buyer.enter()).expect(200) == visitor
        looked = await api.get(f"/v1/visitors/{visitor['token']}")
        assert looked.expect(200) == visitor and "Retry-After" not in looked.headers
        same = await api.get(f"/v1/visitors/{visitor['token']}",
                             headers={"If-None-Match": looked.headers["ETag"]})
        assert same.status == 304

        stranger = Buyer(api, server.tokens.fan(61))
        (await stranger.leave(visitor["token"])).refused(403, "forbidden")
        left = (await buyer.leave(visitor["token"])).expect(200)
        check(left, shapes.VISITOR | {"state": shapes.just("left"), "position": shapes.none})
        assert (await buyer.leave(visitor["token"])).expect(200)["state"] == "left"
        assert (await api.get(f"/v1/visitors/{visitor['token']}")).expect(200)["state"] == "left"
        again = (await buyer.enter()).expect(201)
        assert again["number"] > visitor["number"] and again["token"] != visitor["token"]


async def test_from_the_seat_to_the_ticket(server):
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(70))
        seats = (await seats_of(api, HALL_NIGHT))[:2]
        ids = [seat["id"] for seat in seats]
        total = sum(seat["price"] for seat in seats)
        outside = (await buyer.hold(HALL, HALL_NIGHT, ids)).refused(403, "not-admitted")
        assert outside["room_id"] == 1 and outside["position"] is None

        visitor = (await buyer.enter()).expect(201)
        made = await buyer.hold(HALL, HALL_NIGHT, ids[::-1])
        held = made.expect(201)
        check(held, shapes.RESERVATION | {"state": shapes.just("held"), "paid_at": shapes.none,
                                          "total": shapes.just(total)})
        assert made.headers["Location"] == f"/v1/reservations/{held['id']}"
        assert [(line["seat_id"], line["label"], line["price"], line["ticket_id"])
                for line in held["lines"]] == [(s["id"], s["label"], s["price"], None) for s in seats]
        lasts = moment(held["expires_at"]) - moment(held["created_at"])
        assert lasts == timedelta(seconds=300)
        assert (await api.get(f"/v1/reservations/{held['id']}", buyer.token)).expect(200) == held
        mine = (await api.get("/v1/reservations", buyer.token)).expect(200)
        assert mine == {"items": [held], "next": None}

        poor = (await buyer.pay(held["id"])).refused(402, "insufficient-funds")
        assert (poor["balance"], poor["required"]) == (0, total)
        charged = (await buyer.charge(total + 5)).expect(201)
        check(charged, shapes.CHARGE)
        assert (charged["amount"], charged["balance"]) == (total + 5, total + 5)
        wrong = await api.post(f"/v1/reservations/{held['id']}/payment", {"amount": total - 1},
                               buyer.token)
        wrong.refused(422, "invalid-request")
        paid = (await api.post(f"/v1/reservations/{held['id']}/payment", {"amount": total},
                               buyer.token)).expect(201)
        check(paid, shapes.RESERVATION | {"state": shapes.just("paid"), "paid_at": shapes.moment})
        assert {**paid, "state": "held", "paid_at": None,
                "lines": [{**line, "ticket_id": None} for line in paid["lines"]]} == held
        (await buyer.pay(held["id"])).refused(409, "already-paid")
        without_body = await api.post(f"/v1/reservations/{held['id']}/payment", token=buyer.token)
        without_body.refused(409, "already-paid")
        (await buyer.cancel(held["id"])).refused(409, "already-paid")

        await check_what_is_left(api, buyer, paid, charged, visitor)


async def check_what_is_left(api, buyer, paid, charged, visitor):
    """After paying: money, tickets, seats and the visit."""
    wallet = (await api.get("/v1/wallet", buyer.token)).expect(200)
    check(wallet, shapes.WALLET | {"balance": shapes.just(5)})
    transfers = (await api.get("/v1/wallet/transfers", buyer.token)).expect(200)
    check(transfers, page_of(shapes.TRANSFER))
    top_up, *payments = transfers["items"]
    assert (top_up["cause"], top_up["amount"], top_up["id"]) == (
        "charge", charged["amount"], charged["transfer_id"])
    assert [(t["cause"], t["amount"], t["seat_id"], t["reservation_id"]) for t in payments] == [
        ("payment", -line["price"], line["seat_id"], paid["id"]) for line in paid["lines"]]
    assert payments[-1]["balance_after"] == 5

    tickets = (await api.get("/v1/tickets", buyer.token)).expect(200)
    check(tickets, page_of(shapes.TICKET | {"state": shapes.just("issued")}))
    assert [(t["id"], t["seat_id"], t["label"], t["price"], t["reservation_id"])
            for t in tickets["items"]] == [
        (line["ticket_id"], line["seat_id"], line["label"], line["price"], paid["id"])
        for line in paid["lines"]]
    one = tickets["items"][0]
    assert (await api.get(f"/v1/tickets/{one['id']}", buyer.token)).expect(200) == one
    seats = {seat["id"]: seat["status"] for seat in await seats_of(api, HALL_NIGHT)}
    assert all(seats[line["seat_id"]] == "sold" for line in paid["lines"])
    over = (await api.get(f"/v1/visitors/{visitor['token']}")).expect(200)
    check(over, shapes.VISITOR | {"state": shapes.just("completed"), "position": shapes.none})
    seat = paid["lines"][0]["seat_id"]
    (await buyer.hold(HALL, HALL_NIGHT, [seat])).refused(403, "not-admitted")


async def test_others_do_not_see_it(server):
    async with Api(server.url) as api:
        owner = Buyer(api, server.tokens.fan(80))
        seat = (await seats_of(api, 2))[0]["id"]
        paid = await owner.shop(HALL, 2, [seat])
        ticket = paid["lines"][0]["ticket_id"]
        stranger = Buyer(api, server.tokens.fan(81))
        for path in (f"/v1/reservations/{paid['id']}", f"/v1/tickets/{ticket}"):
            (await api.get(path, stranger.token)).refused(404, "not-found")
            (await api.get(path)).refused(401, "unauthorized")
            (await api.get(path, server.tokens.organiser())).expect(200)
        (await stranger.pay(paid["id"])).refused(404, "not-found")
        (await stranger.cancel(paid["id"])).refused(404, "not-found")
        (await api.get(f"/v1/tickets/{ticket}", server.tokens.staff())).expect(200)


async def test_refusals_of_a_hold(server):
    async with Api(server.url) as api:
        buyer, rival = Buyer(api, server.tokens.fan(90)), Buyer(api, server.tokens.fan(91))
        (await buyer.enter()).expect(201)
        (await rival.enter()).expect(201)
        seats = [seat["id"] for seat in await seats_of(api, 3)]
        (await rival.hold(HALL, 3, seats[:2])).expect(201)
        taken = (await buyer.hold(HALL, 3, seats[1:4])).refused(409, "seat-taken")
        assert taken["seat_ids"] == [seats[1]]
        limit = (await buyer.hold(HALL, 3, seats[10:15])).refused(409, "seat-limit")
        assert limit["seats_max"] == 4
        held = (await buyer.hold(HALL, 3, seats[10:14])).expect(201)
        (await buyer.hold(HALL, 3, seats[14:15])).refused(409, "seat-limit")
        canceled = (await buyer.cancel(held["id"])).expect(200)
        check(canceled, shapes.RESERVATION | {"state": shapes.just("canceled")})
        (await buyer.pay(held["id"])).refused(410, "reservation-expired")
        (await buyer.hold(HALL, 3, seats[14:15])).expect(201)
        other_night = (await seats_of(api, NOT_YET_NIGHT))[0]["id"]
        closed = (await buyer.hold(NOT_YET_ON_SALE, NOT_YET_NIGHT, [other_night])
                  ).refused(409, "sale-not-open")
        assert shapes.moment(closed["opens_at"])
        (await buyer.hold(99, 3, seats[:1])).refused(404, "not-found")
        (await buyer.hold(HALL, 3, [other_night])).refused(404, "not-found")
        (await buyer.hold(HALL, 3, [10**12])).refused(404, "not-found")
        (await buyer.hold(HALL, 3, [seats[20], seats[20]])).refused(422, "invalid-request")
