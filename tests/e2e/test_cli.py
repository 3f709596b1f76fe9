"""The command line: what it prints, what it refuses and how, and how a server ends."""

import asyncio
import http.server
import json
import signal
import sqlite3

import pytest

from blackbox.binary import ROOT, binary, run, run_ok
from blackbox.client import Api, Buyer, seats_of
from blackbox.server import Server

PLAN = ROOT / "data" / "plans" / "hall.json"
LAST_SECONDS_MAX = 30


def refused(*arguments: str, names: str | list[str], code: int | None = None, cwd=None) -> str:
    """Must fail with one message on stderr that names what is wrong."""
    done = run(*arguments, cwd=cwd)
    assert done.returncode != 0, f"{arguments} was accepted:\n{done.stdout}"
    assert 0 < done.returncode < 100, f"{arguments} crashed: {done.returncode}\n{done.stderr}"
    assert code is None or done.returncode == code
    for name in [names] if isinstance(names, str) else names:
        assert name in done.stderr, f"{name!r} is not named:\n{done.stderr}"
    assert "ready on" not in done.stdout
    return done.stderr


@pytest.fixture
def stopped(park) -> Server:
    """A demo that was filled and stopped."""
    server = park.start()
    server.stop()
    return server


# ---- help and configuration ----------------------------------------------------------

def test_version_and_help(folder):
    assert run_ok("version", cwd=folder).startswith("onsale 0.")
    for words in (["--help"], ["serve", "--help"], ["verify", "--help"], ["user", "--help"],
                  ["user", "token", "--help"], ["import", "--help"], ["draw", "--help"],
                  ["draw", "verify", "--help"]):
        assert "--help" in run_ok(*words, cwd=folder)
    serve = run_ok("serve", "--help", cwd=folder)
    for key in ("waiting_room.active_sessions_max", "sales.hold_duration", "server.threads"):
        assert key in serve
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("arguments, names", [
    ([], "subcommand"),
    (["frobnicate"], "frobnicate"),
    (["user"], "subcommand"),
    (["user", "frobnicate"], "frobnicate"),
    (["serve", "--frobnicate"], "--frobnicate"),
    (["serve", "--set", "sales.hold"], "sales.hold"),
    (["serve", "--set", "sales.hold_time=5s"], "sales.hold_time"),
    (["serve", "--set", "sale.hold_duration=5s"], "sale.hold_duration"),
    (["serve", "--set", "sales.hold_duration=5"], ["sales.hold_duration", "5"]),
    (["serve", "--set", "sales.hold_duration=-5s"], ["sales.hold_duration", "-5s"]),
    (["serve", "--set", "waiting_room.active_sessions_max=0"], "waiting_room.active_sessions_max"),
    (["serve", "--set", "waiting_room.active_sessions_max=many"], "many"),
    (["serve", "--set", "waiting_room.session_ends_on=never"], "waiting_room.session_ends_on"),
    (["serve", "--set", "wallet.charge_max=99999999999999999999"], "wallet.charge_max"),
    (["serve", "--listen", "nonsense"], ["nonsense", "listen"]),
    (["serve", "--listen", "127.0.0.1:70000"], "70000"),
    (["serve", "--database", "mysql://localhost/onsale"], "mysql"),
    (["serve", "--database", "onsale.db"], "onsale.db"),
    (["serve", "--config", "missing.toml"], "missing.toml"),
    (["verify", "--database", "sqlite:missing.db"], "missing.db"),
    (["user", "add", "--email", "x@example.com", "--name", "X"], "password"),
    (["user", "add", "--email", "nonsense", "--name", "X", "--password", "secret"], "email"),
    (["user", "add", "--email", "x@example.com", "--name", "X", "--password", "x"], "password"),
    (["user", "token", "--email", "x@example.com"], "onsale.db")])
def test_mistakes_are_named(folder, arguments, names):
    refused(*arguments, names=names, cwd=folder)
    assert not (folder / "var").exists(), "a refused command left something behind"


def test_configuration_file_and_environment(park):
    server = park.make({"sales.seats_per_user_max": 7},
                       environment={"ONSALE_SALES__HOLD_DURATION": "77s"})
    (server.folder / "onsale.toml").write_text('[sales]\nseats_per_user_max = 5\nhold_duration = "9s"\n')
    server.command = lambda original=server.command: [*original(), "--config", "onsale.toml"]
    server.start()
    event = asyncio.run(first_event(server))
    assert (event["seats_per_user_max"], event["hold_seconds"]) == (7, 77)
    (server.folder / "bad.toml").write_text("[sales]\nhold_time = 5\n")
    refused("serve", "--config", "bad.toml", names=["hold_time", "bad.toml"], cwd=server.folder)


async def first_event(server: Server) -> dict:
    async with Api(server.url) as api:
        return (await api.get("/v1/events/1")).expect(200)


# ---- serve ---------------------------------------------------------------------------

def test_what_a_demo_prints(park):
    server = park.start()
    lines = server.output().splitlines()
    assert lines[-1] == f"onsale: ready on {server.url}"
    text = "\n".join(lines)
    for word in ("fan1@example.com", "fan1000@example.com", "organiser@example.com",
                 "staff@example.com", "onsale"):
        assert word in text


def test_a_demo_is_for_this_machine_only(folder):
    refused("serve", "--demo", "--listen", "0.0.0.0:0", names=["demo", "0.0.0.0", "--demo-anywhere"],
            cwd=folder)
    assert not (folder / "var").exists()


def test_a_demo_adds_nothing_to_what_is_there(park):
    server = park.make(demo=False)
    run_ok("user", "add", "--database", server.database, "--email", "me@example.com",
           "--name", "Me", "--password", "secret", cwd=server.folder)
    server.demo = True
    server.start()

    async def check() -> None:
        async with Api(server.url) as api:
            assert (await api.get("/v1/events")).expect(200)["items"] == []
            await api.sign_in("me@example.com", "secret")
    asyncio.run(check())


def test_a_second_server_on_the_same_file(park):
    server = park.start()
    message = refused("serve", "--database", server.database, "--listen", "127.0.0.1:0",
                      names=[str(server.file), str(server.pid)])
    assert "use" in message
    refused("user", "add", "--database", server.database, "--email", "x@example.com",
            "--name", "X", "--password", "secret", names=str(server.file))


def test_a_port_in_use(folder):
    taken = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    address = f"127.0.0.1:{taken.server_port}"
    refused("serve", "--database", "sqlite:x.db", "--listen", address, names=[address, "in use"],
            cwd=folder)
    taken.server_close()


def test_from_another_folder(park):
    """With defaults alone: the database is where it was started, everything else is in the binary."""
    server = park.make()
    elsewhere = server.folder / "else where"
    elsewhere.mkdir()
    server.folder = elsewhere
    server.file = elsewhere / "var" / "onsale.db"
    server.command = lambda: [binary(), "serve", "--demo", "--listen", "127.0.0.1:0"]
    server.start()
    assert server.file.exists()
    assert asyncio.run(first_event(server))["id"] == 1


def test_the_database_is_for_its_owner_alone(park):
    """It holds the signing key and password hashes."""
    server = park.start()
    beside = sorted(server.file.parent.glob(server.file.name + "*"))
    assert len(beside) >= 3, beside  # the database, its log, its lock
    for path in beside:
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_same_data_after_a_restart(park):
    server = park.start()
    token = run_ok("user", "token", "--database", server.database, "--email", "fan1@example.com")

    async def charge() -> int:
        async with Api(server.url) as api:
            buyer = Buyer(api, token.strip())
            (await buyer.charge(100)).expect(201)
            return await buyer.balance()
    assert asyncio.run(charge()) == 100
    server.restart()
    assert asyncio.run(charge()) == 200, "a token survives a restart, and so does the money"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_it_finish(park, number):
    """What was accepted is answered, and what was answered is there; then it exits with 0."""
    server = park.start()
    async with Api(server.url, unavailable_ok=True) as api:
        crowd = [Buyer(api, server.tokens.fan(n)) for n in range(1, 65)]
        charged = {buyer: 0 for buyer in crowd}

        async def charge_until_refused(buyer: Buyer) -> None:
            while True:
                try:
                    answer = await buyer.charge(1)
                except OSError:  # no new connections; never in the middle of an answer
                    return
                if answer.status == 503:
                    answer.refused(503, "draining")
                    return
                charged[buyer] = answer.expect(201)["balance"]
        load = asyncio.gather(*(charge_until_refused(buyer) for buyer in crowd))
        while min(charged.values()) < 5:
            await asyncio.sleep(0.01)
        server.process.send_signal(number)
        assert await asyncio.to_thread(server.process.wait, LAST_SECONDS_MAX) == 0
        await load
    server.verify()
    await asyncio.to_thread(server.start)
    async with Api(server.url) as api:
        for n, counted in enumerate(charged.values(), 1):
            assert await Buyer(api, server.tokens.fan(n)).balance() == counted


# ---- verify --------------------------------------------------------------------------

async def test_verify_beside_a_running_server(park):
    server = park.start()
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        load = asyncio.gather(*(buyer.charge(1) for _ in range(200)))
        printed = await asyncio.to_thread(run_ok, "verify", "--database", server.database)
        assert "everything holds" in printed and "1002" in printed
        await load


@pytest.mark.parametrize("damage, names", [
    ("update accounts set balance = balance + 1 where owner = 1 and kind = 'wallet'", "account"),
    ("update seats set status = 'available', reservation_id = null where status = 'sold'", "seat"),
    ("update waiting_rooms set active_count = active_count + 1", "room 1"),
    ("delete from tickets", "ticket"),
    ("update reservations set total = total + 1", "reservation"),
    ("update visitors set number = number + 5, order_key = order_key + 5", "room 1")])
async def test_verify_finds_what_was_tampered_with(park, damage, names):
    server = park.start()
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(1))
        await buyer.shop(1, 1, [(await seats_of(api, 1))[0]["id"]])
    server.stop()
    server.verify()
    connection = sqlite3.connect(server.file)
    connection.execute("pragma foreign_keys = off")
    with connection:
        connection.execute(damage)
    connection.close()
    done = run("verify", "--database", server.database)
    assert done.returncode == 1
    assert names in done.stdout + done.stderr and "VIOLATION" in done.stdout


def test_verify_refuses_what_is_no_database(folder):
    (folder / "text.db").write_text("no database at all " * 1000)
    refused("verify", "--database", "sqlite:text.db", names="text.db", code=1, cwd=folder)
    refused("serve", "--database", "sqlite:text.db", names="text.db", code=1, cwd=folder)


# ---- user ----------------------------------------------------------------------------

def test_users(park):
    server = park.make(demo=False)
    where = ["--database", server.database, "--email", "Boss@Example.com"]
    added = run_ok("user", "add", *where, "--name", "Boss", "--role", "organiser",
                   "--password-stdin", cwd=server.folder, stdin="first-password\n")
    assert "boss@example.com" in added and "organiser" in added
    refused("user", "add", *where, "--name", "Boss", "--password", "first-password",
            names="Boss@Example.com", code=1)
    run_ok("user", "passwd", *where, "--password", "second-password")
    run_ok("user", "role", *where, "--role", "staff")
    refused("user", "role", *where, "--role", "king", names="king")
    refused("user", "passwd", "--database", server.database, "--email", "x@example.com",
            "--password", "whatever", names="x@example.com", code=1)
    server.start()

    async def check() -> None:
        async with Api(server.url) as api:
            token = await api.sign_in("boss@example.com", "second-password")
            assert (await api.get("/v1/me", token)).expect(200)["role"] == "staff"
            old = {"email": "boss@example.com", "password": "first-password"}
            (await api.post("/v1/sessions", old)).refused(401, "unauthorized")
            printed = run_ok("user", "token", *where, "--lifetime", "5m").strip()
            assert (await api.get("/v1/me", printed)).expect(200)["role"] == "staff"
    asyncio.run(check())


# ---- import --------------------------------------------------------------------------

def event_file(folder, **changes) -> str:
    (folder / "plan.json").write_text(PLAN.read_text())
    event = {"event": {"title": "Show", "artist": "Band", "sales_open_at": "2020-01-01T00:00:00Z"},
             "venue": {"name": "Hall", "location": "Seoul", "time_zone": "Asia/Seoul"},
             "performances": [{"name": "Night", "starts_at": "2040-01-01T10:00:00Z",
                               "price_tiers": [{"name": n, "price": 100} for n in ("VIP", "R", "S", "A")],
                               "seating_plan": "plan.json"}]} | changes
    (folder / "event.json").write_text(json.dumps(event))
    return str(folder / "event.json")


def test_import_an_event(park):
    server = park.make(demo=False)
    printed = run_ok("import", event_file(server.folder), "--database", server.database)
    assert "event 1" in printed and "50 seats" in printed
    server.start()

    async def check() -> None:
        async with Api(server.url) as api:
            event = (await api.get("/v1/events/1")).expect(200)
            assert (event["title"], event["on_sale"]) == ("Show", True)
            assert [seat["label"] for seat in await seats_of(api, 1)] == [str(n) for n in range(1, 51)]
    asyncio.run(check())


def test_import_a_plan(stopped):
    where = ["--database", stopped.database, "--performance"]
    refused("import", str(PLAN), *where, "1", names="performance 1", code=1)
    refused("import", str(PLAN), *where, "999", names="performance 999", code=1)
    refused("import", str(PLAN), "--database", stopped.database, names="--performance", code=1)


@pytest.mark.parametrize("find, replace, names", [
    ('"hall-17"', '"hall-16"', "zones[0].rows[1].seats[6].seat_guid"),
    ('"category":"VIP"', '"category":"Nobody"', "zones[0].rows[0].seats[0].category"),
    ('"x":25,"y":0}', '"x":"far","y":0}', "zones[0].rows[0].seats[1].position.x"),
    ('"rows":[', '"rows":[[', "line "),
    ('"zones":[', '"zones":[7,', "zones[0]")])
def test_a_bad_plan_changes_nothing(stopped, find, replace, names):
    file = event_file(stopped.folder)
    assert find in PLAN.read_text()
    (stopped.folder / "plan.json").write_text(PLAN.read_text().replace(find, replace, 1))
    before = contents(stopped)
    refused("import", file, "--database", stopped.database, names=["plan.json", names], code=1)
    assert contents(stopped) == before
    stopped.verify()


@pytest.mark.parametrize("changes, names", [
    ({"venue": {"name": "H", "location": "", "time_zone": "Mars/Olympus"}}, "venue.time_zone"),
    ({"performances": []}, "performances"),
    ({"extra": 1}, "extra")])
def test_a_bad_event_changes_nothing(stopped, changes, names):
    before = contents(stopped)
    refused("import", event_file(stopped.folder, **changes), "--database", stopped.database,
            names=["event.json", names], code=1)
    assert contents(stopped) == before


def contents(server: Server) -> list:
    with sqlite3.connect(server.file) as connection:
        counts = [connection.execute(f"select count(*) from {table}").fetchone()
                  for table in ("venues", "events", "performances", "seats", "price_tiers", "journal")]
    connection.close()
    return counts
