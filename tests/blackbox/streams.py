"""Server-sent events as a careful client hears them: nothing but what the standard allows."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import aiohttp

EVENT_SECONDS_MAX = 60
Json = Any


@dataclass
class Event:
    id: str
    name: str
    data: Json


@dataclass
class Fields:
    """Of the event that is being heard."""

    id: str | None = None
    name: str = ""
    data: list[str] = field(default_factory=list)


class Stream:
    """One connection. `last_id` is what a browser would send when it comes back."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self.reply = reply
        self.last_id = ""
        self.retry: int | None = None
        self.comments = 0
        self._fields = Fields()

    async def next(self) -> Event | None:
        """The next event, None when the stream has ended as it should."""
        while (line := await self._line()) is not None:
            if line:
                self._take(line)
            elif event := self._dispatch():
                return event
        assert self._fields == Fields(), f"ended within an event: {self._fields}"
        return None

    async def expect(self) -> Event:
        event = await self.next()
        assert event, "the stream has ended"
        return event

    async def until(self, condition: Callable[[Json], bool]) -> Event:
        """The first event whose data are as wanted."""
        while True:
            event = await self.expect()
            if condition(event.data):
                return event

    async def wait_for_comment(self) -> None:
        """A heartbeat, and nothing else before it."""
        heard = self.comments
        while self.comments == heard:
            line = await self._line()
            assert line is not None, "the stream has ended"
            self._take(line)

    async def ends(self) -> list[Event]:
        """What comes until the end, which must come."""
        events = []
        while event := await self.next():
            events.append(event)
        return events

    def close(self) -> None:
        self.reply.close()

    async def _line(self) -> str | None:
        line = await asyncio.wait_for(self.reply.content.readline(), EVENT_SECONDS_MAX)
        assert not line or line.endswith(b"\n"), f"ended within a line: {line!r}"
        return line.decode().removesuffix("\n") if line else None

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "":
            self.comments += 1
        elif name == "id":
            self._fields.id = value
        elif name == "event":
            self._fields.name = value
        elif name == "data":
            self._fields.data.append(value)
        else:
            assert name == "retry", f"not a field: {line}"
            self.retry = int(value)

    def _dispatch(self) -> Event | None:
        fields, self._fields = self._fields, Fields()
        self.last_id = self.last_id if fields.id is None else fields.id
        if not fields.data:
            assert not fields.name, f"an event without data: {fields}"
            return None
        return Event(self.last_id, fields.name, json.loads("\n".join(fields.data)))


class Listener:
    """Opens streams of one server, as many as it likes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Listener":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None),
            read_bufsize=2**20)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self._session.close()

    async def ask(self, path: str, last_id: str = "", method: str = "GET",
                  **options: Any) -> aiohttp.ClientResponse:
        """The answer's header; its body is the caller's."""
        options["headers"] = {"Accept": "text/event-stream"} | options.get("headers", {})
        if last_id:
            options["headers"]["Last-Event-ID"] = last_id
        return await self._session.request(method, self.url + path, **options)

    async def open(self, path: str, last_id: str = "") -> Stream:
        reply = await self.ask(path, last_id)
        assert reply.status == 200, f"{path}: {reply.status} {await reply.text()}"
        assert reply.headers["Content-Type"] == "text/event-stream"
        assert reply.headers["Cache-Control"] == "no-store"
        stream = Stream(reply)
        stream.last_id = last_id
        return stream

    async def visitor(self, token: str, last_id: str = "") -> Stream:
        return await self.open(f"/v1/visitors/{token}/stream", last_id)

    async def seats(self, performance: int, last_id: str = "", since: int | None = None) -> Stream:
        query = "" if since is None else f"?since={since}"
        return await self.open(f"/v1/performances/{performance}/seats/stream{query}", last_id)
