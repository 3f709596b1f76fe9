"""A client of the ALTCHA protocol: what the widget does, with nothing but hashlib."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs

from blackbox.client import Json

MEMBERS = ("algorithm", "challenge", "maxnumber", "salt", "signature")


def number_of(challenge: Json) -> int:
    """What solves it."""
    salt, wanted = challenge["salt"].encode(), challenge["challenge"]
    for number in range(challenge["maxnumber"] + 1):
        if hashlib.sha256(salt + str(number).encode()).hexdigest() == wanted:
            return number
    raise AssertionError(f"no number solves {challenge}")


def encode(challenge: Json, number: int, /, **instead: Any) -> str:
    """What the widget sends; `instead` are members that it would not send like this."""
    payload = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    payload |= {"number": number, "took": 12.5}
    return base64.b64encode(json.dumps(payload | instead).encode()).decode()


def solve(challenge: Json) -> str:
    return encode(challenge, number_of(challenge))


def terms(challenge: Json) -> dict[str, str]:
    """What stands in the salt."""
    query = parse_qs(challenge["salt"].partition("?")[2], strict_parsing=False)
    return {name: values[0] for name, values in query.items()}
