"""What was asked and answered before the power went, and when."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blackbox.client import Answer, Api


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
    """A promise: from this position of the trace on, what was answered must be there.

    `after_accident`: it is one of the answers between a start and the first new sale.
    """

    request: Request
    position: int
    status: int
    answer: Any
    after_accident: bool = False

    def __str__(self) -> str:
        asked = self.request
        said = json.dumps(self.answer)[:160]
        return f"{asked.kind} of user {asked.user}, key {asked.key}: {self.status} {said}"


class Notebook:
    def __init__(self, trace: Path) -> None:
        self.trace = trace
        self.notes: list[Note] = []
        self.unanswered: list[Request] = []

    @property
    def position(self) -> int:
        return self.trace.stat().st_size

    def promise(self, kind: str, answer: Any = None, after_accident: bool = False) -> None:
        """What was said without being asked: that it is ready, that it is done."""
        self.notes.append(Note(Request(kind, 0, "", "", None), self.position, 0, answer, after_accident))

    def note(self, request: Request, answer: Answer, after_accident: bool = False) -> None:
        position = self.position
        if answer.status < 300:
            self.notes.append(Note(request, position, answer.status, answer.body, after_accident))
        elif answer.status == 503:
            self.unanswered.append(request)
        else:
            assert request.kind in ("hold", "pay", "cancel"), str(answer)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([asdict(note) for note in self.notes]))

    @staticmethod
    def load(path: Path) -> list[Note]:
        return [Note(**(each | {"request": Request(**each["request"])}))
                for each in json.loads(path.read_text())]
