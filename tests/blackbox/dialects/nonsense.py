"""Every route of every dialect, each with a good request and the wrong ones made from it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from blackbox.client import Json
from blackbox.nonsense import BODIES, INT64_MAX, Wrong, at, places, replaced, without

REFUSED = frozenset(range(400, 500))
BODY_BYTES_MAX = 256 * 1024

NO_IDS = ["0", "-1", "1.5", "abc", "1e3", "0x1", "null", "%00", "%2F", "1%2F1", "%EA%B0%80", "%FF",
          "%20", "%25zz", "9999999999999999999999", str(INT64_MAX), str(INT64_MAX + 1),
          "9" * 4000, "x" * 4000]
NO_DAYS = ["0", "today", "2024-1-1", "20240101", "2024-02-30", "2024-13-01", "2024-01-01%00", "%00",
           "%EA%B0%80", "2024-01-01T00:00:00Z", "9" * 4000]
NO_CREDENTIALS = ["", "Bearer", "Bearer ", "Bearer x", "Bearer null", "Bearer a.b.c", "Bearer ü",
                  "Basic Zm9v", "Bearer 00000000-0000-4000-8000-000000000000", "Bearer " + "g" * 36,
                  "Bearer " + "a" * 4000, "x", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."]
QUERIES = ["x=1", "=", "&&&", "%25zz=1", "a=%", "x" * 3000, "%00=%00", "date[]=1", "limit=-1"]
KINDS = ["text/html", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
         "json", "x" * 1000]

NO_NUMBERS: list[Json] = [None, True, False, 0, -1, 1.5, 1e308, -1e308, INT64_MAX + 1, -INT64_MAX - 1,
                          10**40, "", "x", "1", "\0", [], [1], {}, {"x": 1}]
NO_TEXTS: list[Json] = [None, True, False, 0, 1, 1.5, [], ["1"], {}, {"x": "1"}]
NO_OBJECTS: list[Json] = [None, True, 1, "x", [], [None], {}]


@dataclass(frozen=True)
class Field:
    """A value of a body. `malformed` ones are answered 400, `strange` ones are refused somehow."""

    good: Json
    malformed: tuple[Json, ...]
    strange: tuple[Json, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Route:
    """One operation. A `guarded` one needs the token of the desk."""

    method: str
    path: str
    ids: dict[str, int | str] = field(default_factory=dict)
    body: Json = None
    guarded: bool = False

    def good_path(self) -> str:
        return self.path.format_map(self.ids)

    def good_body(self) -> bytes | None:
        return None if self.body is None else json.dumps(plain(self.body)).encode()


@dataclass
class Desk:
    """Whose requests they are, and what they are about: all of it in one night of event 1."""

    dialect: str
    fan: int
    token: str | None
    night: int
    day: str
    held: Json  # a seat, as the native API shows it
    free: Json
    reservation: int

    def headers(self, route: Route) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if route.guarded else {}


@dataclass
class Refusal(Wrong):
    """A wrong request, with the statuses that it may get."""

    statuses: frozenset[int] = REFUSED


# ---- the fields ----------------------------------------------------------------------

def an_id(good: int) -> Field:
    return Field(good, tuple(NO_NUMBERS), (INT64_MAX, 999_999_999))


def amount(good: int, *more: Json) -> Field:
    return Field(good, (*NO_NUMBERS, INT64_MAX, 10_000_001, *more))


def text_id(good: Json) -> Field:
    strange = ("x", "0", "-1", "1.5", "가", "\0", " ", "9" * 400, "x" * 5000)
    return Field(str(good), (*NO_TEXTS, ""), strange)


def decimal(good: int) -> Field:
    numbers = (each for each in NO_NUMBERS if each != "1")
    return Field(good, (*numbers, INT64_MAX, 10_000_001, " ", "0", "-1", "1.5", "1e400", "NaN",
                        "Infinity", "0x10", "10,000", "1_000", "9" * 5000))


def a_day(good: str) -> Field:
    malformed = (*NO_TEXTS, "", "x", "2024-1-1", "20240101", "2024-02-30", "2024-13-01", "\0",
                 "2024-01-01\0", "2024-01-01T00:00:00Z")
    return Field(good, malformed, ("2039-12-31", "0000-01-01", "9999-12-31"))


def text(good: str, *malformed: Json, strange: tuple[str, ...] = (), required: bool = True) -> Field:
    wrong = (*NO_TEXTS, *malformed) if required else (*NO_TEXTS[1:], *malformed)
    return Field(good, wrong, strange, required)


# ---- the routes: first those that leave the others' requests good --------------------

def performances(desk: Desk) -> list[Route]:
    def guarded(method: str, path: str, body: Json = None, **ids: int) -> Route:
        return Route(method, path, ids, body, guarded=True)
    email, nobody = f"fan{desk.fan}@example.com", ("x", "nobody@example.com", "\0")
    sign_in = {"email_address": text(email, "", strange=nobody),
               "password": text("onsale", "", strange=("x", "\0", "가" * 100))}
    free, held = ({"performance_seat_id": an_id(seat["id"])} for seat in (desk.free, desk.held))
    return [Route("POST", "/signIn", body=sign_in),
            guarded("GET", "/performaces"), guarded("GET", "/performances"),
            guarded("GET", "/performance_seats/{id}", id=desk.night),
            guarded("PATCH", "/take_performance_seat", free),
            guarded("GET", "/reserved_performance_seats"), guarded("GET", "/cash_balance"),
            guarded("PATCH", "/cash_charge", {"amount": amount(1000)}),
            guarded("GET", "/payment_history"), guarded("PATCH", "/payment_performance_seat", held)]


def schedules(desk: Desk) -> list[Route]:
    seat = "/api/concert/schedule/{schedule}/seat/{seat}"
    free, held = ({"schedule": desk.night, "seat": each["id"]} for each in (desk.free, desk.held))
    return [Route("GET", "/api/queue/{user}", {"user": desk.fan}),
            Route("GET", "/api/concerts/schedule", guarded=True),
            Route("GET", "/api/concert/schedule/{schedule}", {"schedule": desk.night}, guarded=True),
            Route("POST", seat + "/reservation", free, guarded=True),
            Route("GET", "/api/point/{user}", {"user": desk.fan}),
            Route("PATCH", "/api/point/{user}", {"user": desk.fan}, {"amount": amount(1000)}),
            Route("POST", seat + "/pay", held, guarded=True)]


def availability(desk: Desk) -> list[Route]:
    balance, user = "/api/v1/users/{user}/balance", {"user": desk.fan}
    concert = {"concert": 1}
    wish = {"date": a_day(desk.day), "userId": text_id(desk.fan),
            "seatNo": Field(desk.free["label"], (*NO_TEXTS, ""), ("0", "51", "x", "가", "\0", "9" * 400))}
    payment = {"reservationId": text_id(desk.reservation), "userId": text_id(desk.fan),
               "paymentAmount": decimal(desk.held["price"])}
    return [Route("POST", "/api/v1/users/token", body={"userId": text_id(desk.fan),
                                                       "browserId": text("browser", "")}),
            Route("GET", "/api/v1/concerts/{concert}/availability", concert, guarded=True),
            Route("POST", "/api/v1/concerts/{concert}/reservations", concert, wish, guarded=True),
            Route("GET", balance, user, guarded=True),
            Route("POST", balance, user, {"amount": decimal(1000)}, guarded=True),
            Route("POST", "/api/v1/concerts/{concert}/payments", concert, payment, guarded=True)]


def customers(desk: Desk) -> list[Route]:
    who = {"customerId": an_id(desk.fan)}
    part = {"payMethod": text("POINT", "", "CARD", "point", "\0", "x" * 5000),
            "payAmount": amount(desk.held["price"])}
    wish = {"reserver": {"customerId": an_id(desk.fan),
                         "reserverName": text("홍길동", "", "x" * 201, "x" * 5000)},
            "concertId": an_id(1),
            "performances": [{"optionId": an_id(desk.night), "seatId": an_id(desk.free["id"])}]}
    return [Route("POST", "/customer/point/charge", body=who | {"amount": amount(1000, 1, 9)}),
            Route("POST", "/customer/point/balance", body=who),
            Route("POST", "/reservation/pay", body=who | {"pay": [part]}),
            Route("POST", "/customer/waiting/enter", body=who),
            Route("POST", "/customer/waiting/check", body=who),
            Route("GET", "/concerts/{concert}/options", {"concert": 1}),
            Route("GET", "/concerts/{concert}/options/{option}", {"concert": 1, "option": desk.night}),
            Route("POST", "/reservation/reserve", body=wish)]


def dates(desk: Desk) -> list[Route]:
    user, who = {"user": desk.fan}, {"userId": an_id(desk.fan)}
    return [Route("POST", "/api/{user}/charge", user, {"amount": amount(1000)}),
            Route("GET", "/api/{user}/balance", user),
            Route("POST", "/api/process", body=who | {"amount": amount(desk.held["price"])}),
            Route("POST", "/api/issue", body=who), Route("GET", "/api/status/{user}", user),
            Route("GET", "/api/available-dates"),
            Route("GET", "/api/available-seats/{day}", {"day": desk.day}),
            Route("POST", "/api/reserve", body=who | {"seatId": an_id(desk.free["id"])})]


ROUTES = {each.__name__: each for each in (performances, schedules, availability, customers, dates)}

# Below the prefixes of a dialect, but nothing of it.
NOTHING_THERE = {
    "performances": ["/signIn/1", "/performaces/1", "/performances/1", "/performance_seats",
                     "/performance_seats/", "/performance_seats/1/2", "/take_performance_seat/1",
                     "/reserved_performance_seats/1", "/cash_balance/", "/cash_charge/1",
                     "/payment_history/1", "/payment_performance_seat/1"],
    "schedules": ["/api/queue", "/api/queue/", "/api/queue/1/2", "/api/concerts",
                  "/api/concerts/1", "/api/concerts/schedule/1", "/api/concert",
                  "/api/concert/schedule/", "/api/concert/schedule/1/seat",
                  "/api/concert/schedule/1/seat/1", "/api/concert/schedule/1/seat/1/nothing",
                  "/api/point", "/api/point/1/2"],
    "availability": ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/users", "/api/v1/users/1",
                     "/api/v1/payments", "/api/v1/concerts/1", "/api/v1/concerts/1/nothing",
                     "/api/v1/concerts/1/payments/1"],
    "customers": ["/customer", "/customer/", "/customer/nothing", "/customer/waiting",
                  "/customer/point/nothing", "/concerts", "/concerts/1", "/concerts/1/options/",
                  "/concerts/1/options/1/2", "/reservation", "/reservation/nothing"],
    "dates": ["/api", "/api/", "/api/nothing", "/api/1", "/api/1/", "/api/1/nothing", "/api/v10/nothing",
              "/api/status", "/api/status/1/2", "/api/available-seats", "/api/available-dates/1"]}


# ---- the wrong requests --------------------------------------------------------------

def wrong_requests(desk: Desk, route: Route) -> Iterator[Refusal]:
    yield from wrong_paths(desk, route)
    yield from wrong_credentials(desk, route)
    if route.method == "GET":
        for query in QUERIES:
            yield Refusal("GET", f"{route.good_path()}?{query}", None, desk.headers(route),
                          frozenset(range(200, 500)))
    if route.body is not None:
        yield from wrong_bodies(desk, route)


def wrong_paths(desk: Desk, route: Route) -> Iterator[Refusal]:
    for name in route.ids:
        for value in NO_DAYS if name == "day" else NO_IDS:
            path = route.path.format_map(route.ids | {name: value})
            yield Refusal(route.method, path, route.good_body(), desk.headers(route),
                          statuses_of_path(desk, name, value))


def statuses_of_path(desk: Desk, name: str, value: str) -> frozenset[int]:
    """An id that is none names nothing. Whether %2F ends a segment, and whether bytes that are no
    text make a path at all, is nobody's promise."""
    wanted = {400} if name == "day" or desk.dialect == "performances" else {404}
    return frozenset({400, 404} if value in ("%2F", "1%2F1", "%00", "%FF") else wanted)


def wrong_credentials(desk: Desk, route: Route) -> Iterator[Refusal]:
    """Where none are asked for they change nothing: there, only what is refused anyway is sent.
    A customer may send a token, but not a wrong one."""
    for value in NO_CREDENTIALS:
        headers = {"Authorization": value}
        token_counts = desk.dialect == "customers" and route.body and value.strip().startswith("Bearer ")
        if route.guarded or token_counts:
            yield Refusal(route.method, route.good_path(), route.good_body(), headers, frozenset({401}))
        elif route.body is not None:
            yield Refusal(route.method, route.good_path(), b"{}", headers, frozenset({400}))
        else:
            yield Refusal(route.method, route.good_path(), None, headers, frozenset(range(200, 500)))
    if route.guarded:
        yield Refusal(route.method, route.good_path(), route.good_body(), {}, frozenset({401}))


def wrong_bodies(desk: Desk, route: Route) -> Iterator[Refusal]:
    def sent(content: bytes, statuses: frozenset[int], **headers: str) -> Refusal:
        return Refusal(route.method, route.good_path(), content, desk.headers(route) | headers, statuses)
    good, malformed = route.good_body(), frozenset({400})
    torn = (good[:-1], good + b"x", good + b"\0", b"\xff" + good, good.decode().encode("utf-16"),
            b"[" + good + b"]", json.dumps(good.decode()).encode())
    for content in (*BODIES, *torn):
        yield sent(content, malformed)
    for kind in KINDS:
        yield sent(good, malformed, **{"Content-Type": kind})
    yield sent(good + b" " * BODY_BYTES_MAX, frozenset({413}))
    for value, statuses in wrong_values(route.body):
        yield sent(json.dumps(value).encode(), statuses)


def wrong_values(template: Json) -> Iterator[tuple[Json, frozenset[int]]]:
    """The good body with one thing wrong, at each place of it."""
    good, malformed = plain(template), frozenset({400})
    for place in places(template):
        here = at(template, place)
        required = here.required if isinstance(here, Field) else True
        for value in here.malformed if isinstance(here, Field) else NO_OBJECTS:
            yield replaced(good, place, value), malformed
        for value in here.strange if isinstance(here, Field) else ():
            yield replaced(good, place, value), REFUSED
        if required:
            yield without(good, place), malformed


def plain(template: Json) -> Json:
    if isinstance(template, Field):
        return template.good
    if isinstance(template, dict):
        return {name: plain(value) for name, value in template.items()}
    return [plain(value) for value in template] if isinstance(template, list) else template
