"""Whole bodies, field by field: exactly these fields, each of this kind."""

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]
Shape = dict[str, Any]  # field -> Check, or a nested Shape, or [what each item is]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def whole(value: Any) -> bool:
    return type(value) is int


def an_id(value: Any) -> bool:
    return whole(value) and value >= 1


def count(value: Any) -> bool:
    return whole(value) and value >= 0


def text(value: Any) -> bool:
    return isinstance(value, str)


def words(value: Any) -> bool:
    return text(value) and value != ""


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return type(value) in (int, float)


def moment(value: Any) -> bool:
    return text(value) and TIME.fullmatch(value) is not None


def uuid(value: Any) -> bool:
    return text(value) and UUID.fullmatch(value) is not None


def none(value: Any) -> bool:
    return value is None


def one_of(*values: Any) -> Check:
    def check(value: Any) -> bool:
        return value in values
    return check


def just(wanted: Any) -> Check:
    def check(value: Any) -> bool:
        return type(value) is type(wanted) and value == wanted
    return check


def maybe(check: Check) -> Check:
    def check_or_null(value: Any) -> bool:
        return value is None or check(value)
    return check_or_null


def check(value: Any, shape: Any, place: str = "body") -> None:
    """Fails with the place that is not as the shape says."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), f"{place} is {value!r}, not an object"
        assert list(value) == list(shape), f"{place} has {list(value)}, not {list(shape)}"
        for name, inner in shape.items():
            check(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{place} is {value!r}, not an array"
        for index, item in enumerate(value):
            check(item, shape[0], f"{place}[{index}]")
    else:
        assert shape(value), f"{place} is {value!r}"


def page_of(shape: Any) -> Shape:
    return {"items": [shape], "next": maybe(an_id)}


CURRENCY = just("KRW")

USER: Shape = {"id": an_id, "email": words, "name": words,
               "role": one_of("buyer", "staff", "organiser"), "created_at": moment}
SESSION: Shape = {"access_token": words, "token_type": just("Bearer"), "expires_at": moment,
                  "user": USER}
VENUE: Shape = {"id": an_id, "name": words, "location": text, "time_zone": words}
EVENT: Shape = {"id": an_id, "title": words, "artist": text, "venue": VENUE,
                "waiting_room_id": an_id, "sales_open_at": moment,
                "sales_close_at": maybe(moment), "on_sale": flag, "seats_per_user_max": an_id,
                "hold_seconds": an_id, "currency": CURRENCY}
PERFORMANCE: Shape = {"id": an_id, "event_id": an_id, "name": words, "starts_at": moment,
                      "sales_open_at": moment, "sales_close_at": moment, "on_sale": flag,
                      "seats_total": count, "seats_available": count, "price_from": count,
                      "currency": CURRENCY, "price_tiers": [{"name": words, "price": count}]}
SEAT: Shape = {"id": an_id, "label": words, "section": text, "row": text, "price_tier": words,
               "price": count, "x": number, "y": number,
               "status": one_of("available", "held", "sold", "blocked")}
SEAT_MAP: Shape = {"performance_id": an_id, "version": count, "seats": [SEAT]}
VISITOR: Shape = {"token": uuid, "room_id": an_id, "number": an_id,
                  "state": one_of("waiting", "active", "completed", "expired", "left"),
                  "position": maybe(count), "people_behind": maybe(count),
                  "estimated_wait": maybe(count), "estimated_wait_min": maybe(count),
                  "estimated_wait_max": maybe(count), "admissions_per_minute": maybe(count),
                  "seats_left": maybe(count),
                  "issued_at": moment,
                  "activated_at": maybe(moment), "expires_at": maybe(moment)}
LINE: Shape = {"performance_id": an_id, "seat_id": an_id, "label": words, "price": count,
               "ticket_id": maybe(an_id)}
RESERVATION: Shape = {"id": an_id, "event_id": an_id,
                      "state": one_of("held", "paid", "refunded", "expired", "canceled"),
                      "total": count, "currency": CURRENCY, "created_at": moment,
                      "expires_at": moment, "paid_at": maybe(moment),
                      "attendee_name": maybe(words), "lines": [LINE]}
TICKET: Shape = {"id": an_id, "reservation_id": an_id, "event_id": an_id, "event_title": words,
                 "performance_id": an_id, "performance_name": words, "starts_at": moment,
                 "venue": words, "seat_id": an_id, "label": words, "section": text, "row": text,
                 "price": count, "currency": CURRENCY, "attendee_name": maybe(words),
                 "state": one_of("issued", "checked_in", "void"), "issued_at": moment}
WALLET: Shape = {"balance": count, "currency": CURRENCY}
CHARGE: Shape = {"transfer_id": an_id, "amount": an_id, "balance": count, "currency": CURRENCY}
TRANSFER: Shape = {"id": an_id, "created_at": moment, "amount": whole,
                   "cause": one_of("charge", "payment", "refund"), "reservation_id": maybe(an_id),
                   "seat_id": maybe(an_id), "balance_after": count, "currency": CURRENCY}
PROBLEM_ERRORS = [{"field": text, "message": words}]
