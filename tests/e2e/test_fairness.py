"""Fairness that can be checked: the audit of the journal, published draws and receipts.

Everything is checked a second time from outside, as anybody could: places with hashlib,
signatures with a few lines of arithmetic (blackbox/ed25519.py).
"""

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from blackbox.binary import ROOT, run, run_ok
from blackbox.client import Api, Buyer, Json, seats_of
from blackbox.ed25519 import signature_holds
from blackbox.page import Page
from blackbox.server import Server

ROOM = "/v1/waiting-rooms/1"
FANS = 60
Record = dict[str, Json]


async def change(api: Api, server: Server, room: str = ROOM, **what: Json) -> Json:
    return (await api.call("PATCH", room, json=what, token=server.tokens.organiser())).expect(200)


@dataclass
class Guest:
    """A visitor and who it is."""

    buyer: Buyer
    number: int
    token: str

    async def leave(self) -> None:
        assert (await self.buyer.leave(self.token)).expect(200)["state"] == "left"

    async def pay_for(self, seat: int) -> None:
        held = (await self.buyer.hold(1, 1, [seat])).expect(201)
        (await self.buyer.charge(held["total"])).expect(201)
        (await self.buyer.pay(held["id"])).expect(201)


async def enter_all(api: Api, server: Server, fans: range, room: int = 1) -> dict[int, Guest]:
    """Everybody at once; by number."""
    async def enter(buyer: Buyer) -> Guest:
        visitor = (await buyer.enter(room)).expect(201)
        return Guest(buyer, visitor["number"], visitor["token"])
    guests = await asyncio.gather(*(enter(Buyer(api, server.tokens.fan(n))) for n in fans))
    return {guest.number: guest for guest in guests}


# ---- an evening, and the report of it ------------------------------------------------

async def an_evening(server: Server) -> None:
    """60 come. Of those in line 6 leave and 1 is revoked; of those admitted 3 pay, 2 leave, 1 is
    revoked. There are 5 sessions, then 8; so 14 are admitted and 39 go on waiting."""
    async with Api(server.url) as api:
        await change(api, server, active_sessions_max=5, admission_rate_per_minute=60_000)
        guests = await enter_all(api, server, range(1, FANS + 1))
        for number in range(6, 12):
            await guests[number].leave()
        for number in (12, 1):  # one in line, one with a session
            path = f"/v1/visitors/{guests[number].token}"
            (await api.delete(path, server.tokens.organiser())).expect(200)
        await guests[2].leave()
        await change(api, server, active_sessions_max=8)
        await change(api, server, state="paused")
        await guests[3].leave()
        await change(api, server, state="open")
        seats = await seats_of(api, 1)
        for number in (4, 5, 13):
            await guests[number].pay_for(seats[number]["id"])


@pytest.fixture(scope="module")
def evening(module_park) -> Server:
    server = module_park.start()
    asyncio.run(an_evening(server))
    return server


def test_the_audit_beside_the_running_server(evening, folder):
    page = folder / "fairness.html"
    printed = run_ok("verify", "--fairness", "--html", str(page), "--database", evening.database)
    assert printed.rstrip().endswith("fair: nobody was admitted before their turn")
    assert "admitted 14: 3 completed, 2 left, 1 revoked; 8 are active" in printed
    assert "not admitted 6 left, 1 revoked; 39 wait" in printed
    assert "revoked number 12 by user 1001" in printed
    assert "note" not in printed, "the room sets all its limits itself"
    html = page.read_text()
    shown = Page(html)
    assert {"svg", "path", "style"} < shown.tags and "script" not in shown.tags
    figures = {name.removeprefix("room-1-"): text for name, text in shown.texts.items()}
    assert {name: figures[name] for name in ("arrivals", "admitted", "active", "waiting")} == {
        "arrivals": "60", "admitted": "14", "active": "8", "waiting": "39"}
    assert figures["while-waiting"] == "6 left, 1 revoked"
    assert figures["after-admission"] == "3 completed, 2 left, 1 revoked"
    assert figures["waiting-max"] == "55" and figures["active-max"] == "8"
    assert html.count("<td>revoked</td>") == 2 and html.count("<td>left</td>") == 8
    assert "<td>paused</td>" in html and "active_sessions_max 8" in html


def test_the_audit_of_what_is_not_there(folder):
    missing = run("verify", "--fairness", "--database", "sqlite:missing.db", cwd=folder)
    assert missing.returncode == 1 and "missing.db" in missing.stderr
    unasked = run("verify", "--html", "page.html", cwd=folder)
    assert unasked.returncode == 2 and "--fairness" in unasked.stderr
    assert list(folder.iterdir()) == []


def test_a_page_that_cannot_be_written(evening, folder):
    done = run("verify", "--fairness", "--html", str(folder / "no" / "page.html"),
               "--database", evening.database)
    assert done.returncode == 1 and "no/page.html" in done.stderr


# ---- journals that somebody changed --------------------------------------------------

Journal = dict[int, list[Record]]


def tampered(server: Server, folder: Path, tamper: Callable[[Journal], None]) -> Path:
    """A copy of the database with another journal."""
    copy = folder / "copy.db"
    with sqlite3.connect(f"file:{server.file}?mode=ro", uri=True) as source:
        target = sqlite3.connect(copy)
        source.backup(target)
        rows = target.execute("select id, records from journal order by id").fetchall()
        journal = {row: json.loads(text) for row, text in rows}
        tamper(journal)
        target.executemany("update journal set records = ? where id = ?",
                           [(json.dumps(records), row) for row, records in journal.items()])
        target.commit()
        target.close()
    source.close()
    return copy


def steps(journal: Journal, step: str) -> list[tuple[list[Record], Record]]:
    """Each visitor's record of this step, with the entry it stands in."""
    return [(records, record) for records in journal.values() for record in records
            if record["record"] == "visitor" and record["step"] == step]


def rooms(journal: Journal) -> list[tuple[list[Record], Record]]:
    return [(records, record) for records in journal.values() for record in records
            if record["record"] == "room"]


def forget_who_left(journal: Journal) -> None:
    records, left = next((records, record) for records, record in steps(journal, "ended")
                         if record["number"] == 6)
    records.remove(left)


def exchange_admissions(journal: Journal) -> None:
    (_, one), (_, other) = steps(journal, "admitted")[-2:]
    one["number"], other["number"] = other["number"], one["number"]


def lose_a_number(journal: Journal) -> None:
    records, lost = next((records, record) for records, record in steps(journal, "entered")
                         if record["number"] == 30)
    records.remove(lost)


def lower_the_limit(journal: Journal) -> None:
    for _, room in rooms(journal):
        if room.get("active_sessions_max") == 8:
            room["active_sessions_max"] = 6


def forget_the_resumption(journal: Journal) -> None:
    records, last = rooms(journal)[-1]
    assert last["state"] == "open"
    records.remove(last)


def expire_somebody(journal: Journal) -> None:
    next(record for _, record in steps(journal, "ended")
         if record["state"] == "completed")["state"] = "expired"


@pytest.mark.parametrize("tamper, says", [
    (forget_who_left, "before number 6, who waited since"),
    (exchange_admissions, "before number"),
    (lose_a_number, "number 31 was given after 29"),
    (lower_the_limit, "while 6 were active already; 6 are allowed (the room's own)"),
    (forget_the_resumption, "while the room was paused"),
    (expire_somebody, "before its time")], ids=lambda value: getattr(value, "__name__", None))
def test_a_changed_journal_is_found(evening, folder, tamper, says):
    copy = tampered(evening, folder, tamper)
    page = folder / "page.html"
    done = run("verify", "--fairness", "--html", str(page), "--database", f"sqlite:{copy}")
    assert done.returncode == 1, done.stdout
    assert any(line.startswith("VIOLATION room 1: ") and says in line
               for line in done.stdout.splitlines()), done.stdout
    assert "violations" in done.stderr
    Page(page.read_text())
    assert "Not fair" in page.read_text()


def as_older_versions_wrote(journal: Journal) -> None:
    """Without changes of rooms, declared limits, places in line and who ended a visit."""
    for row, records in journal.items():
        journal[row] = [{name: value for name, value in record.items()
                         if name not in ("order_key", "by")}
                        for record in records
                        if record["record"] != "room" and "declares" not in record]


def test_a_journal_of_older_versions(evening, folder):
    copy = tampered(evening, folder, as_older_versions_wrote)
    printed = run_ok("verify", "--fairness", "--database", f"sqlite:{copy}")
    assert "admitted 14: 3 completed, 3 left; 8 are active" in printed
    assert "note The journal has no change of this room: it was taken to be open all the time, with" \
        " the limits and the opening it has now." in printed


def test_an_untouched_copy_is_fair(evening, folder):
    copy = tampered(evening, folder, lambda journal: None)
    run_ok("verify", "--fairness", "--database", f"sqlite:{copy}")


# ---- the draw of a lottery -----------------------------------------------------------

EARLY = 30
LEFT = 4  # the number that left before the draw


async def a_lottery(server: Server) -> dict[str, Json]:
    """Early arrivals wait for an opening that is then moved to now; what was published."""
    opens_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="milliseconds")
    async with Api(server.url) as api:
        made = await api.post("/v1/waiting-rooms", {
            "name": "Lots: \"추첨\", <b>", "order": "lottery", "opens_at": opens_at,
            "active_sessions_max": 3}, server.tokens.organiser())
        room = made.expect(201)
        path = f"/v1/waiting-rooms/{room['id']}"
        guests = await enter_all(api, server, range(1, EARLY + 1), room["id"])
        await guests[LEFT].leave()
        await change(api, server, path, opens_at=datetime.now(UTC).isoformat(timespec="milliseconds"))
        await enter_all(api, server, range(EARLY + 1, EARLY + 6), room["id"])
        states = {number: (await api.get(f"/v1/visitors/{guest.token}")).expect(200)["state"]
                  for number, guest in guests.items()}
        return {"room": room, "draw": (await api.get(f"{path}/draw")).expect(200),
                "key": (await api.get("/v1/receipts/key")).expect(200)["public_key"],
                "admitted": {number for number, state in states.items() if state == "active"}}


@pytest.fixture(scope="module")
def lottery_server(module_park) -> Server:
    return module_park.start()


@pytest.fixture(scope="module")
def lottery(lottery_server) -> dict[str, Json]:
    return asyncio.run(a_lottery(lottery_server))


def milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def signed_text(draw: Json) -> str:
    """As docs/fairness.md describes it."""
    numbers, left = (",".join(map(str, draw[name])) for name in ("numbers", "left"))
    return (f"onsale-draw:1:{draw['room_id']}:{milliseconds(draw['opens_at'])}:"
            f"{milliseconds(draw['drawn_at'])}:{draw['seed_hash']}:{draw['seed']}:"
            f"{numbers}:{left}:{draw['room_name']}")


def test_a_draw_can_be_checked_from_outside(lottery):
    draw, room = lottery["draw"], lottery["room"]
    assert draw["seed_hash"] == room["seed_hash"], "the hash was published before"
    assert sha256(draw["seed"].encode()).hexdigest() == room["seed_hash"]

    def place(number: int) -> tuple[int, int]:
        digest = sha256(f"{draw['seed']}:{room['id']}:{number}".encode()).digest()
        return -1 - (int.from_bytes(digest[:8], "big") >> 2), number
    assert draw["numbers"] == sorted(range(1, EARLY + 1), key=place)
    assert draw["left"] == [LEFT]
    assert lottery["admitted"] == set([n for n in draw["numbers"] if n != LEFT][:3])
    assert draw["public_key"] == lottery["key"]
    assert signature_holds(lottery["key"], signed_text(draw), draw["signature"])
    assert not signature_holds(lottery["key"], signed_text(draw) + " ", draw["signature"])


def test_draw_verify(lottery, folder):
    file = folder / "draw.json"
    file.write_text(json.dumps(lottery["draw"], indent=2))
    printed = run_ok("draw", "verify", str(file), "--public-key", lottery["key"], cwd=folder)
    assert f"1 to {EARLY}, each once; 1 had left before the draw" in printed
    assert lottery["room"]["seed_hash"] in printed


def test_the_program_in_the_documentation_draws_too(lottery, folder):
    page = (ROOT / "docs" / "fairness.md").read_text()
    program = re.search(r"```python\n(.*?)```", page, re.S)[1]
    for draw, code in ((lottery["draw"], 0), (swapped(lottery["draw"]), 1)):
        (folder / "draw.json").write_text(json.dumps(draw))
        done = subprocess.run([sys.executable, "-c", program], cwd=folder, check=False,
                              capture_output=True, text=True)
        assert done.returncode == code, done.stderr


def swapped(draw: Json) -> Json:
    first, second, *others = draw["numbers"]
    return draw | {"numbers": [second, first, *others]}


@pytest.mark.parametrize("tamper, says", [
    (lambda draw: draw | {"seed": "0" * 64}, "the seed is not the one of the published hash"),
    (swapped, "place 1: the list has number"),
    (lambda draw: draw | {"numbers": [n for n in draw["numbers"] if n != 7]},
     "numbers: 7 is missing"),
    (lambda draw: draw | {"numbers": [n for n in draw["numbers"] if n != EARLY]},
     "the signature is not that of the key"),
    (lambda draw: draw | {"left": []}, "the signature is not that of the key"),
    (lambda draw: draw | {"signature": "0" * 128}, "the signature is not that of the key"),
    (lambda draw: draw | {"public_key": "0" * 64}, "signed with another key"),
    (lambda draw: {"draw": draw}, "room_id is required"),
    (lambda draw: "draw", "must be an object")])
def test_a_changed_draw_is_refused(lottery, folder, tamper, says):
    file = folder / "draw.json"
    file.write_text(json.dumps(tamper(lottery["draw"])))
    done = run("draw", "verify", str(file), "--public-key", lottery["key"], cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr and "draw.json" in done.stderr and done.stderr.count("\n") == 1


def test_the_audit_draws_again(lottery_server, lottery, folder):
    page = folder / "page.html"
    printed = run_ok("verify", "--fairness", "--html", str(page),
                     "--database", lottery_server.database)
    assert f"{EARLY} numbers, 1 of them had left" in printed
    shown = Page(page.read_text())
    text = shown.texts[f"room-{lottery['room']['id']}"]
    assert 'Lots: "추첨", <b>' in text and lottery["draw"]["seed"] in text

    def favour_a_friend(journal: Journal) -> None:
        for step in ("entered", "admitted"):
            for _, record in steps(journal, step):
                if record["number"] == lottery["draw"]["numbers"][0]:
                    record["order_key"] = -2**62
    copy = tampered(lottery_server, folder, favour_a_friend)
    done = run("verify", "--fairness", "--database", f"sqlite:{copy}")
    assert done.returncode == 1
    assert "got another lot than the one the seed gives" in done.stdout


def test_the_seed_is_nowhere_before_the_draw(lottery_server, lottery):
    """Not in the journal, where whoever reads along could have seen it."""
    with sqlite3.connect(f"file:{lottery_server.file}?mode=ro", uri=True) as connection:
        rows = connection.execute("select records from journal order by id").fetchall()
    connection.close()
    with_seed = [json.loads(text) for (text,) in rows if lottery["draw"]["seed"] in text]
    assert with_seed and all(any(record["record"] == "room" and record["step"] == "drawn"
                                 for record in records) for records in with_seed[:1])


# ---- receipts ------------------------------------------------------------------------

async def test_a_receipt_can_be_checked_from_outside(evening):
    async with Api(evening.url) as api:
        visitor = (await Buyer(api, evening.tokens.fan(900)).enter()).expect(201)
        receipt = (await api.get(f"/v1/visitors/{visitor['token']}/receipt")).expect(200)
        key = (await api.get("/v1/receipts/key")).expect(200)
    assert receipt["key_id"] == key["key_id"] == sha256(
        bytes.fromhex(key["public_key"])).hexdigest()[:16]
    text = f"onsale-receipt:1:1:{visitor['number']}:{milliseconds(visitor['issued_at'])}"
    assert signature_holds(key["public_key"], text, receipt["signature"])
    assert not signature_holds(key["public_key"], text + "0", receipt["signature"])
