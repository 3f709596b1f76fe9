"""What is over has left the server's memory, and nobody can tell: it is answered as ever."""

import asyncio

from blackbox.client import Api, Buyer, Json, seats_of
from blackbox.dialects import availability, customers, dates, native, performances, schedules
from blackbox.dialects.stage import PRICE, Night, add_night, add_performance
from blackbox.streams import Listener

STARTS, DAY = "2021-01-01T10:00:00.000Z", "2021-01-01"
HALL = 1


async def active(server, client, user: int) -> Buyer:
    buyer = Buyer(client, server.tokens.fan(user))
    (await buyer.enter()).expect(200, 201)
    return buyer


async def natively(api: Api, night: Night) -> list[Json]:
    """All that the native API shows of a performance."""
    nights = await api.pages(f"/v1/events/{night.event['id']}/performances", limit=2)
    return [(await api.get(f"/v1/performances/{night.id}")).expect(200),
            next(one for one in nights if one["id"] == night.id),
            (await api.get(f"/v1/performances/{night.id}/seats")).expect(200)["seats"],
            (await api.get(f"/v1/events/{night.event['id']}")).expect(200)]


async def test_the_native_api_shows_it_also_after_a_restart(start_server):
    server = start_server()
    async with Api(server.url) as api:
        past = await add_night(api, server.tokens.organiser(), seats=7, starts=STARTS)
        shown = await natively(api, past)
        assert shown[0] == shown[1] == past.performance
        assert (shown[0]["seats_available"], shown[0]["price_from"]) == (7, PRICE)
        assert [seat["status"] for seat in shown[2]] == ["available"] * 7
        left = (await api.get("/v1/waiting-rooms/1")).expect(200)["seats_left"]
        server.kill()
        await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        assert (await api.get("/v1/waiting-rooms/1")).expect(200)["seats_left"] == left
        assert await natively(api, past) == shown
        answer = await api.get(f"/v1/performances/{past.id}/seats")
        again = await api.get(f"/v1/performances/{past.id}/seats",
                              headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        since = answer.expect(200)["version"]
        changed = await api.get(f"/v1/performances/{past.id}/seats?since={since}")
        assert changed.expect(200)["seats"] == []
        (await api.get("/v1/performances/99999999/seats")).refused(404, "not-found")


async def test_a_stream_of_it_begins_like_any_other(start_server):
    server = start_server()
    async with Api(server.url) as api:
        past = await add_night(api, server.tokens.organiser(), seats=3, starts=STARTS)
    await asyncio.to_thread(server.restart)
    async with Api(server.url) as api, Listener(server.url) as listener:
        stream = await listener.seats(past.id)
        assert (await stream.expect()).data["seats"] == []
        whole = await listener.seats(past.id, since=0)
        assert [seat["id"] for seat in (await whole.expect()).data["seats"]] == \
            [seat["id"] for seat in past.seats]
        (await api.get("/v1/performances/99999999/seats/stream")).refused(404, "not-found")


async def test_every_dialect_answers_as_ever(start_server):
    server = start_server()
    async with Api(server.url) as api:
        organiser = server.tokens.organiser()
        hall = (await api.get(f"/v1/events/{HALL}")).expect(200)
        past = await add_performance(api, organiser, hall, seats=2, starts=STARTS,
                                     sales_open_at="2020-01-01T00:00:00.000Z")
    for _ in range(2):
        async with Api(server.url) as api:
            await performances_of(server, api, past)
            await schedules_of(server, api, past)
            await the_others_of(server, past)
        await asyncio.to_thread(server.restart)


async def performances_of(server, api: Api, past: Night) -> None:
    async with performances.client(server.url) as client:
        fan = performances.Fan(client, token=server.tokens.fan(20))
        listed = (await fan.performances()).expect(200)["data"]
        mine = {date["id"]: date["reserveable_seats_count"]
                for show in listed for date in show["performance_staging_date"]}
        every = [night["id"] for event in await api.pages("/v1/events")
                 for night in await native.performances(api, event["id"])]
        assert sorted(mine) == sorted(every), "it lists everything"
        assert mine[past.id] == 0
        seats = (await fan.seats(past.id)).expect(200)["data"]
        assert [seat["id"] for seat in seats] == [seat["id"] for seat in past.seats]
        (await fan.seats(99_999_999)).expect(400)
        closed = (await fan.take(past.first)).expect(400)["message"]
        unknown = (await fan.take(99_999_999)).expect(400)["message"]
        assert closed != unknown


async def schedules_of(server, api: Api, past: Night) -> None:
    async with schedules.client(server.url) as client:
        user = schedules.User(client, 21)
        await user.wait_until_working()
        listed = [one["id"] for one in (await user.schedules()).expect(200)]
        assert past.id not in listed and listed
        seats = (await user.seats(past.id)).expect(200)
        assert [(seat["id"], seat["status"]) for seat in seats] == \
            [(seat["id"], "able") for seat in past.seats]
        (await user.seats(99_999_999)).expect(404)
        (await user.reserve(past.id, past.first)).expect(409)


async def the_others_of(server, past: Night) -> None:
    async with customers.client(server.url) as client:
        customer = customers.Customer(client, 22)
        listed = (await customer.options(HALL)).expect(200)["performances"]
        assert past.id not in [one["optionId"] for one in listed]
        assert (await client.get(f"/concerts/{HALL}/options/{past.id}")).expect(200)["seats"] == []
    async with availability.client(server.url) as client:
        user = availability.User(client, 23)
        (await user.enter()).expect(200)
        assert (await user.availability(HALL, DAY)).expect(200) == {"dates": []}
        (await user.reserve(HALL, DAY, "1")).expect(409)
        (await user.reserve(HALL, DAY, "3")).expect(404)
    async with dates.client(server.url) as client:
        user = dates.User(client, 24)
        (await user.issue()).expect(200)
        assert DAY not in (await user.dates()).expect(200)
        assert (await user.seats(DAY)).expect(200) == []
        (await user.seats("2021-01-02")).expect(404)
        (await user.reserve(past.first)).expect(409)
        (await user.reserve(99_999_999)).expect(404)
