"""What the clients of all dialects share: an error is checked by the dialect's own form."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from blackbox.client import Answer, Api, Json

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
WORDS = re.compile(r"\S")


class DialectApi(Api):
    """Every answer of 400 and above has to have the form that `check_error` knows."""

    def __init__(self, url: str, check_error: Callable[[Answer], None], **options: Any) -> None:
        super().__init__(url, **options)
        self._check_error = check_error

    def _check(self, answer: Answer) -> None:
        if answer.status < 400:
            return
        allowed = answer.status < 500 or (answer.status == 503 and self.unavailable_ok)
        assert allowed, f"the server is at fault: {answer}"
        if answer.method == "HEAD":
            return
        kind = answer.headers.get("Content-Type", "")
        assert kind.split(";")[0] == "application/json", str(answer)
        self._check_error(answer)
        if answer.status == 405:
            assert answer.headers.get("Allow"), str(answer)
        if answer.status == 503:
            assert int(answer.headers["Retry-After"]) >= 1, str(answer)


def reason_phrase(answer: Answer) -> str | re.Pattern[str]:
    """What stands for a status in words. The standard has changed its mind about one of them."""
    return re.compile("Too Large$") if answer.status == 413 else HTTPStatus(answer.status).phrase


def check_retry_after(answer: Answer) -> None:
    """Whoever waits is told when to ask again: soon, as long as few wait."""
    assert 1 <= int(answer.headers["Retry-After"]) <= 10, str(answer.headers)


def milliseconds(instant: str) -> int:
    """Since 1970, of a time as the native API writes it."""
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


def has_shape(value: Json, shape: Json) -> None:
    """Is `value` made like `shape`? In a shape stand types, patterns for strings, None, literal
    values, tuples of alternatives, lists of one shape for all items, and objects with exactly
    the members named.
    """
    problem = _misfit(value, shape, "")
    assert problem is None, f"{problem}\nin {value!r}"


def _misfit(value: Json, shape: Json, at: str) -> str | None:
    if isinstance(shape, tuple):
        misfits = [_misfit(value, one, at) for one in shape]
        return None if None in misfits else misfits[0]
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            return f"{at or 'the answer'} has other members than {sorted(shape)}: {value!r}"
        return next((m for key in shape if (m := _misfit(value[key], shape[key], f"{at}.{key}"))), None)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{at} is no list: {value!r}"
        return next((m for i, item in enumerate(value) if (m := _misfit(item, shape[0], f"{at}[{i}]"))),
                    None)
    if isinstance(shape, re.Pattern):
        fits = isinstance(value, str) and shape.search(value) is not None
    elif isinstance(shape, type):
        fits = type(value) is shape  # True is no int here
    else:
        fits = type(value) is type(shape) and value == shape
    return None if fits else f"{at} is not {shape!r}: {value!r}"
