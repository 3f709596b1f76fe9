"""Is everything there that had been promised? Asked of a database that a power cut left behind."""

import asyncio
import json
import random
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from blackbox.binary import run
from blackbox.client import Api
from blackbox.powercut.notes import Note
from blackbox.powercut.recording import DATABASE, SETS
from blackbox.server import Server
from blackbox.tokens import Tokens

ASKED_MAX = 150
# These are told anew, as things stand.
ANSWERED_ANEW = {"enter": ("token", "number")}


def problems_of(image: Path, notes: list[Note]) -> list[str]:
    """Of an image in which all of `notes` must be; it is not written to but by SQLite's recovery."""
    file = image / DATABASE
    if not notes:
        return []
    if not file.exists():
        return [f"{DATABASE} is not there"]
    verified = run("verify", "--database", f"sqlite:{file}")
    if verified.returncode != 0:
        return [f"verify: {(verified.stdout + verified.stderr).strip()[:500]}"]
    return list(Kept(file).missing(notes))


class Kept:
    """What a database has, in memory."""

    def __init__(self, file: Path) -> None:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            self.events = db.execute("select count(*) from events").fetchone()[0]
            self.users = dict(db.execute("select id, email from users"))
            self.visitors = dict(db.execute("select token, number from visitors"))
            self.reservations = dict(db.execute("select id, state from reservations"))
            self.lines = set(db.execute("select reservation_id, seat_id from reservation_lines"))
            self.tickets = set(db.execute("select id, seat_id from tickets"))
            self.charges = dict(db.execute("select id, amount from transfers where cause = 'charge'"))
            self.answers = {(user, key): body for user, key, body in
                            db.execute("select user_id, key, body from idempotency")}

    def missing(self, notes: list[Note]) -> Iterator[str]:
        for note in notes:
            kind = note.request.kind
            if kind != "ready" and not self._has(kind, note.answer):
                yield f"not there: {note}"
            elif note.request.key and not self._answers(note):
                yield f"its key is not known: {note}"

    def _has(self, kind: str, answer: dict) -> bool:
        match kind:
            case "import":
                return self.events == 1
            case "sign-up":
                return self.users.get(answer["id"]) == answer["email"]
            case "enter":
                return self.visitors.get(uuid.UUID(answer["token"]).bytes) == answer["number"]
            case "charge":
                return self.charges.get(answer["transfer_id"]) == answer["amount"]
            case "hold":
                return all((answer["id"], line["seat_id"]) in self.lines for line in answer["lines"])
            case "cancel":
                return self.reservations.get(answer["id"]) == "canceled"
            case "pay":
                paid = self.reservations.get(answer["id"]) == "paid"
                return paid and all((line["ticket_id"], line["seat_id"]) in self.tickets
                                    for line in answer["lines"])
        raise AssertionError(kind)

    def _answers(self, note: Note) -> bool:
        kept = self.answers.get((note.request.user, note.request.key))
        return kept is not None and (
            note.request.kind in ANSWERED_ANEW or json.loads(kept) == note.answer)


# ---- by asking a server ----------------------------------------------------------------

async def problems_when_served(image: Path, notes: list[Note], chance: random.Random) -> list[str]:
    """A server starts on it, gives the answers again that it gave, and goes on selling."""
    folder = image.parent / f"{image.name}-server"
    folder.mkdir()
    server = Server(folder, SETS, demo=False, database=image / DATABASE)
    try:
        await asyncio.to_thread(server.start)
        problems = await wrong_answers(server, some_of(notes, chance))
        server.stop()
    except AssertionError as failed:
        return [f"serve: {failed}"]
    finally:
        server.kill()
    verified = run("verify", "--database", server.database)
    return problems if verified.returncode == 0 else [*problems, f"verify after serving: {verified.stdout}"]


def some_of(notes: list[Note], chance: random.Random) -> list[Note]:
    """The latest and others."""
    with_key = [note for note in notes if note.request.key]
    latest = with_key[-ASKED_MAX * 2 // 3:]
    rest = with_key[:-len(latest)] if latest else []
    return latest + chance.sample(rest, min(len(rest), ASKED_MAX - len(latest)))


async def wrong_answers(server: Server, notes: list[Note]) -> list[str]:
    tokens: dict[int, str] = {}
    problems: list[str] = []
    async with Api(server.url) as api:
        async def ask(note: Note) -> None:
            again = await note.request.ask(api, tokens[note.request.user])
            fields = ANSWERED_ANEW.get(note.request.kind, note.answer)
            same = all(again.body.get(field) == note.answer[field] for field in fields)
            if again.status not in (note.status, 200) or not same:
                problems.append(f"{note}, and now {again}")
        issue = Tokens(server.file)
        tokens |= {note.request.user: issue.issue(note.request.user, "buyer") for note in notes}
        await asyncio.gather(*(ask(note) for note in notes))
        for token in list(tokens.values())[:1]:
            (await api.post("/v1/wallet/charges", {"amount": 1}, token)).expect(201)
    return problems
