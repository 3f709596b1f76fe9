"""The whole history of a waiting room, read from the database, against the rules of the line.

`onsale verify` proves the same from inside the program; this is written from the rules alone.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Visit:
    """Times are milliseconds; `activated` is None for who was never admitted, `ended` for the living."""

    number: int
    user: int
    state: str
    issued: int
    activated: int | None
    ended: int | None


def visits_of(database: Path, room: int = 1) -> list[Visit]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "select number, user_id, state, issued_at, activated_at, ended_at from visitors"
            " where room_id = ? order by number", (room,)).fetchall()
    finally:
        connection.close()
    return [Visit(*row) for row in rows]


def check_numbers(visits: list[Visit]) -> None:
    """1..n without gaps, in the order of arrival."""
    assert [visit.number for visit in visits] == list(range(1, len(visits) + 1))
    arrivals = [visit.issued for visit in visits]
    assert arrivals == sorted(arrivals)


def check_nobody_overtakes(visits: list[Visit]) -> None:
    """Nobody is admitted while a lower number still waits; so admissions are in order, too."""
    longest, holder = 0, None  # until when somebody with a lower number waited
    for visit in visits:
        if visit.activated is not None:
            assert visit.activated >= longest, f"{visit} overtook {holder}"
        until = next((t for t in (visit.activated, visit.ended) if t is not None), 2**62)
        if until > longest:
            longest, holder = until, visit


def check_sessions(visits: list[Visit], active_max: int, gap_ms_max: int = 100) -> None:
    """Never more active than allowed, and no slot stays free while somebody waits."""
    steps = []
    for visit in visits:
        steps.append((visit.issued, 0, +1))
        if visit.activated is not None:
            steps.append((visit.activated, +1, -1))
        if visit.ended is not None:
            steps.append((visit.ended, *((-1, 0) if visit.activated is not None else (0, -1))))
    by_time: dict[int, list[int]] = {}  # what a batch does at once counts at once
    for at, more_active, more_waiting in steps:
        change = by_time.setdefault(at, [0, 0])
        change[0] += more_active
        change[1] += more_waiting
    active = waiting = 0
    free_since = None
    for at, (more_active, more_waiting) in sorted(by_time.items()):
        active += more_active
        waiting += more_waiting
        assert active <= active_max, f"{active} active at {at}"
        if active < active_max and waiting > 0:
            free_since = free_since or at
        elif free_since:
            assert at - free_since <= gap_ms_max, f"a slot was free for {at - free_since} ms at {at}"
            free_since = None
    assert not free_since, f"a slot is free since {free_since}, and somebody waits"


def check_room(database: Path, active_max: int) -> list[Visit]:
    visits = visits_of(database)
    check_numbers(visits)
    check_nobody_overtakes(visits)
    check_sessions(visits, active_max)
    return visits
