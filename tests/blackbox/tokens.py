"""Access tokens without signing in: a password costs the server tens of milliseconds.

They are signed here with the key that is kept with the data, just as `onsale user token` does
(which is tested in e2e/test_cli.py), but for a thousand fans at once.
"""

import base64
import hashlib
import hmac
import json
import sqlite3
import time
from pathlib import Path

ORGANISER = 1001
STAFF = 1002


def fan_email(number: int) -> str:
    return f"fan{number}@example.com"


class Tokens:
    """For the people of the demo, whose ids are known: fan n is user n."""

    def __init__(self, database: Path) -> None:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            row = connection.execute("select value from secrets where name = 'access-token-key'")
            self._key = row.fetchone()[0].encode()
        connection.close()

    def fan(self, number: int) -> str:
        return self.issue(number, "buyer")

    def organiser(self) -> str:
        return self.issue(ORGANISER, "organiser")

    def staff(self) -> str:
        return self.issue(STAFF, "staff")

    def issue(self, user_id: int, role: str, lifetime: int = 3600) -> str:
        now = int(time.time())
        claims = {"iss": "onsale", "sub": str(user_id), "role": role, "iat": now,
                  "exp": now + lifetime}
        signed = b".".join(_part(json.dumps(each).encode())
                           for each in ({"alg": "HS256", "typ": "JWT"}, claims))
        signature = hmac.new(self._key, signed, hashlib.sha256).digest()
        return (signed + b"." + _part(signature)).decode()


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
