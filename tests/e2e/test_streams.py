"""Streams of events: the newest place in line and the newest seats, live, and nothing missed."""

import asyncio
import random
import re

import pytest

from blackbox.client import Api, Buyer, seats_of
from blackbox.nonsense import wrong_requests
from blackbox.openapi import Document
from blackbox.server import Server
from blackbox.shapes import VISITOR, an_id, check, one_of, whole
from blackbox.streams import Listener, Stream

ONE_AT_A_TIME = {"waiting_room.active_sessions_max": 1}
NOBODY = "00000000-0000-4000-8000-000000000000"
CHANGES = {"performance_id": an_id, "version": whole,
           "seats": [{"id": an_id, "status": one_of("available", "held", "sold", "blocked")}]}


async def enter(api: Api, server: Server, fans: range) -> list[tuple[Buyer, str]]:
    """One after the other: who they are, and the tokens of their visits."""
    entered = []
    for fan in fans:
        buyer = Buyer(api, server.tokens.fan(fan))
        entered.append((buyer, (await buyer.enter()).expect(201)["token"]))
    return entered


def lasting(visitor: dict) -> dict:
    """Without what changes by itself as time goes by."""
    return {name: value for name, value in visitor.items()
            if name != "admissions_per_minute" and not name.startswith("estimated_wait")}


async def gauge(api: Api, name: str) -> int:
    text = (await api.get("/metrics")).content.decode()
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


# ---- visitors --------------------------------------------------------------------------

async def test_the_line_moves_live(start_server):
    server = start_server(ONE_AT_A_TIME)
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 6))
        streams = [await listener.visitor(token) for _, token in line]
        first = [(await stream.expect()) for stream in streams]
        assert all(stream.retry for stream in streams)
        for event, (_, token) in zip(first, line):
            check(event.data, VISITOR)
            assert event.name == "visitor" and event.id
            polled = (await api.get(f"/v1/visitors/{token}")).expect(200)
            assert lasting(event.data) == lasting(polled)
        assert [event.data["position"] for event in first] == [0, 1, 2, 3, 4]
        for turn, (buyer, token) in enumerate(line):
            (await buyer.leave(token)).expect(200)
            assert (await streams[turn].ends())[-1].data["state"] == "left"
            for rank, stream in enumerate(streams[turn + 1:]):
                event = await stream.until(lambda data, rank=rank: data["position"] == rank)
                assert event.data["state"] == ("waiting" if rank else "active")


async def test_who_hears_of_the_admission_has_shown_up(start_server):
    server = start_server({"waiting_room.active_sessions_max": 2,
                           "waiting_room.claim_timeout": "1500ms"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 6))
        (listens, listening), (_, absent), (_, last) = line[2:]
        heard, behind = await listener.visitor(listening), await listener.visitor(last)
        for buyer, token in line[:2]:
            (await buyer.leave(token)).expect(200)
        await heard.until(lambda data: data["state"] == "active")
        # Of the two admitted one does not show up; by then the other would have lost the slot too.
        await behind.until(lambda data: data["state"] == "active")
        assert (await api.get(f"/v1/visitors/{absent}")).expect(200)["state"] == "expired"
        (await listens.hold(1, 1, [(await seats_of(api, 1))[0]["id"]])).expect(201)


async def test_who_listens_keeps_the_place(start_server):
    server = start_server(ONE_AT_A_TIME | {"waiting_room.idle_timeout": "1s"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 5))
        stream = await listener.visitor(line[3][1])
        assert (await stream.expect()).data["position"] == 3
        # Those between are offline, and lose theirs one after the other.
        await stream.until(lambda data: data["position"] == 1)
        for _, token in line[1:3]:
            assert (await api.get(f"/v1/visitors/{token}")).expect(200)["state"] == "expired"


async def test_the_last_event_says_how_it_ended(start_server):
    server = start_server({"waiting_room.session_duration": "2s"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        (leaver, left), (payer, paid), (_, late) = await enter(api, server, range(1, 4))
        streams = {token: await listener.visitor(token) for token in (left, paid, late)}
        (await leaver.leave(left)).expect(200)
        held = (await payer.hold(1, 1, [(await seats_of(api, 1))[0]["id"]])).expect(201)
        (await payer.charge(held["total"])).expect(201)
        (await payer.pay(held["id"])).expect(201)
        for token, state in ((left, "left"), (paid, "completed"), (late, "expired")):
            last = (await streams[token].ends())[-1]
            assert (last.data["state"], last.data["position"]) == (state, None)
            assert last.data == (await api.get(f"/v1/visitors/{token}")).expect(200)
            # Who comes late hears it too, and who has heard it need not come back.
            again = await (await listener.visitor(token)).ends()
            assert again == [last]
            known = await listener.ask(f"/v1/visitors/{token}/stream", last.id)
            assert (known.status, await known.read()) == (204, b"")


async def test_coming_back_repeats_nothing_and_misses_nothing(start_server):
    server = start_server(ONE_AT_A_TIME)
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 7))
        (leaver, leaving), (_, token) = line[2], line[5]
        stream = await listener.visitor(token)
        first = await stream.expect()
        assert first.data["position"] == 5
        stream.close()
        stream = await listener.visitor(token, first.id)
        (await leaver.leave(leaving)).expect(200)
        while (event := await stream.expect()).data["position"] != 4:
            assert event.id != first.id and event.data != first.data
        stream.close()
        (leaver, leaving) = line[3]
        (await leaver.leave(leaving)).expect(200)
        stream = await listener.visitor(token, stream.last_id)
        assert (await stream.expect()).data["position"] == 3
        for unknown in ("0", "x", "9" * 400):
            strange = await listener.visitor(token, unknown)
            assert (await strange.expect()).data["position"] == 3


async def test_thousands_hear_the_newest(start_server):
    """Two listeners for each of a thousand fans."""
    server = start_server(ONE_AT_A_TIME)
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 1001))
        tokens = [token for _, token in line for _ in range(2)]
        streams = await asyncio.gather(*(listener.visitor(token) for token in tokens))
        await asyncio.gather(*(stream.expect() for stream in streams))
        assert await gauge(api, "onsale_http_streams_open") == len(streams)
        # Those in front, and some of those who wait behind them.
        for buyer, token in line[:5] + line[100:200:10]:
            (await buyer.leave(token)).expect(200)
        gone = {*range(5), *range(100, 200, 10)}
        ranks = {fan: rank for rank, fan in enumerate(n for n in range(1000) if n not in gone)}

        async def hear(number: int, stream: Stream) -> None:
            if number // 2 in gone:
                assert (await stream.ends())[-1].data["state"] == "left"
            else:
                await stream.until(lambda data: data["position"] == ranks[number // 2])
        await asyncio.gather(*(hear(number, stream) for number, stream in enumerate(streams)))


async def test_a_thousand_sessions_end_at_once(start_server):
    server = start_server({"waiting_room.session_duration": "8s"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 1001))
        streams = await asyncio.gather(*(listener.visitor(token) for _, token in line))
        ends = await asyncio.gather(*(stream.ends() for stream in streams))
        assert {events[-1].data["state"] for events in ends} == {"expired"}


# ---- seats -----------------------------------------------------------------------------

async def test_seats_move_live(start_server):
    server = start_server({"sales.hold_duration": "3s"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        stream = await listener.seats(1)
        first = await stream.expect()
        seats = [seat["id"] for seat in await seats_of(api, 1)][:2]
        assert (first.data["performance_id"], first.data["seats"]) == (1, [])
        assert first.name == "seats" and int(first.id) == first.data["version"]
        ((buyer, _), _) = await enter(api, server, range(1, 3))

        async def heard(*wanted: tuple[int, str]) -> None:
            event = await stream.expect()
            check(event.data, CHANGES)
            assert int(event.id) == event.data["version"]
            assert [(seat["id"], seat["status"]) for seat in event.data["seats"]] == [*wanted]

        paid = (await buyer.hold(1, 1, seats[:1])).expect(201)
        await heard((seats[0], "held"))
        (await buyer.charge(paid["total"])).expect(201)
        (await buyer.pay(paid["id"])).expect(201)
        await heard((seats[0], "sold"))
        ((other, _), _) = await enter(api, server, range(3, 5))
        (await other.hold(1, 1, seats[1:])).expect(201)
        await heard((seats[1], "held"))
        await heard((seats[1], "available"))  # by itself


class LiveMap:
    """What a page shows: the map it was given once, kept up by what it hears."""

    def __init__(self, api: Api, listener: Listener, performance: int) -> None:
        self.api = api
        self.listener = listener
        self.performance = performance
        self.status: dict[int, str] = {}
        self.version = 0
        self.came_back = 0

    async def follow(self) -> None:
        """Until it is cancelled; loses the connection again and again."""
        path = f"/v1/performances/{self.performance}/seats"
        document = (await self.api.get(path)).expect(200)
        self.status = {seat["id"]: seat["status"] for seat in document["seats"]}
        stream = await self.listener.seats(self.performance, since=document["version"])
        while True:
            for _ in range(random.randint(1, 3)):
                data = (await stream.expect()).data
                assert data["version"] > self.version
                self.version = data["version"]
                self.status |= {seat["id"]: seat["status"] for seat in data["seats"]}
            stream.close()
            self.came_back += 1
            stream = await self.listener.seats(self.performance, stream.last_id, since=0)


async def test_a_map_that_listens_is_right(start_server):
    server = start_server({"sales.seats_per_user_max": 8})
    async with Api(server.url) as api, Listener(server.url) as listener:
        maps = [LiveMap(api, listener, 1) for _ in range(10)]
        following = [asyncio.create_task(each.follow()) for each in maps]
        seats = [seat["id"] for seat in await seats_of(api, 1)]

        async def shop(buyer: Buyer) -> None:
            """Holds what can be had, and gives most of it back."""
            for _ in range(30):
                held = await buyer.hold(1, 1, random.sample(seats, 2))
                await asyncio.sleep(random.random() / 10)
                if held.status == 201 and random.random() < 0.9:
                    (await buyer.cancel(held.body["id"])).expect(200)
        await asyncio.gather(*(shop(buyer) for buyer, _ in await enter(api, server, range(1, 11))))
        final = (await api.get("/v1/performances/1/seats")).expect(200)
        wanted = {seat["id"]: seat["status"] for seat in final["seats"]}
        while any(each.version < final["version"] for each in maps):
            assert not any(task.done() for task in following), [task.result() for task in following]
            await asyncio.sleep(0.01)
        assert all(each.status == wanted for each in maps)
        assert sum(each.came_back for each in maps) > 10
        for task in following:
            task.cancel()


async def test_since_when(start_server):
    server = start_server()
    async with Api(server.url) as api, Listener(server.url) as listener:
        ((buyer, _), _) = await enter(api, server, range(1, 3))
        seats = [seat["id"] for seat in await seats_of(api, 1)]
        begin = (await (await listener.seats(1)).expect()).data["version"]
        for seat in seats[:3]:
            held = (await buyer.hold(1, 1, [seat])).expect(201)
        stream = await listener.seats(1, since=begin)
        caught_up = await stream.expect()
        assert caught_up.data["seats"] == [{"id": seat, "status": "held"} for seat in seats[:3]]
        # From where it knows everything, it hears only what is new.
        known = await listener.seats(1, caught_up.id)
        (await buyer.cancel(held["id"])).expect(200)
        assert (await known.expect()).data["seats"] == [{"id": seats[2], "status": "available"}]
        # A version that was never, or is too long ago: all seats.
        for strange in ("x", "-1", "999999999", "9" * 400):
            everything = await (await listener.seats(1, strange)).expect()
            check(everything.data, CHANGES)
            assert [seat["id"] for seat in everything.data["seats"]] == seats
        arena = (await (await listener.seats(4, "x")).expect()).data["seats"]
        assert [seat["id"] for seat in arena] == [seat["id"] for seat in await seats_of(api, 4)]
        server.restart()
        everything = await (await listener.seats(1, str(begin))).expect()
        assert [seat["id"] for seat in everything.data["seats"]] == seats


# ---- what both have in common ----------------------------------------------------------

async def test_silence_is_no_end(start_server):
    """Heartbeats, on connections that nothing else keeps open."""
    server = start_server({"server.idle_timeout": "500ms", "server.header_timeout": "500ms",
                           "server.write_timeout": "2s"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        ((buyer, token), _) = await enter(api, server, range(1, 3))
        seat, visitor = await listener.seats(1), await listener.visitor(token)
        await seat.expect()
        await seat.wait_for_comment()
        (await buyer.leave(token)).expect(200)
        assert (await visitor.ends())[-1].data["state"] == "left"


async def test_going_down_ends_streams_at_once(start_server):
    server = start_server(ONE_AT_A_TIME | {"server.drain_timeout": "1h"})
    async with Api(server.url) as api, Listener(server.url) as listener:
        line = await enter(api, server, range(1, 101))
        streams = [await listener.visitor(token) for _, token in line]
        streams += [await listener.seats(1) for _ in range(100)]
        for stream in streams:
            await stream.expect()
        await asyncio.to_thread(server.stop)  # which wants an exit code of 0
        for stream in streams:
            assert await stream.ends() == []
        await asyncio.to_thread(server.start)
        (first, token), (_, second), *_ = line
        (await first.leave(token)).expect(200)
        back = await listener.visitor(second, streams[1].last_id)
        assert (await back.expect()).data["position"] == 0


async def test_who_hangs_up_is_forgotten(start_server):
    server = start_server()
    async with Api(server.url) as api, Listener(server.url) as listener:
        streams = [await listener.seats(1) for _ in range(20)]
        assert await gauge(api, "onsale_http_streams_open") == 20
        for stream in streams[:15]:
            stream.close()
        while await gauge(api, "onsale_http_streams_open") != 5:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", [f"/v1/visitors/{NOBODY}/stream", "/v1/visitors/nobody/stream",
                                  "/v1/performances/999/seats/stream",
                                  "/v1/performances/x/seats/stream"])
async def test_there_is_nothing_to_hear(start_server, path):
    server = start_server()
    async with Api(server.url) as api:
        (await api.get(path)).refused(404, "not-found")
        (await api.post(path)).refused(*(
            (404, "not-found") if "/x/" in path else (405, "method-not-allowed")))


async def test_nonsense_is_refused_before_a_stream_begins(start_server):
    server = start_server()
    async with Api(server.url) as api, Listener(server.url) as listener:
        document = await Document.of(api)
        for operation in filter(lambda each: each.is_stream, document.native):
            statuses = set()
            for wrong in wrong_requests(document, operation):
                reply = await listener.ask(wrong.path, method=wrong.method, data=wrong.body,
                                           headers=wrong.headers)
                statuses.add(reply.status)
                wanted = "text/event-stream" if reply.status == 200 else "application/problem+json"
                assert reply.headers["Content-Type"] == wanted, wrong
                reply.close()
            assert statuses <= {200, 400, 404, 405, 422} and 404 in statuses, str(operation)
        while await gauge(api, "onsale_http_streams_open"):
            await asyncio.sleep(0.01)


async def test_what_the_document_says(start_server):
    server = start_server()
    async with Api(server.url) as api, Listener(server.url) as listener:
        document = await Document.of(api)
        told = {each.path: each.spec for each in document.operations if each.path.endswith("/stream")}
        assert set(told) >= {"/v1/visitors/{token}/stream", "/v1/performances/{id}/seats/stream"}
        for spec in told.values():
            assert [*spec["responses"]["200"]["content"]] == ["text/event-stream"]
            assert "Last-Event-ID" in [each["name"] for each in spec["parameters"]]
        head = await listener.ask("/v1/performances/1/seats/stream", method="HEAD")
        assert (head.status, head.headers["Content-Type"]) == (200, "text/event-stream")
        assert await head.read() == b""
        wrong = await api.get("/v1/performances/1/seats/stream?since=-1")
        assert wrong.refused(422, "invalid-request")["errors"][0]["field"] == "since"
