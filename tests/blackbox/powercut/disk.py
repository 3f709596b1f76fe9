"""What is on a disk for certain and what may be, after each event of a trace.

For certain is what was done before a sync began that has ended well: of a file its bytes and its
size, of a directory its names (each has to be synced for itself). Everything else may have reached
the disk or not, sector by sector and name by name, in any order: `Reach` says up to which event.

Of one sector the later writes come with the earlier ones, since they are made in the same page in
memory. What a failed sync did not write stays in memory as if it had been: no later sync writes it,
unless its page is written to again.
"""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from blackbox.powercut.trace import Event

PAGE = 4096


class NotUnderstood(Exception):
    """The trace has something in it that this model knows nothing of."""


class Reach(Protocol):
    """Up to which event, by its number, things have reached the disk."""

    sector: int

    def data(self, node: int, sector: int, forgotten: bool) -> int:
        """`forgotten`: a sync failed, and the system takes the page for written."""

    def size(self, node: int) -> int: ...

    def name(self, node: int, name: str) -> int: ...


@dataclass(slots=True)
class Write:
    """Within one page."""

    when: int
    at: int
    data: bytes | memoryview


@dataclass(slots=True)
class Resize:
    when: int
    size: int
    shrinks: bool


@dataclass
class File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write | Resize] = field(default_factory=list)
    size: int = 0  # as the system says
    unwritten: dict[int, int] = field(default_factory=dict)  # pages the system will write: when last changed

    def write(self, when: int, at: int, data: memoryview) -> None:
        if at + len(data) > self.size:
            self.resize(when, at + len(data))
        for begin, end in pieces(at, at + len(data), PAGE):
            self.pending.append(Write(when, begin, data[begin - at:end - at]))
            self.unwritten[begin // PAGE] = when

    def resize(self, when: int, size: int) -> None:
        if size == self.size:
            return
        self.pending.append(Resize(when, size, size < self.size))
        if size < self.size:
            self.unwritten[size // PAGE] = when  # its rest is zeroed
        self.size = size

    def synced(self, began: int) -> None:
        """What was pending before `began` is there now, but for what was forgotten."""
        size = len(self.durable)
        left: list[Write | Resize] = []
        for change in self.pending:
            if change.when >= began:
                left.append(change)
            elif isinstance(change, Resize):
                size = change.size
                del self.durable[size:]
                if change.shrinks:
                    left = list(cut(left, size))
            elif change.at // PAGE in self.unwritten:
                put(self.durable, change.at, change.data)
            else:
                left.append(change)
        fit(self.durable, size)
        self.pending = left
        self._written(began)

    def sync_failed(self, began: int) -> None:
        self._written(began)

    def _written(self, began: int) -> None:
        self.unwritten = {page: when for page, when in self.unwritten.items() if when >= began}

    def image(self, node: int, reach: Reach) -> bytearray:
        content = bytearray(self.durable)
        size, size_reached = len(content), reach.size(node)
        end_reached = None  # where the file was to be cut and was not: nothing later comes after it
        for change in self.pending:
            if isinstance(change, Resize):
                if change.when <= size_reached:
                    size = change.size
                    del content[size:]
                elif change.shrinks:
                    end_reached = min(change.size, end_reached or change.size)
                continue
            forgotten = change.at // PAGE not in self.unwritten
            for begin, end in pieces(change.at, change.at + len(change.data), reach.sector):
                if end_reached is not None and end > end_reached:
                    continue
                if change.when <= reach.data(node, begin // reach.sector, forgotten):
                    put(content, begin, change.data[begin - change.at:end - change.at])
        fit(content, size)
        return content


@dataclass
class Directory:
    durable: dict[str, int] = field(default_factory=dict)  # nodes by name
    pending: list[tuple[int, dict[str, int | None]]] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=dict)

    def change(self, when: int, names: dict[str, int | None]) -> None:
        self.pending.append((when, names))
        update(self.now, names)

    def synced(self, began: int) -> None:
        for when, names in self.pending:
            if when < began:
                update(self.durable, names)
        self.pending = [change for change in self.pending if change[0] >= began]

    def sync_failed(self, began: int) -> None:
        pass

    def image(self, node: int, reach: Reach) -> dict[str, int]:
        """What renames a file changes both names or none."""
        names = dict(self.durable)
        for when, changed in self.pending:
            if all(when <= reach.name(node, name) for name in changed):
                update(names, changed)
        return names


class Disk:
    """Everything below the folder that is recorded, which is there for certain."""

    def __init__(self) -> None:
        self.root = ""
        self.nodes: list[File | Directory] = [Directory()]
        self._of_inode: dict[int, int] = {}
        self._syncs: dict[tuple[int, int], tuple[int, int]] = {}
        self.when = 0

    def apply(self, event: Event) -> None:
        self.when += 1
        match event.kind:
            case "P":
                self.root = event.path
                self._of_inode[event.inode] = 0
            case "O" | "M":
                self._opened(event)
            case "W":
                self._file(event).write(self.when, event.at, memoryview(event.data))
            case "T":
                self._file(event).resize(self.when, event.at)
            case "E":
                self._file(event).resize(self.when, max(event.at, self._file(event).size))
            case "S":
                self._syncs[event.process, event.at] = self._node(event), self.when
            case "s" | "f":
                node, began = self._syncs.pop((event.process, event.at))
                synced = self.nodes[node]
                synced.synced(began) if event.kind == "s" else synced.sync_failed(began)
            case "U":
                folder, name = self._find(event.path)
                folder.change(self.when, {name: None})
            case "R" | "L":
                self._renamed(event)
            case "A":
                pass
            case _:
                raise NotUnderstood(f"event {self.when}: {event}")

    def apply_all(self, events: Iterable[Event]) -> "Disk":
        for event in events:
            self.apply(event)
        return self

    def image(self, reach: Reach) -> dict[str, bytearray | None]:
        """Paths from the root, with the content of files and None for directories."""
        return dict(self._below(0, "", reach))

    def pending_writes(self) -> dict[int, tuple[int, int, int]]:
        """Node, begin and end of what may have reached the disk, by event."""
        found: dict[int, tuple[int, int, int]] = {}
        for node, file in enumerate(self.nodes):
            for change in file.pending if isinstance(file, File) else ():
                if isinstance(change, Write):
                    begin, end = change.at, change.at + len(change.data)
                    _, first, last = found.get(change.when, (node, begin, end))
                    found[change.when] = node, min(begin, first), max(end, last)
        return found

    def _below(self, node: int, path: str, reach: Reach) -> Iterator[tuple[str, bytearray | None]]:
        for name, child in sorted(self.nodes[node].image(node, reach).items()):
            of = self.nodes[child]
            if isinstance(of, File):
                yield path + name, of.image(child, reach)
            else:
                yield path + name, None
                yield from self._below(child, f"{path}{name}/", reach)

    def _node(self, event: Event) -> int:
        try:
            return self._of_inode[event.inode]
        except KeyError:
            raise NotUnderstood(f"event {self.when}: of a file that was there before: {event}") from None

    def _file(self, event: Event) -> File:
        return self.nodes[self._node(event)]

    def _opened(self, event: Event) -> None:
        if event.kind == "O" and not event.created:
            self._node(event)
            return
        folder, name = self._find(event.path)
        made = event.kind == "M" or event.directory
        self.nodes.append(Directory() if made else File())
        self._of_inode[event.inode] = len(self.nodes) - 1
        folder.change(self.when, {name: len(self.nodes) - 1})

    def _renamed(self, event: Event) -> None:
        (before, old), (after, new) = (self._find(path) for path in event.path.split("\n"))
        node = before.now[old]
        if event.kind == "R" and before is not after:
            raise NotUnderstood(f"event {self.when}: renamed into another directory: {event.path}")
        if event.kind == "L":
            after.change(self.when, {new: node})
        elif after.now.get(new) != node:  # two names of one file both stay
            after.change(self.when, {old: None, new: node})

    def _find(self, path: str) -> tuple[Directory, str]:
        path = posixpath.normpath(path)
        if not path.startswith(self.root + "/"):
            raise NotUnderstood(f"event {self.when}: {path} is not below {self.root}")
        *folders, name = path[len(self.root) + 1:].split("/")
        node = 0
        for each in folders:
            node = self.nodes[node].now[each]
        return self.nodes[node], name


def pieces(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """The range cut where blocks of that size meet."""
    while begin < end:
        until = min(end, begin - begin % size + size)
        yield begin, until
        begin = until


def cut(changes: list[Write | Resize], size: int) -> Iterator[Write | Resize]:
    """Without what was written beyond that size."""
    for change in changes:
        if isinstance(change, Resize):
            yield change
        elif change.at < size:
            yield Write(change.when, change.at, change.data[:size - change.at])


def put(content: bytearray, at: int, data: bytes | memoryview) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at:at + len(data)] = data


def fit(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def update(names: dict[str, int], changed: dict[str, int | None]) -> None:
    for name, node in changed.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node
