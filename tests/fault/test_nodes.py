"""Two nodes on one PostgreSQL database: whichever is asked, there is one line, one owner of a seat
and one answer to a key; and when one of them dies the other goes on."""

import asyncio
import random
import signal
from itertools import cycle

from blackbox.binary import run
from blackbox.client import Api, Buyer, SteadyApi, seats_of, sign_in_all
from blackbox.ledger import charge_until

EVENT, NIGHT = 1, 1
SEATS = 50
CLIENTS = 64


def start_two(park, postgres, sets=None):
    url = postgres.new_database()
    return [park.start(sets, database_url=url) for _ in range(2)]


async def until(condition, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.005)


async def test_64_clients_of_two_nodes_race_for_50_seats(park, postgres):
    one, two = start_two(park, postgres)
    async with Api(one.url) as here, Api(two.url) as there:
        tokens = await sign_in_all(here, CLIENTS)
        nodes = cycle([here, there])
        won = await asyncio.gather(*(take_any(Buyer(next(nodes), token), seed)
                                     for seed, token in enumerate(tokens)))
        winners = [seat for seat in won if seat]
        assert sorted(winners) == list(range(1, SEATS + 1))
        for api in (here, there):
            await until(lambda: nothing_left(api))  # noqa: B023


async def take_any(buyer: Buyer, seed: int) -> int | None:
    """Tries seat after seat, in an order of its own, until one is its own or none is left."""
    (await buyer.enter()).expect(201)
    for seat in random.Random(seed).sample(range(1, SEATS + 1), SEATS):
        if (await buyer.hold(EVENT, NIGHT, [seat])).status == 201:
            return seat
    return None


async def nothing_left(api: Api) -> bool:
    return all(seat["status"] == "held" for seat in await seats_of(api, NIGHT))


async def test_one_line_with_exact_places_on_both(park, postgres):
    one, two = start_two(park, postgres, {"waiting_room.active_sessions_max": 1})
    async with Api(one.url) as here, Api(two.url) as there:
        buyers = [Buyer(api, token) for api, token in
                  zip(cycle([here, there]), await sign_in_all(here, 12), strict=False)]
        visits = [(await buyer.enter()).expect(201) for buyer in buyers]
        assert [visit["number"] for visit in visits] == list(range(1, 13))

        async def places(api: Api) -> list[int]:
            seen = await asyncio.gather(*(api.get(f"/v1/visitors/{v['token']}") for v in visits))
            return [answer.body.get("position") for answer in seen]

        for api in (here, there):
            await until(lambda: is_equal(places(api), list(range(12))))  # noqa: B023
        for at, buyer in enumerate(buyers):
            (await buyer.leave(visits[at]["token"])).expect(200, 204)
            if at + 1 < len(buyers):
                # The one that entered on the other node is told there.
                other = buyers[at + 1]
                assert (await other.wait_until_active(visits[at + 1]["token"]))["state"] == "active"


async def is_equal(seen, wanted) -> bool:
    return await seen == wanted


async def test_kill_9_of_a_node_under_load(park, postgres):
    one, two = start_two(park, postgres)
    async with SteadyApi(one.url, two.url) as first, SteadyApi(two.url, one.url) as second:
        tokens = await sign_in_all(first, 16)
        done = asyncio.Event()
        charging = [charge_until(done, Buyer(api, token), f"fan-{n}")
                    for n, (api, token) in enumerate(zip(cycle([first, second]), tokens,
                                                         strict=False))]
        *charged, _ = await asyncio.gather(*charging, kill_in_turn([one, two], second, done))
        for token, amount in zip(tokens, charged, strict=True):
            assert await Buyer(second, token).balance() == amount
    two.verify()


async def kill_in_turn(nodes, api: Api, done: asyncio.Event) -> None:
    """The first one leads; when it is back the other one does, and is killed as well."""
    for node in nodes:
        await some_more(api)
        node.kill()
        await some_more(api)
        await asyncio.to_thread(node.start)
    await some_more(api)
    done.set()


async def some_more(api: Api) -> None:
    """Until a few hundred more batches were written, by whomever."""
    for _ in range(100):
        (await api.get("/readyz")).expect(200)


async def test_what_is_due_is_done_when_the_leading_node_is_gone(park, postgres):
    """Holds run out and the next one is admitted, though whoever looked after that has died."""
    one, two = start_two(park, postgres, {"sales.hold_duration": "2s",
                                          "waiting_room.active_sessions_max": 1,
                                          "waiting_room.session_duration": "3s"})
    async with Api(two.url) as api:
        first, second = [Buyer(api, token) for token in await sign_in_all(api, 2)]
        (await first.enter()).expect(201)
        waiting = (await second.enter()).expect(201)
        (await first.hold(EVENT, NIGHT, [1])).expect(201)
        one.kill()
        assert (await second.wait_until_active(waiting["token"]))["state"] == "active"
        (await second.hold(EVENT, NIGHT, [1])).expect(201)


async def test_what_is_due_is_done_when_the_leading_node_hangs(park, postgres):
    """Its connections stay open and nothing comes over them: it must not go on leading."""
    one, two = start_two(park, postgres, {"sales.hold_duration": "2s"})
    async with Api(two.url) as api:
        first, second = [Buyer(api, token) for token in await sign_in_all(api, 2)]
        for buyer in (first, second):
            (await buyer.enter()).expect(201)
        held = (await first.hold(EVENT, NIGHT, [1])).expect(201)
        one.process.send_signal(signal.SIGSTOP)
        try:
            # Not by taking it, which would end what has run out: by looking only.
            await until(lambda: is_free(api, 1))
            (await second.hold(EVENT, NIGHT, [1])).expect(201)
        finally:
            one.process.send_signal(signal.SIGCONT)
        assert (await api.get(f"/v1/reservations/{held['id']}", first.token)).body["state"] == "expired"
    async with Api(one.url, unavailable_ok=True) as api:
        await until(lambda: is_ready(api))


async def is_free(api: Api, seat: int) -> bool:
    return (await seats_of(api, NIGHT))[seat - 1]["status"] == "available"


async def is_ready(api: Api) -> bool:
    return (await api.get("/readyz")).status == 200


async def test_an_older_node_sells_on_while_a_newer_release_changes_the_database(park, postgres):
    """As each node is upgraded in turn: what a release changes only adds to what there is."""
    url = postgres.new_database()
    node = park.start(database_url=url)
    async with Api(node.url) as api:
        tokens = await sign_in_all(api, 4)
        buyers = [Buyer(api, token) for token in tokens]
        for buyer in buyers:
            (await buyer.enter()).expect(201)
        done = asyncio.Event()
        charging = [asyncio.create_task(charge_until(done, buyer, f"fan-{n}"))
                    for n, buyer in enumerate(buyers)]
        (await buyers[0].hold(EVENT, NIGHT, [1])).expect(201)
        newer = 1 + int(postgres.execute("select max(version) from onsale_schema", url))
        for change in ("alter table reservations add column note text not null default ''",
                       "alter table seats add column note text",
                       "alter table transfers add column note text",
                       "create table notes (id bigint primary key references users)",
                       "create index notes_of_journal on journal (at)",
                       "insert into onsale_schema select max(version) + 1, now() from onsale_schema"):
            await asyncio.to_thread(postgres.execute, change, url)
            (await api.get("/readyz")).expect(200)
        (await buyers[1].hold(EVENT, NIGHT, [2])).expect(201)
        held = (await buyers[2].hold(EVENT, NIGHT, [3])).expect(201)
        (await buyers[2].charge(held["total"])).expect(201)
        (await buyers[2].pay(held["id"])).expect(200, 201)
        done.set()
        await asyncio.gather(*charging)
    node.stop()
    refused = run("serve", "--listen", "127.0.0.1:0", "--database", url)
    newer = await asyncio.to_thread(postgres.execute, "select max(version) from onsale_schema", url)
    assert refused.returncode != 0 and f"schema version {newer}" in refused.stderr, refused.stderr
    await asyncio.to_thread(postgres.execute,
                            f"delete from onsale_schema where version = {newer}", url)
    node.verify()


async def test_each_connection_of_a_node_is_lost_in_turn_and_nobody_waits(park, postgres):
    """What it shows goes on where it was: nothing has to be read anew, which the lock would stop."""
    node = park.start({"sales.seats_per_user_max": 50}, database_url=postgres.new_database())
    async with SteadyApi(node.url) as api:
        tokens = await sign_in_all(api, 4)
        buyers = [Buyer(api, token) for token in tokens]
        done = asyncio.Event()
        charging = [asyncio.create_task(charge_until(done, buyer, f"fan-{n}"))
                    for n, buyer in enumerate(buyers)]
        (await buyers[0].enter()).expect(201)
        with postgres.transaction("lock table venues", node.database_url):
            seats = iter(range(1, SEATS + 1))
            for pid in await asyncio.to_thread(postgres.sessions, node.database_url):
                await asyncio.to_thread(postgres.end_session, pid)
                seat = next(seats)
                (await buyers[0].hold(EVENT, NIGHT, [seat], key=f"seat-{seat}")).expect(201)
                await until(lambda: is_held(api, seat))  # noqa: B023
            assert next(seats) > 4, "there were that many"
            done.set()
            charged = await asyncio.gather(*charging)
        for buyer, amount in zip(buyers, charged, strict=True):
            assert await buyer.balance() == amount
        await api.wait_until_ready()
    node.verify()


async def is_held(api: Api, seat: int) -> bool:
    return (await seats_of(api, NIGHT))[seat - 1]["status"] == "held"


async def test_a_node_that_reads_everything_anew_sells_on_and_says_so(park, postgres):
    node = park.start(database_url=postgres.new_database())
    async with SteadyApi(node.url) as api:
        (token,) = await sign_in_all(api, 1)
        buyer = Buyer(api, token)
        (await buyer.enter()).expect(201)
        assert (await api.get("/readyz")).expect(200) == {"status": "ready"}
        with postgres.transaction("lock table venues", node.database_url):
            await asyncio.to_thread(postgres.recover, node.database_url)
            (await buyer.hold(EVENT, NIGHT, [1], key="one")).expect(201)
            await until(lambda: is_behind(api))
            (await buyer.hold(EVENT, NIGHT, [2], key="two")).expect(201)
            (await buyer.charge(1, key="three")).expect(201)
            assert not await is_held(api, 1) and not await is_held(api, 2), "what was shown last"
            assert await behind(api) > 0
        await until(lambda: is_held(api, 1))
        await until(lambda: is_held(api, 2))
        await until(lambda: is_up_to_date(api))
        assert await behind(api) == 0
    node.verify()


async def is_behind(api: Api) -> bool:
    answer = await api.get("/readyz")
    return answer.status == 200 and "behind" in answer.body.get("detail", "")


async def is_up_to_date(api: Api) -> bool:
    answer = await api.get("/readyz")
    return answer.status == 200 and answer.body.get("detail", "") == ""


async def behind(api: Api) -> float:
    text = (await api.get("/metrics")).content.decode()
    return float(next(line for line in text.splitlines()
                      if line.startswith("onsale_views_behind_seconds ")).split()[1])
