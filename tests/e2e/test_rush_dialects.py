"""`onsale rush --dialect`: a whole sale through the routes of each of the five documents."""

import asyncio
import json
import re

import pytest

from blackbox.binary import run, run_ok
from blackbox.client import Api, seats_of
from blackbox.dialects.dates import seoul_day
from blackbox.dialects.stage import add_night, add_performance

NIGHT, SEATS = 1, 50  # the demo's small hall
ARENA, ARENA_NIGHT, NOT_OPEN_NIGHT = 2, 4, 6
DIALECTS = ["availability", "customers", "dates", "performances", "schedules"]
# What is asked in a rush: all of it, but for the catalogue that is read before.
ROUTES = {
    "availability": {
        "POST /api/v1/users/token", "GET /api/v1/concerts/{concertId}/availability",
        "POST /api/v1/concerts/{concertId}/reservations", "POST /api/v1/users/{userId}/balance",
        "POST /api/v1/concerts/{concertId}/payments"},
    "customers": {
        "POST /customer/waiting/enter", "GET /concerts/{concertId}/options",
        "GET /concerts/{concertId}/options/{optionId}", "POST /reservation/reserve",
        "POST /customer/point/charge", "POST /reservation/pay"},
    "dates": {
        "POST /api/issue", "GET /api/available-dates", "GET /api/available-seats/{date}",
        "POST /api/reserve", "POST /api/{userId}/charge", "POST /api/process"},
    "performances": {
        "GET /performaces", "GET /performance_seats/{performance_staging_date_id}",
        "PATCH /take_performance_seat", "PATCH /cash_charge", "PATCH /payment_performance_seat"},
    "schedules": {
        "GET /api/queue/{userId}", "GET /api/concerts/schedule",
        "GET /api/concert/schedule/{scheduleId}",
        "POST /api/concert/schedule/{scheduleId}/seat/{seatId}/reservation",
        "PATCH /api/point/{userId}",
        "POST /api/concert/schedule/{scheduleId}/seat/{seatId}/pay"},
}
CATALOGUE = {"GET /v1/events", "GET /v1/events/{id}/performances"}
PRICES = {"GET /v1/performances/{id}/seats"}  # which availability does not tell
BY_DATE = ["availability", "dates"]
QUICK = ["--think", "0s", "--arrive-within", "200ms"]


def tokens_of(server, count: int) -> str:
    return run_ok("user", "token", "--buyers", str(count), "--database", server.database)


def rush(server, dialect: str, tokens: str, *options: str):
    """The figures, and how the program ended."""
    file = server.folder / "rush.json"
    done = run("rush", "--url", server.url, "--tokens", "-", "--dialect", dialect,
               "--json", str(file), *options, stdin=tokens)
    return (json.loads(file.read_text()) if file.exists() else None), done


def play(server, dialect: str, buyers: int, *options: str):
    return asyncio.to_thread(rush, server, dialect, tokens_of(server, buyers), *options)


def check_nobody_was_failed(figures, done) -> None:
    assert done.returncode == 0, done.stderr
    assert all(ask["failed"] == 0 for ask in figures["asks"].values()) and not figures["complaints"]


def asked(figures, what: str) -> int:
    return figures["asks"].get(what, {"answers": 0})["answers"]


async def routes_asked(server) -> set[str]:
    async with Api(server.url) as api:
        metrics = (await api.get("/metrics")).content.decode()
    counts = re.findall(r"^onsale_http_requests_total{(.*)} ([1-9].*)$", metrics, re.M)
    labels = [dict(re.findall(r'(\w+)="([^"]*)"', pairs)) for pairs, _ in counts]
    return {f"{each['method']} {each['route']}" for each in labels} - {"GET /metrics"}


async def states_of(server, night: int = NIGHT) -> list[str]:
    async with Api(server.url) as api:
        return [seat["status"] for seat in await seats_of(api, night)]


async def date_of(server, night: int) -> str:
    async with Api(server.url) as api:
        shown = (await api.get(f"/v1/performances/{night}")).expect(200)
        return seoul_day(shown["starts_at"])


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_more_buyers_than_seats_sell_out_the_house(start_server, dialect):
    server = start_server({"dialects.enabled": dialect})
    figures, done = await play(server, dialect, 70, *QUICK, "--party-max", "1", "--tries", "100")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == figures["seats_bought"] == SEATS
    assert figures["buyers"]["empty-handed"] == 20
    assert sum(figures["buyers"].values()) == 70
    asks = figures["asks"]
    assert asks["hold"]["fine"] == asks["charge"]["fine"] == asks["pay"]["fine"] == SEATS
    assert asks["enter"]["answers"] == 70 and asks["enter"]["fine"] == 70
    assert asks["seats"]["refused"] == asks["charge"]["refused"] == asks["pay"]["refused"] == 0
    assert asked(figures, "leave") == 0  # there is no such route
    native = {"availability": CATALOGUE | PRICES, "dates": set()}.get(dialect, CATALOGUE)
    assert await routes_asked(server) == ROUTES[dialect] | native
    assert await states_of(server) == ["sold"] * SEATS
    server.verify()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_want_the_same_seats(start_server, dialect):
    """All at once: those who come too late are refused, and choose again."""
    server = start_server()
    figures, done = await play(server, dialect, 30, "--think", "0s", "--arrive-within", "0s",
                               "--party-max", "1", "--tries", "100", "--taste", "front")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == 30
    assert figures["asks"]["hold"]["refused"] > 0
    assert (await states_of(server)).count("sold") == 30


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_they_wait_in_line(start_server, dialect):
    """Each payment lets the next one in. All of them poll until then."""
    server = start_server({"waiting_room.active_sessions_max": 3})
    figures, done = await play(server, dialect, 9, "--think", "100ms", "--arrive-within", "50ms",
                               "--party-max", "1", "--tries", "100")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == 9
    waiting = figures["timeline"][0]["waiting"]  # they are told to look again after a second
    assert figures["asks"]["look"]["fine"] == figures["asks"]["look"]["answers"] >= waiting >= 3
    assert sum(second["admitted"] for second in figures["timeline"]) == 9
    assert (await states_of(server)).count("sold") == 9


async def test_some_lose_patience_and_just_stay_away(start_server):
    """No document has a way to leave, so nothing is sent."""
    server = start_server({"waiting_room.active_sessions_max": 1})
    figures, done = await play(server, "schedules", 5, *QUICK, "--pays", "0", "--patience", "1s")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["gave up"] == 4 and figures["buyers"]["empty-handed"] == 1
    assert asked(figures, "leave") == 0


async def test_several_seats_in_one_reservation(start_server):
    server = start_server()
    figures, done = await play(server, "customers", 15, *QUICK, "--tries", "100",
                               "--party-max", "4")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == figures["asks"]["hold"]["fine"] == 15
    assert figures["seats_bought"] > 15
    assert (await states_of(server)).count("sold") == figures["seats_bought"]


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"customers"}))
async def test_one_seat_is_what_they_want_where_no_more_can_be_held(start_server, dialect):
    server = start_server()
    figures, done = await play(server, dialect, 10, *QUICK, "--tries", "100")
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == figures["seats_bought"] == 10
    done = await asyncio.to_thread(run, "rush", "--url", server.url, "--tokens", "-", "--dialect",
                                   dialect, "--party-max", "2", stdin="x")
    assert done.returncode == 2 and f"--party-max must be 1 in {dialect}" in done.stderr


@pytest.mark.parametrize("dialect, night", [
    ("availability", ARENA_NIGHT), ("customers", ARENA_NIGHT), ("performances", ARENA_NIGHT),
    ("schedules", ARENA_NIGHT), ("dates", NIGHT + 2)])
async def test_another_performance(start_server, dialect, night):
    server = start_server()
    called = await date_of(server, night) if dialect in BY_DATE else str(night)
    figures, done = await play(server, dialect, 4, *QUICK, "--party-max", "1", "--tries", "100",
                               "--performance", called)
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["bought"] == 4
    assert (await states_of(server, night)).count("sold") == 4


async def test_what_is_not_on_sale_yet_is_refused(start_server):
    """The server says no to each hold: they go home, and nobody was failed."""
    server = start_server()
    figures, done = await play(server, "schedules", 3, *QUICK, "--tries", "2",
                               "--performance", str(NOT_OPEN_NIGHT))
    check_nobody_was_failed(figures, done)
    assert figures["buyers"]["empty-handed"] == 3
    assert figures["asks"]["hold"]["refused"] == figures["asks"]["hold"]["answers"] == 6


def test_what_cannot_be_played_is_refused(start_server):
    server = start_server()
    tokens = tokens_of(server, 2)
    cases = [
        ("nonsense", [], 2, "--dialect"),
        ("dates", ["--performance", "1"], 2, "--performance must be a date"),
        ("availability", ["--performance", "2024-1-01"], 2, "--performance must be a date"),
        ("schedules", ["--performance", "2024-10-11"], 2, "--performance must be a number"),
        ("native", ["--performance", "one"], 2, "--performance must be a number"),
        ("schedules", ["--performance", "999"], 1, "there is no performance 999"),
        ("customers", ["--performance", "999"], 1, "there is no performance 999"),
        ("availability", ["--performance", "2020-01-01"], 1, "no performance on 2020-01-01"),
        ("dates", ["--performance", "2020-01-01"], 1, "there is no seat on 2020-01-01"),
    ]
    for dialect, options, code, words in cases:
        _, done = rush(server, dialect, tokens, *options)
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"performances"}))
def test_a_token_that_does_not_say_whose_it_is(start_server, dialect):
    server = start_server()
    _, done = rush(server, dialect, tokens_of(server, 1) + "nonsense\n")
    assert done.returncode == 1
    assert "token 2 in - does not say which user it is of" in done.stderr


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_does_not_speak_it(start_server, dialect):
    others = sorted(set(DIALECTS) - {dialect})
    server = start_server({"dialects.enabled": ",".join(others)})
    _, done = rush(server, dialect, tokens_of(server, 1))
    assert done.returncode == 1 and "answers 404" in done.stderr, done.stderr


async def test_what_availability_does_not_tell_apart(start_server):
    """Two performances on one day have seats of the same label, and of two prices perhaps."""
    server = start_server()
    async with Api(server.url) as api:
        organiser = server.tokens.organiser()
        first = await add_night(api, organiser, starts="2040-01-01T03:00:00.000Z")
        await add_performance(api, organiser, first.event, seats=5,
                              starts="2040-01-01T10:00:00.000Z")
    _, done = rush(server, "availability", tokens_of(server, 1), "--performance", "2040-01-01")
    assert done.returncode == 1 and "is played more than once on 2040-01-01" in done.stderr


@pytest.mark.parametrize("dialect", ["availability", "customers", "performances", "schedules"])
async def test_what_is_behind_another_waiting_room(start_server, dialect):
    server = start_server()
    async with Api(server.url) as api:
        organiser = server.tokens.organiser()
        room = (await api.post("/v1/waiting-rooms", {"name": "Own"}, organiser)).expect(201)
        night = await add_night(api, organiser, waiting_room_id=room["id"])
    called = "2040-01-01" if dialect in BY_DATE else str(night.id)
    _, done = rush(server, dialect, tokens_of(server, 1), "--performance", called)
    assert done.returncode == 1
    assert f"is sold in waiting room {room['id']}, and a dialect knows only room 1" in done.stderr
