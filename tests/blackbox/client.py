"""HTTP as a careful client speaks it: every answer is checked for what all answers have."""

import asyncio
import json as json_module
import time
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from types import TracebackType
from typing import Any

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy

ANSWER_SECONDS_MAX = 60
Json = Any
# What a load balancer says for a server that ended, or hangs.
GATEWAY_FAILED = (502, 504)


@dataclass
class Answer:
    """One answer. `body` is its JSON, parsed when asked for."""

    method: str
    path: str
    status: int
    headers: "CIMultiDictProxy[str] | CIMultiDict[str]"
    content: bytes

    @cached_property
    def body(self) -> Json:
        return json_module.loads(self.content)

    @property
    def slug(self) -> str:
        """Which problem it is; empty for none."""
        return self.body["type"].removeprefix("/problems/") if self.status >= 400 else ""

    def expect(self, *statuses: int) -> Json:
        """The body of an answer that has to have one of these statuses."""
        assert self.status in statuses, f"wanted {statuses}: {self}"
        return self.body

    def refused(self, status: int, slug: str) -> Json:
        """The body of the problem that it has to be."""
        assert (self.status, self.slug) == (status, slug), f"wanted {status} {slug}: {self}"
        return self.body

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status} {self.content[:500]!r}"


def check_problem(answer: Answer) -> None:
    """RFC 9457, with the members this API promises."""
    assert answer.headers.get("Content-Type") == "application/problem+json", str(answer)
    body = answer.body
    assert body["type"].startswith("/problems/") and len(body["type"]) > len("/problems/"), str(answer)
    assert body["status"] == answer.status, str(answer)
    assert isinstance(body["title"], str) and body["title"], str(answer)
    if answer.status in (429, 503):
        assert int(answer.headers["Retry-After"]) == body["retry_after"] >= 1, str(answer)
    if answer.status == 405:
        assert answer.headers.get("Allow"), str(answer)


class Api:
    """A client of one server. Refuses to go on after a 5xx that was not announced.

    With `unavailable_ok`, 503 is an answer like any other, and 502 or 504 of a load balancer too.
    """

    def __init__(self, url: str, *, connections: int = 128, unavailable_ok: bool = False) -> None:
        self.url = url
        self.unavailable_ok = unavailable_ok
        self.problem_types: set[str] = set()
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Api":
        connector = aiohttp.TCPConnector(limit=self._connections)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers={"User-Agent": "onsale-tests"},
            skip_auto_headers=["Accept-Encoding", "Content-Type"])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self._session.close()

    async def call(self, method: str, path: str, *, token: str | None = None, json: Json = None,
                   data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Sends `json`, or `data` as it is (as JSON, unless `headers` say otherwise)."""
        sent = CIMultiDict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if json is not None:
            data = json_module.dumps(json).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self._session.request(method, self.url + path, data=data, headers=sent) as reply:
            answer = Answer(method, path, reply.status, reply.headers, await reply.read())
        self._check(answer)
        return answer

    async def get(self, path: str, token: str | None = None, **options: Any) -> Answer:
        return await self.call("GET", path, token=token, **options)

    async def post(self, path: str, json: Json = None, token: str | None = None,
                   **options: Any) -> Answer:
        return await self.call("POST", path, json=json, token=token, **options)

    async def delete(self, path: str, token: str | None = None, **options: Any) -> Answer:
        return await self.call("DELETE", path, token=token, **options)

    async def sign_in(self, email: str, password: str = "onsale") -> str:
        session = await self.post("/v1/sessions", {"email": email, "password": password})
        return session.expect(201)["access_token"]

    async def pages(self, path: str, token: str | None = None, limit: int = 200) -> list[Json]:
        """All items of a list."""
        items: list[Json] = []
        after = 0
        while True:
            page = (await self.get(f"{path}?limit={limit}&after={after}", token)).expect(200)
            items += page["items"]
            if page["next"] is None:
                return items
            after = page["next"]

    async def wait_until_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while (answer := await self.get("/readyz")).status != 200:
            assert time.monotonic() < deadline, f"not ready again: {answer}"
            await asyncio.sleep(0.05)

    def _check(self, answer: Answer) -> None:
        if answer.status < 400:
            return
        if answer.status in GATEWAY_FAILED and self.unavailable_ok:
            return
        allowed = answer.status < 500 or (answer.status == 503 and self.unavailable_ok)
        assert allowed, f"the server is at fault: {answer}"
        if answer.method != "HEAD":
            check_problem(answer)
            self.problem_types.add(answer.body["type"])


async def sign_in_all(api: Api, count: int) -> list[str]:
    """The access tokens of the demo's first buyers."""
    return await asyncio.gather(*(api.sign_in(f"fan{n}@example.com") for n in range(1, count + 1)))


async def until_ready_is(api: Api, status: int, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while (await api.get("/readyz")).status != status:
            await asyncio.sleep(0.05)


class SteadyApi(Api):
    """Asks again when there was no answer, or 502 to 504: for servers that go down and come back.

    Each try must be harmless to repeat: by nature or by its Idempotency-Key. With the URLs of
    several nodes, it asks the next one.
    """

    def __init__(self, *urls: str, connections: int = 128, patience: float = 60) -> None:
        super().__init__(urls[0], connections=connections, unavailable_ok=True)
        self.patience = patience
        self._nodes = cycle(urls[1:] + urls[:1])

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                answer = await super().call(method, path, **options)
                if answer.status not in (503, *GATEWAY_FAILED):
                    return answer
                last = str(answer)
            except (aiohttp.ClientError, OSError) as error:
                last = repr(error)
            assert time.monotonic() < deadline, f"{method} {path}: no answer: {last}"
            self.url = next(self._nodes)
            await asyncio.sleep(0.1)


class Buyer:
    """One person with an access token."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.token = token

    async def enter(self, room: int = 1, key: str | None = None) -> Answer:
        return await self._write("POST", f"/v1/waiting-rooms/{room}/visitors", None, key)

    async def leave(self, visitor: str) -> Answer:
        return await self._write("DELETE", f"/v1/visitors/{visitor}", None, None)

    async def hold(self, event: int, performance: int, seats: list[int],
                   key: str | None = None) -> Answer:
        chosen = [{"performance_id": performance, "seat_id": seat} for seat in seats]
        return await self._write("POST", "/v1/reservations", {"event_id": event, "seats": chosen}, key)

    async def charge(self, amount: int, key: str | None = None) -> Answer:
        return await self._write("POST", "/v1/wallet/charges", {"amount": amount}, key)

    async def pay(self, reservation: int, key: str | None = None) -> Answer:
        return await self._write("POST", f"/v1/reservations/{reservation}/payment", {}, key)

    async def cancel(self, reservation: int) -> Answer:
        return await self._write("DELETE", f"/v1/reservations/{reservation}", None, None)

    async def balance(self) -> int:
        return (await self.api.get("/v1/wallet", self.token)).expect(200)["balance"]

    async def wait_until_active(self, visitor: str, pause: float = 0.05,
                                seconds: float = 60) -> Json:
        """Polls until admitted; the visitor's last body, also if the visit ended instead."""
        deadline = time.monotonic() + seconds
        while True:
            body = (await self.api.get(f"/v1/visitors/{visitor}")).expect(200)
            if body["state"] != "waiting":
                return body
            assert time.monotonic() < deadline, f"still waiting after {seconds} s: {body}"
            await asyncio.sleep(pause)

    async def shop(self, event: int, performance: int, seats: list[int]) -> Json:
        """Enters an idle room, holds, charges and pays; the paid reservation."""
        (await self.enter()).expect(200, 201)
        held = (await self.hold(event, performance, seats)).expect(201)
        (await self.charge(held["total"])).expect(201)
        return (await self.pay(held["id"])).expect(201)

    async def _write(self, method: str, path: str, json: Json, key: str | None) -> Answer:
        headers = {"Idempotency-Key": key} if key else None
        return await self.api.call(method, path, token=self.token, json=json, headers=headers)


async def seats_of(api: Api, performance: int) -> list[Json]:
    return (await api.get(f"/v1/performances/{performance}/seats")).expect(200)["seats"]
