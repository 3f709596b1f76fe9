"""Six APIs, one box office: what happens through one of them is so in all the others."""

import asyncio
import random
import sqlite3

import pytest

from blackbox.client import Answer, Api, Buyer, seats_of
from blackbox.dialects import customers, dates, native
from blackbox.dialects.channels import (ALL, Availability, Channel, Customers, Dates, Native,
                                        Performances, Schedules, Spot, open_channels, spots_of)
from blackbox.dialects.schedules import BAD_SEAT
from blackbox.room_audit import check_room
from blackbox.server import Server

ROUNDS = 20
NIGHT = 1
TOO_LATE = {Native: 410, Performances: 400, Schedules: 409, Availability: 409, Customers: 404,
            Dates: 404}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    """Each test has users and seats of its own."""
    return module_park.start({"sales.seats_per_user_max": 50})


async def all_see(channels: list[Channel], spot: Spot, status: str) -> None:
    seen = await asyncio.gather(*(channel.see(spot) for channel in channels))
    for channel, words in zip(channels, seen):
        assert words == channel.WORDS[status], f"{type(channel).__name__} sees {words}, not {status}"


def check_taken(channel: Channel, answer: Answer) -> None:
    """What each API says of a seat that somebody else has."""
    assert answer.status == channel.TAKEN, str(answer)
    if isinstance(channel, Native):
        assert answer.slug == "seat-taken", str(answer)
    elif isinstance(channel, Schedules):
        assert answer.body == {"message": BAD_SEAT}, str(answer)
    elif isinstance(channel, Customers):
        assert answer.body["code"] == "ALREADY_TAKEN", str(answer)


async def test_six_want_the_same_seat(start_server):
    server = start_server({"sales.seats_per_user_max": 50})
    async with open_channels(server, lambda index: index + 1) as channels, Api(server.url) as plain:
        for channel in channels:
            assert (await channel.enter()).position == 0
        wins: dict[int, set[int]] = {channel.user: set() for channel in channels}
        refusals: dict[int, list[Answer]] = {channel.user: [] for channel in channels}
        spots = (await spots_of(plain, NIGHT))[:ROUNDS]
        for spot in spots:
            random.shuffle(channels)
            answers = await asyncio.gather(*(channel.hold(spot) for channel in channels))
            held = [c for c, answer in zip(channels, answers) if answer.status == c.HELD]
            assert len(held) == 1, [str(answer) for answer in answers]
            wins[held[0].user].add(spot.seat)
            for channel, answer in zip(channels, answers):
                if channel is not held[0]:
                    check_taken(channel, answer)
                    refusals[channel.user].append(answer)
        for channel in channels:
            if not isinstance(channel, Native):  # whose answers name the seat
                assert len({answer.content for answer in refusals[channel.user]}) <= 1

        seats = await seats_of(plain, NIGHT)
        assert [s["id"] for s in seats if s["status"] == "held"] == [spot.seat for spot in spots]
        for channel in channels:
            mine = await native.reservations(Buyer(plain, channel.access_token))
            assert {line["seat_id"] for each in mine for line in each["lines"]} == wins[channel.user]
            assert all(each["state"] == "held" and len(each["lines"]) == 1 for each in mine)
        assert set().union(*wins.values()) == {spot.seat for spot in spots}
    server.verify()


@pytest.mark.parametrize("holder", range(len(ALL)), ids=[kind.__name__ for kind in ALL])
async def test_a_seat_changes_for_all(server, holder):
    """Held through one API and paid through it: seen by all at once."""
    async with open_channels(server, lambda index: 10 * (holder + 1) + index) as channels:
        async with Api(server.url) as plain:
            spot = (await spots_of(plain, NIGHT))[holder]
        await asyncio.gather(*(channel.enter() for channel in channels))
        await all_see(channels, spot, "available")
        buyer = channels[holder]
        (await buyer.hold(spot)).expect(buyer.HELD)
        await all_see(channels, spot, "held")
        for channel in channels:
            check_taken(channel, await channel.hold(spot))
        (await buyer.charge(spot.price)).expect(200, 201)
        (await buyer.pay(spot)).expect(200, 201)
        await all_see(channels, spot, "sold")
        assert await buyer.balance() == 0
        for channel in channels:
            await channel.enter()
            check_taken(channel, await channel.hold(spot))


async def test_what_expires_is_free_for_all(start_server):
    server = start_server({"sales.hold_duration": "700ms"})
    async with open_channels(server, lambda index: index + 1) as channels, Api(server.url) as plain:
        spots = (await spots_of(plain, NIGHT))[:len(channels)]
        await asyncio.gather(*(channel.enter() for channel in channels))
        held = await asyncio.gather(*(c.hold(spot) for c, spot in zip(channels, spots)))
        for channel, answer in zip(channels, held):
            answer.expect(channel.HELD)
        for channel in channels:
            buyer = Buyer(plain, channel.access_token)
            await native.until_expired(buyer, (await native.newest(buyer))["id"])
        for spot in spots:
            await all_see(channels, spot, "available")
        for channel, spot in zip(channels, spots):
            (await channel.charge(spot.price)).expect(200, 201)
            assert (await channel.pay(spot)).status == TOO_LATE[type(channel)]
            assert await channel.balance() == spot.price
        for channel, spot in zip(channels, spots[1:] + spots[:1]):
            (await channel.hold(spot)).expect(channel.HELD)


async def test_a_blocked_seat_is_for_nobody(park):
    server = park.start()
    server.stop()
    with sqlite3.connect(server.file) as connection:
        connection.execute("update seats set status = 'blocked' where id = 7")
    connection.close()
    server.start()
    async with open_channels(server, lambda index: index + 1) as channels, Api(server.url) as plain:
        spot = (await spots_of(plain, NIGHT))[6]
        await asyncio.gather(*(channel.enter() for channel in channels))
        await all_see(channels, spot, "blocked")
        for channel in channels:
            check_taken(channel, await channel.hold(spot))


@pytest.mark.parametrize("active_max", [1, 100])
async def test_a_person_is_one_visitor(start_server, active_max):
    """Whoever has entered through one API has the same place in all."""
    server = start_server({"waiting_room.active_sessions_max": active_max})
    async with Api(server.url) as plain:
        (await Buyer(plain, server.tokens.fan(1)).enter()).expect(201)
    for number, first in enumerate(range(len(ALL)), 2):
        async with open_channels(server, lambda _: number) as channels:
            place = await channels[first].enter()
            assert place.position == (number - 1 if active_max == 1 else 0)
            assert [await channel.enter() for channel in channels] == [place] * len(ALL)
            await check_other_looks(server, number, place.token, place.position)


async def check_other_looks(server: Server, number: int, token: str, position: int) -> None:
    """The routes that look and do not enter."""
    async with customers.client(server.url) as api:
        seen = (await customers.Customer(api, number).check()).expect(200)
        assert (seen["token"], seen["watingNumber"]) == (token, position)
    async with dates.client(server.url) as api:
        seen = (await dates.User(api, number).status()).expect(200)
        assert (seen["token"], seen["waitingId"]) == (token, position or number)
    async with Api(server.url) as plain:
        seen = await native.visitor(plain, token)
        assert (seen["position"], seen["number"]) == (position, number)


async def test_one_line_for_all(start_server):
    """One may be in: whoever pays, by whichever API, lets in who is first in the one line."""
    server = start_server({"waiting_room.active_sessions_max": 1})
    async with open_channels(server, lambda index: index + 1) as channels, Api(server.url) as plain:
        spots = await spots_of(plain, NIGHT)
        random.shuffle(channels)
        assert [(await channel.enter()).position for channel in channels] == [0, 1, 2, 3, 4, 5]
        for turn, (channel, spot) in enumerate(zip(channels, spots)):
            later = channels[turn:]
            assert [(await each.enter()).position for each in later] == list(range(len(later)))
            (await channel.hold(spot)).expect(channel.HELD)
            (await channel.charge(spot.price)).expect(200, 201)
            (await channel.pay(spot)).expect(200, 201)
    check_room(server.file, 1)


@pytest.mark.parametrize("index", range(len(ALL)), ids=[kind.__name__ for kind in ALL])
async def test_paid_ten_times_at_once_is_paid_once(server, index):
    async with open_channels(server, lambda _: 140 + index) as channels, Api(server.url) as plain:
        buyer, spot = channels[index], (await spots_of(plain, 2))[10 + index]
        await buyer.enter()
        (await buyer.charge(3 * spot.price)).expect(200, 201)
        (await buyer.hold(spot)).expect(buyer.HELD)
        answers = await asyncio.gather(*(buyer.pay(spot) for _ in range(10)))
        paid = [answer for answer in answers if answer.status in (200, 201)]
        assert len(paid) == 1
        late = 409 if index == 0 else TOO_LATE[ALL[index]]  # the native API tells paid from expired
        assert {answer.status for answer in answers if answer not in paid} == {late}
        assert await buyer.balance() == 2 * spot.price


async def test_a_payment_ends_the_visit_for_all(server):
    async with open_channels(server, lambda _: 100) as channels, Api(server.url) as plain:
        spots = await spots_of(plain, 3)
        for buyer, spot in zip(channels, spots):
            token = (await buyer.enter()).token
            (await buyer.hold(spot)).expect(buyer.HELD)
            (await buyer.charge(spot.price)).expect(200, 201)
            (await buyer.pay(spot)).expect(200, 201)
            assert (await native.visitor(plain, token))["state"] == "completed"
            for channel in channels:
                assert (await channel.enter()).token != token


async def test_one_purse(server):
    async with open_channels(server, lambda _: 110) as channels:
        for channel in channels:
            await channel.enter()
        for times, channel in enumerate(channels, 1):
            (await channel.charge(1000)).expect(200, 201)
            assert [await each.balance() for each in channels] == [1000 * times] * len(channels)


async def test_one_buys_what_another_held(server):
    """The same person may change the API at any step."""
    async with open_channels(server, lambda _: 120) as channels, Api(server.url) as plain:
        fan, user = channels[1].fan, channels[2].person
        customer = channels[4].person
        spots = (await spots_of(plain, 2))[:3]
        for channel in channels:
            await channel.enter()
        (await channels[5].hold(spots[0])).expect(200)
        (await user.charge(spots[0].price)).expect(200)
        (await fan.pay(spots[0].seat)).expect(200)
        await channels[2].enter()
        (await channels[0].hold(spots[1])).expect(201)
        (await customer.charge(spots[1].price)).expect(200)
        (await user.pay(2, spots[1].seat)).expect(200)
        await channels[1].enter()
        (await channels[1].hold(spots[2])).expect(200)
        (await customer.charge(spots[2].price)).expect(200)
        (await customer.pay(spots[2].price)).expect(200)
        assert await native.status_of(plain, 2, *(spot.seat for spot in spots)) == {"sold"}


async def test_the_name_on_the_ticket(server):
    """Given as reserverName, or to the native API; shown by both."""
    name = "김하늘"
    async with customers.client(server.url) as api, Api(server.url) as plain:
        customer, buyer = customers.Customer(api, 130), Buyer(plain, server.tokens.fan(130))
        mine, unnamed, other = (await seats_of(plain, 3))[-3:]
        (await customer.enter()).expect(200)
        held = (await customer.reserve(1, [(3, mine["id"])], name)).expect(200)
        assert [ticket["reserverName"] for ticket in held["tickets"]] == [name]
        assert (await native.newest(buyer))["attendee_name"] == name
        wish = {"event_id": 1, "seats": [{"performance_id": 3, "seat_id": other["id"]}],
                "attendee_name": f"{name} 2"}
        assert (await plain.post("/v1/reservations", wish, buyer.token)).expect(201)[
            "attendee_name"] == f"{name} 2"
        reserved = (await buyer.hold(1, 3, [unnamed["id"]])).expect(201)
        assert reserved["attendee_name"] is None
        total = sum(seat["price"] for seat in (mine, unnamed, other))
        (await customer.charge(total)).expect(200)
        paid = (await customer.pay(total)).expect(200)
        own = (await plain.get("/v1/me", buyer.token)).expect(200)["name"]
        wanted = {mine["id"]: name, other["id"]: f"{name} 2"}
        assert {ticket["seatId"]: ticket["reserverName"] for ticket in paid["tickets"]} == (
            wanted | {unnamed["id"]: own})
        tickets = await plain.pages("/v1/tickets", buyer.token)
        assert {ticket["seat_id"]: ticket["attendee_name"] for ticket in tickets} == (
            wanted | {unnamed["id"]: None})
