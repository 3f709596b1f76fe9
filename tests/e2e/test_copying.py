"""`onsale backup`, `restore` and `copy`: the same box office in another place, down to the answers
that were given for idempotency keys."""

import asyncio
import sqlite3
from pathlib import Path

from blackbox.binary import run, run_ok, verify
from blackbox.client import Api, Buyer, seats_of
from blackbox.ledger import NIGHT, Witness, hear_all

WITNESSES = 8
ANSWERS_MIN = 300
SETS = {"sales.seats_per_user_max": 10_000, "sales.hold_duration": "1h"}


async def meet_witnesses(server) -> tuple[list[Witness], dict[int, str]]:
    async with Api(server.url) as api:
        seats = [seat["id"] for seat in await seats_of(api, NIGHT)][:3000]
    tokens = {n: server.tokens.fan(n) for n in range(1, WITNESSES + 1)}
    return [Witness(n, seats) for n in tokens], tokens


async def back_up_under_load(server, witnesses, tokens, file: Path) -> None:
    """Sells, makes a backup in the middle of it, sells on, and ends in the middle of it."""
    async with Api(server.url) as api:
        load = asyncio.gather(*(w.run(Buyer(api, tokens[w.number])) for w in witnesses))
        await until_answered(witnesses, ANSWERS_MIN)
        await asyncio.to_thread(run_ok, "backup", str(file), "--database", server.database)
        await until_answered(witnesses, sum(w.answers for w in witnesses) + ANSWERS_MIN)
        server.process.kill()
        await load
    server.kill()


async def until_answered(witnesses, answers: int) -> None:
    while sum(witness.answers for witness in witnesses) < answers:
        await asyncio.sleep(0.01)


async def check_witnesses(server, witnesses, tokens) -> None:
    async with Api(server.url) as api:
        await hear_all(api, tokens, witnesses)
    assert all(witness.under_way is None for witness in witnesses)


async def test_a_box_office_moves_to_postgresql_and_back(park, postgres, folder):
    old = park.start(SETS)
    witnesses, tokens = await meet_witnesses(old)
    await back_up_under_load(old, witnesses, tokens, folder / "beside.db")
    verify(f"sqlite:{folder / 'beside.db'}")

    moved = park.make(SETS, database_url=postgres.new_database())
    print(run_ok("copy", "--from", old.database, "--to", moved.database))
    moved.verify()
    moved.start()
    # The same tokens, the same places and tickets, the same answers for the same keys.
    await check_witnesses(moved, witnesses, tokens)
    await back_up_under_load(moved, witnesses, tokens, folder / "from-postgresql.db")
    verify(f"sqlite:{folder / 'from-postgresql.db'}")

    run_ok("backup", str(folder / "last.db"), "--database", moved.database)
    back = park.make(SETS)
    run_ok("restore", str(folder / "last.db"), "--database", back.database)
    back.verify()
    await asyncio.to_thread(back.start)
    await check_witnesses(back, witnesses, tokens)
    # New ids go on where the old ones end.
    newcomer = Witness(WITNESSES + 1, witnesses[0].seats)
    async with Api(back.url) as api:
        await newcomer.round(Buyer(api, back.tokens.fan(newcomer.number)))
    assert min(newcomer.charges) > max(id for w in witnesses for id in w.charges)


def test_nothing_is_overwritten(park, folder, postgres):
    server = park.start()
    server.stop()
    backup, other = folder / "a.db", park.make()
    run_ok("backup", str(backup), "--database", server.database)
    before = backup.read_bytes()
    assert "exists already" in run("backup", str(backup), "--database", server.database).stderr
    run_ok("restore", str(backup), "--database", other.database)
    for command in (("restore", str(backup), "--database", other.database),
                    ("copy", "--from", server.database, "--to", other.database)):
        again = run(*command)
        assert again.returncode == 1 and "is not empty" in again.stderr
    used = postgres.new_database()
    run_ok("copy", "--from", server.database, "--to", used)
    again = run("copy", "--from", server.database, "--to", used)
    assert again.returncode == 1 and "is not empty" in again.stderr
    assert backup.read_bytes() == before
    assert not list(folder.glob("*partial*"))
    verify(other.database)
    verify(used)


def test_a_backup_that_cannot_be_made_leaves_no_file_of_its_name(park, folder):
    server = park.start()
    server.stop()
    missing = run("backup", str(folder / "a.db"), "--database", f"sqlite:{folder / 'none.db'}")
    assert missing.returncode == 1 and "there is no such file" in missing.stderr
    nowhere = run("copy", "--from", server.database, "--to", "postgresql:///none?host=/nowhere")
    assert nowhere.returncode == 1 and nowhere.stderr
    (folder / "other.db").write_bytes(b"no database")
    wrong = run("restore", str(folder / "other.db"), "--database", f"sqlite:{folder / 'new.db'}")
    assert wrong.returncode == 1 and "not a database" in wrong.stderr
    assert not (folder / "a.db").exists()


def test_a_backup_of_what_does_not_hold_is_made_and_says_so(park, folder):
    server = park.start()
    server.stop()
    with sqlite3.connect(server.file) as db:
        db.execute("update accounts set balance = 5 where kind = 'funding'")
    db.close()
    told = run("backup", str(folder / "a.db"), "--database", server.database)
    assert told.returncode == 1
    assert "VIOLATION" in told.stdout and "not everything holds" in told.stderr
    assert (folder / "a.db").exists()
