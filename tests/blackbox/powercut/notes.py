"""What was asked and answered before the power went, and when."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aiohttp

from blackbox.client import Answer, Api
from blackbox.powercut.trace import Trace


@dataclass(frozen=True)
class Request:
    kind: str
    user: int  # 0 for somebody without a token
    method: str
    path: str
    sent: Any
    key: str | None = None

    async def ask(self, api: Api, token: str | None) -> Answer:
        return await api.call(self.method, self.path, token=token, json=self.sent,
                              headers={"Idempotency-Key": self.key} if self.key else None)


@dataclass(frozen=True)
class Note:
    """A promise: what was answered must be there, from when it was sent on.

    `asked` and `noted` are positions of the trace, before the question and after the answer.
    `after_accident`: a new process gave it from what it had found.
    """

    request: Request
    asked: int
    noted: int
    status: int
    text: str
    after_accident: bool = False

    @cached_property
    def answer(self) -> Any:
        return json.loads(self.text)

    def since(self, trace: Trace) -> int:
        """The number of the event from which on it is promised."""
        told = trace.answered_at(self.text.encode(), self.asked) if self.status else None
        return told or trace.count_at(self.noted)

    def __str__(self) -> str:
        asked = self.request
        return f"{asked.kind} of user {asked.user}, key {asked.key}: {self.status} {self.text[:160]}"


class Notebook:
    def __init__(self, trace: Path) -> None:
        self.trace = trace
        self.notes: list[Note] = []
        self.unanswered: list[Request] = []

    @property
    def position(self) -> int:
        return self.trace.stat().st_size

    def promise(self, kind: str) -> None:
        """What was said without being asked: that it is ready, that it is done."""
        now = self.position
        self.notes.append(Note(Request(kind, 0, "", "", None), now, now, 0, "null"))

    async def ask(self, api: Api, request: Request, token: str | None, after_accident: bool = False) -> Answer:
        """Notes what is answered. Raises what `api` does; then, and if it is 503, it is unanswered."""
        asked = self.position
        try:
            answer = await request.ask(api, token)
        except (aiohttp.ClientError, OSError):
            self.unanswered.append(request)
            raise
        if answer.status < 300:
            self.notes.append(Note(request, asked, self.position, answer.status, answer.content.decode(),
                                   after_accident))
        elif answer.status == 503:
            self.unanswered.append(request)
        else:
            assert request.kind in ("hold", "pay", "cancel"), str(answer)
        return answer

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([asdict(note) for note in self.notes]))

    @staticmethod
    def load(path: Path) -> list[Note]:
        return [Note(**(each | {"request": Request(**each["request"])}))
                for each in json.loads(path.read_text())]
