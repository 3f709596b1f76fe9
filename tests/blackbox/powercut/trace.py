"""What the recorder (fault/recording_disk.c) wrote down, read back."""

import struct
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# kind, created, directory, path_bytes, data_bytes, pid, inode, at
RECORD = struct.Struct("<BBBxIIIQQ")


@dataclass(slots=True)
class Event:
    """One change, one end of a sync, or one answer.

    kind  P a process begins; O opened, `created` if the name was not there; M a directory made;
          W `data` written at `at`; T cut or grown to `at` bytes; E grown to at least `at` bytes;
          S a sync begins, s it ended well, f it failed, `at` is its number;
          U removed, R renamed, L linked, both names in `path`; X what is not understood
          A an answer that is about to be sent: `data` is its head and body
    """

    kind: str
    inode: int = 0
    at: int = 0
    data: bytes | memoryview = b""
    path: str = ""
    created: bool = False
    directory: bool = False
    process: int = 0


class Trace:
    """All events in the order in which they were done. A position is a size that the file had."""

    def __init__(self, content: bytes) -> None:
        self.events: list[Event] = []
        self._ends: list[int] = []
        self._answers: defaultdict[bytes, list[int]] = defaultdict(list)
        for event, end in _events_of(memoryview(content)):
            self.events.append(event)
            self._ends.append(end)
            if event.kind == "A":
                self._answers[bytes(event.data).partition(b"\r\n\r\n")[2]].append(len(self.events))

    @classmethod
    def read(cls, path: Path) -> "Trace":
        return cls(path.read_bytes())

    def count_at(self, position: int) -> int:
        """How many events were done by then, at most."""
        return min(bisect_left(self._ends, position) + 1, len(self._ends)) if position else 0

    def answered_at(self, body: bytes, asked: int) -> int | None:
        """The number of the event in which this answer, to a question at that position, was sent."""
        after = self.count_at(asked)
        return next((number for number in self._answers[body] if number > after), None)


def _events_of(content: memoryview) -> Iterator[tuple[Event, int]]:
    begin = 0
    while begin + RECORD.size <= len(content):
        kind, created, directory, path_bytes, data_bytes, process, inode, at = RECORD.unpack_from(
            content, begin)
        data = begin + RECORD.size + path_bytes
        end = data + data_bytes
        if end > len(content):
            return  # it is being written
        path = bytes(content[begin + RECORD.size:data]).decode()
        yield Event(chr(kind), inode, at, content[data:end], path, bool(created), bool(directory),
                    process), end
        begin = end
