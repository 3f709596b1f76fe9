"""Which API answers for an address: literal segments, methods, what is not there, HEAD."""

import re

import pytest

from blackbox.client import Answer, Api, Json
from blackbox.dialects import availability, customers, dates, performances, schedules
from blackbox.dialects.schedules import BAD_USER
from blackbox.server import Server

DIALECTS = {"performances": performances, "schedules": schedules, "availability": availability,
            "customers": customers, "dates": dates}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


async def ask(server: Server, dialect: str, method: str, path: str, body: Json = None) -> Answer:
    """Refusals have to have the form of `dialect`, or of the native API."""
    api = DIALECTS[dialect].client(server.url) if dialect else Api(server.url)
    async with api:
        return await api.call(method, path, json=body, token=server.tokens.fan(1))


@pytest.mark.parametrize("dialect, method, path, allowed", [
    ("performances", "GET", "/signIn", "POST"),
    ("performances", "POST", "/performaces", "GET, HEAD"),
    ("performances", "DELETE", "/performances", "GET, HEAD"),
    ("performances", "PATCH", "/performance_seats/1", "GET, HEAD"),
    ("performances", "POST", "/take_performance_seat", "PATCH"),
    ("performances", "PUT", "/reserved_performance_seats", "GET, HEAD"),
    ("performances", "PATCH", "/cash_balance", "GET, HEAD"),
    ("performances", "GET", "/cash_charge", "PATCH"),
    ("performances", "POST", "/payment_history", "GET, HEAD"),
    ("performances", "OPTIONS", "/payment_performance_seat", "PATCH"),
    ("schedules", "POST", "/api/queue/1", "GET, HEAD"),
    ("schedules", "DELETE", "/api/concerts/schedule", "GET, HEAD"),
    ("schedules", "PUT", "/api/concert/schedule/1", "GET, HEAD"),
    ("schedules", "GET", "/api/concert/schedule/1/seat/1/reservation", "POST"),
    ("schedules", "PATCH", "/api/concert/schedule/1/seat/1/pay", "POST"),
    ("schedules", "POST", "/api/point/1", "GET, HEAD, PATCH"),
    ("availability", "GET", "/api/v1/users/token", "POST"),
    ("availability", "POST", "/api/v1/concerts/1/availability", "GET, HEAD"),
    ("availability", "GET", "/api/v1/concerts/1/reservations", "POST"),
    ("availability", "PATCH", "/api/v1/users/1/balance", "GET, HEAD, POST"),
    ("availability", "DELETE", "/api/v1/concerts/1/payments", "POST"),
    ("customers", "GET", "/customer/waiting/enter", "POST"),
    ("customers", "GET", "/customer/waiting/check", "POST"),
    ("customers", "PUT", "/customer/point/balance", "POST"),
    ("customers", "PATCH", "/customer/point/charge", "POST"),
    ("customers", "POST", "/concerts/1/options", "GET, HEAD"),
    ("customers", "POST", "/concerts/1/options/1", "GET, HEAD"),
    ("customers", "GET", "/reservation/reserve", "POST"),
    ("customers", "GET", "/reservation/pay", "POST"),
    ("dates", "GET", "/api/issue", "POST"),
    ("dates", "POST", "/api/status/1", "GET, HEAD"),
    ("dates", "POST", "/api/available-dates", "GET, HEAD"),
    ("dates", "DELETE", "/api/available-seats/2030-01-01", "GET, HEAD"),
    ("dates", "GET", "/api/reserve", "POST"),
    ("dates", "POST", "/api/1/balance", "GET, HEAD"),
    ("dates", "GET", "/api/1/charge", "POST"),
    ("dates", "PUT", "/api/process", "POST"),
    # A literal segment wins, even where another API would have the method.
    ("dates", "POST", "/api/status/charge", "GET, HEAD"),
    ("dates", "POST", "/api/available-seats/charge", "GET, HEAD"),
    ("schedules", "POST", "/api/queue/charge", "GET, HEAD"),
    ("schedules", "POST", "/api/point/charge", "GET, HEAD, PATCH")])
async def test_wrong_methods(server, dialect, method, path, allowed):
    answer = await ask(server, dialect, method, path)
    assert answer.status == 405, str(answer)
    assert set(re.split(r",\s*", answer.headers["Allow"])) == set(allowed.split(", "))


@pytest.mark.parametrize("dialect, path", [
    ("performances", "/signIn/1"), ("performances", "/performaces/"), ("performances", "/performaces/1"),
    ("performances", "/performances/1"), ("performances", "/performance_seats"),
    ("performances", "/performance_seats/"), ("performances", "/performance_seats/1/2"),
    ("performances", "/cash_balance/"), ("performances", "/cash_charge/1"),
    ("performances", "/payment_history/1"), ("performances", "/take_performance_seat/1"),
    ("performances", "/reserved_performance_seats/1"), ("performances", "/payment_performance_seat/1"),
    ("schedules", "/api/queue"), ("schedules", "/api/queue/"), ("schedules", "/api/queue/1/"),
    ("schedules", "/api/queue/1/2"), ("schedules", "/api/concerts"), ("schedules", "/api/concerts/1"),
    ("schedules", "/api/concerts/schedule/1"), ("schedules", "/api/concert"),
    ("schedules", "/api/concert/schedule"), ("schedules", "/api/concert/schedule/1/seat/1"),
    ("schedules", "/api/concert/schedule/1/seat/1/refund"), ("schedules", "/api/point"),
    ("availability", "/api/v1"), ("availability", "/api/v1/"), ("availability", "/api/v1/users/1"),
    ("availability", "/api/v1/balance"), ("availability", "/api/v1/users"),
    ("availability", "/api/v1/users/token/"), ("availability", "/api/v1/concerts/1"),
    ("customers", "/customer"), ("customers", "/customer/waiting"), ("customers", "/customer/1"),
    ("customers", "/concerts"), ("customers", "/concerts/1"), ("customers", "/concerts/1/options/"),
    ("customers", "/concerts/1/options/1/2"), ("customers", "/reservation"),
    ("customers", "/reservation/reserve/"), ("customers", "/reservation/1"),
    ("dates", "/api"), ("dates", "/api/"), ("dates", "/api/nothing"), ("dates", "/api/1"),
    ("dates", "/api/1/balance/"), ("dates", "/api/1/points"), ("dates", "/api/status"),
    ("dates", "/api/available-dates/"), ("dates", "/api/available-seats"), ("dates", "/api/process/1"),
    ("", "/signin"), ("", "/performance"), ("", "/performancesx"), ("", "/apix"), ("", "/API/issue"),
    ("", "/customers/waiting/enter"), ("", "/concertsx/1/options"), ("", "/reservations"),
    ("", "/v1/performaces"), ("", "/cash"), ("", "/")])
async def test_nothing_there(server, dialect, path):
    for method in ("GET", "POST"):
        answer = await ask(server, dialect, method, path)
        assert answer.status == 404, str(answer)


async def test_literal_segments_win(server):
    """`queue`, `v1` and the like are never somebody's id."""
    queue = await ask(server, "schedules", "GET", "/api/queue/balance")
    assert (queue.status, queue.body) == (404, {"message": BAD_USER})
    (await ask(server, "dates", "GET", "/api/status/balance")).expect(404)
    (await ask(server, "schedules", "GET", "/api/point/balance")).expect(404)
    (await ask(server, "availability", "POST", "/api/v1/charge", {"amount": 1})).expect(404)
    (await ask(server, "availability", "POST", "/api/v1/users/token", {"userId": "1"})).expect(400)
    (await ask(server, "dates", "GET", "/api/1/balance")).expect(200)


@pytest.mark.parametrize("dialect, path", [
    ("performances", "/performaces"), ("performances", "/performance_seats/1"),
    ("performances", "/cash_balance"), ("performances", "/payment_history"),
    ("schedules", "/api/queue/1"), ("schedules", "/api/point/1"),
    ("customers", "/concerts/1/options"), ("customers", "/concerts/1/options/1"),
    ("dates", "/api/available-dates"), ("dates", "/api/1/balance")])
async def test_head_is_get_without_the_body(server, dialect, path):
    full, head = await ask(server, dialect, "GET", path), await ask(server, dialect, "HEAD", path)
    assert (full.status, head.status, head.content) == (200, 200, b"")
    for name in ("Content-Type", "Content-Length"):
        assert head.headers[name] == full.headers[name]
    assert full.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path, status", [
    ("/performance_seats/999999", 400), ("/performances/1", 404), ("/cash_charge", 405),
    ("/api/queue/x", 404), ("/api/concerts/schedule", 401), ("/api/v1/nothing", 404),
    ("/api/v1/users/token", 405), ("/concerts/999999/options", 404), ("/reservation/pay", 405),
    ("/api/status/999999", 404), ("/api/reserve", 405)])
async def test_refusals_of_head_have_no_body(server, path, status):
    answer = await ask(server, "", "HEAD", path)
    assert (answer.status, answer.content) == (status, b"")
