"""One server on PostgreSQL: it keeps its promises when it is killed and when the database goes
away under it."""

import asyncio
import os

import pytest

from blackbox.binary import run, run_ok
from blackbox.client import Api, Buyer, SteadyApi, seats_of, sign_in_all
from blackbox.ledger import charge_until

EVENT, NIGHT = 1, 1
FANS = 12
CONNECTION_ENDS = 15
CANCELS = 1500


async def test_kill_9_loses_nothing_that_was_answered(park, postgres):
    server = park.start(database_url=postgres.new_database())
    async with Api(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        paid = await asyncio.gather(*(Buyer(api, token).shop(EVENT, NIGHT, [seat])
                                      for seat, token in enumerate(tokens, 1)))
    server.kill()
    server.verify()
    await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        sold = [seat["id"] for seat in await seats_of(api, NIGHT) if seat["status"] == "sold"]
        assert sold == list(range(1, FANS + 1))
        for token, reservation in zip(tokens, paid, strict=True):
            seen = await api.get(f"/v1/reservations/{reservation['id']}", token)
            assert seen.expect(200) == reservation
        assert [ticket["seat_id"] for ticket in await api.pages("/v1/tickets", tokens[4])] == [5]


async def test_64_for_one_seat_have_one_winner(park, postgres):
    server = park.start(database_url=postgres.new_database())
    async with Api(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        buyers = [Buyer(api, token) for token in tokens for _ in range(64 // FANS + 1)]
        for token in tokens:
            (await Buyer(api, token).enter()).expect(201)
        held = await asyncio.gather(*(buyer.hold(EVENT, NIGHT, [7]) for buyer in buyers))
        assert sorted(answer.status for answer in held) == [201] + [409] * (len(held) - 1)


async def test_connections_that_end_under_load_double_and_lose_nothing(park, postgres):
    server = park.start({"sales.seats_per_user_max": 10_000}, database_url=postgres.new_database())
    async with SteadyApi(server.url) as api:
        tokens = await sign_in_all(api, FANS)
        done = asyncio.Event()
        charged = await asyncio.gather(
            *(charge_until(done, Buyer(api, token), f"fan-{n}") for n, token in enumerate(tokens)),
            end_often(postgres, server.database_url, done))
        for token, amount in zip(tokens, charged, strict=False):
            assert await Buyer(api, token).balance() == amount
        assert sum(charged[:-1]) > 0
        await api.wait_until_ready()
    server.verify()


async def end_often(postgres, url: str, done: asyncio.Event) -> None:
    ended = 0
    while ended < CONNECTION_ENDS:
        ended += await asyncio.to_thread(postgres.end_connections, url)
    done.set()


async def test_canceled_statements_keep_nobody_else_waiting(park, postgres):
    """An administrator, or a tool, cancels what one node asks for, again and again."""
    url = postgres.new_database()
    sets = {"sales.seats_per_user_max": 10_000}
    here = park.start(sets, database_url=f"{url}&application_name=canceled")
    there = park.start(sets, database_url=url)
    async with SteadyApi(here.url) as first, Api(there.url) as second:
        tokens = await sign_in_all(second, FANS)
        done = asyncio.Event()
        holding = [asyncio.create_task(hold_and_cancel(done, Buyer(second, token), seat))
                   for seat, token in enumerate(tokens[:4], 1)]
        crowd = [Buyer(first, token) for token in tokens[4:]]
        charging = [asyncio.create_task(charge_until(done, buyer, f"fan-{n}"))
                    for n, buyer in enumerate(crowd)]
        reading = [asyncio.create_task(read_until(done, buyer)) for buyer in crowd]
        await asyncio.to_thread(postgres.execute, cancel_often("canceled"), url)
        done.set()
        held = await asyncio.gather(*holding)
        assert min(held) > 0
        await asyncio.gather(*reading)
        for buyer, amount in zip(crowd, await asyncio.gather(*charging), strict=True):
            assert await Buyer(second, buyer.token).balance() == amount
        await first.wait_until_ready()
        async with Api(here.url) as strict:  # each of its connections is as good as new
            await asyncio.gather(*(read(strict, buyer.token) for buyer in crowd * 4))
    # What is held for longer than a statement: who leads. The others name the batch of a lane.
    left = await asyncio.to_thread(
        postgres.execute, "select count(*) from pg_locks where locktype = 'advisory' and "
        "objsubid = 2 and database = (select oid from pg_database "
        "where datname = current_database())", url)
    assert left == "0"
    there.verify()


async def hold_and_cancel(done: asyncio.Event, buyer: Buyer, seat: int) -> int:
    """Holds the seat and gives it back: neither is ever refused."""
    (await buyer.enter()).expect(200, 201)
    held = 0
    while not done.is_set():
        reservation = (await buyer.hold(EVENT, NIGHT, [seat])).expect(201)
        (await buyer.cancel(reservation["id"])).expect(200, 204)
        held += 1
    return held


async def read(api: Api, token: str) -> None:
    for path in ("/v1/reservations", "/v1/tickets", "/v1/wallet"):
        (await api.get(path, token)).expect(200)


async def read_until(done: asyncio.Event, buyer: Buyer) -> None:
    while not done.is_set():
        await read(buyer.api, buyer.token)


def cancel_often(application: str) -> str:
    return f"""do $$ begin
      for round in 1..{CANCELS} loop
        perform pg_stat_clear_snapshot();
        perform pg_cancel_backend(pid) from pg_stat_activity
          where application_name = '{application}' and datname = current_database();
        perform pg_sleep(0.001);
      end loop;
    end $$"""


async def test_two_commands_on_one_account_at_once(park, postgres):
    """Each changes something else of it; nothing that either did is lost."""
    url = postgres.new_database()
    server = park.start(database_url=url)
    user = ["--email", "fan1@example.com", "--database", url]
    with postgres.transaction("select from users where email = 'fan1@example.com' for update", url):
        changes = asyncio.gather(
            asyncio.to_thread(run_ok, "user", "passwd", *user, "--password", "another"),
            asyncio.to_thread(run_ok, "user", "role", *user, "--role", "staff"))
        async with asyncio.timeout(30):
            while await asyncio.to_thread(postgres.waiting_for_locks, url) < 2:
                await asyncio.sleep(0.02)
    await changes
    async with Api(server.url) as api:
        await api.sign_in("fan1@example.com", "another")
    role = await asyncio.to_thread(
        postgres.execute, "select role from users where email = 'fan1@example.com'", url)
    assert role == "staff"


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
async def test_an_address_with_letters_of_another_alphabet(park, postgres, folder, on):
    """Capital letters that only a locale knows are people like others, on either database."""
    server = park.start(database_url=postgres.new_database() if on == "postgresql" else None)
    people = ["Émile@example.com", "ÉLODIE@example.com", "İpek@example.com", "ΣΟΦΊΑ@example.com"]
    async with Api(server.url) as api:
        joined = await asyncio.gather(*(
            api.post("/v1/users", {"email": email, "password": "a secret", "name": email})
            for email in people))
        for email, answer in zip(people, joined, strict=True):
            answer.expect(201)
            await api.sign_in(email, "a secret")
    there = postgres.new_database()
    assert "everything holds" in run_ok("copy", "--from", server.database, "--to", there)
    assert "everything holds" in run_ok("copy", "--from", there, "--to", f"sqlite:{folder}/copy.db")


@pytest.mark.parametrize("command", [["passwd", "--password", "a secret"], ["role", "--role", "staff"],
                                     ["token"]], ids=lambda command: command[0])
def test_an_address_that_is_no_text_is_nobodys(postgres, command):
    url = postgres.new_database()
    run_ok("user", "add", "--email", "fan@example.com", "--name", "Fan", "--password", "a secret",
           "--database", url)
    refused = run("user", *command, "--email", os.fsdecode(b"\xff@example.com"), "--database", url)
    assert refused.returncode == 1
    assert refused.stderr.strip() == "onsale: there is no user with such an address", refused.stderr
