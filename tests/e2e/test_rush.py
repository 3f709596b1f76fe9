"""`onsale rush`: the load generator plays a sale as people would, and tells what it saw."""

import asyncio
import json
import re
import socket
import threading

import pytest

from blackbox.binary import run, run_ok
from blackbox.client import Api, SteadyApi, seats_of
from blackbox.page import SVG, Page, colours, contrast, drawings

NIGHT, SEATS = 1, 50  # the demo's small hall


def tokens_of(server, count: int) -> str:
    return run_ok("user", "token", "--buyers", str(count), "--database", server.database)


def rush(server, tokens: str, *options: str, url: str | None = None):
    """The figures, and how the program ended."""
    file = server.folder / "rush.json"
    done = run("rush", "--url", url or server.url, "--tokens", "-", "--performance", str(NIGHT),
               "--json", str(file), *options, stdin=tokens)
    return (json.loads(file.read_text()) if file.exists() else None), done


QUICK = ["--think", "0s", "--arrive-within", "200ms"]


async def test_more_buyers_than_seats_sell_out_the_house(start_server):
    server = start_server()
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 70), *QUICK, "--party-max", "1", "--tries", "100")
    assert done.returncode == 0, done.stderr
    assert figures["buyers"]["bought"] == figures["seats_bought"] == SEATS
    assert figures["buyers"]["empty-handed"] == 20
    assert sum(figures["buyers"].values()) == 70
    assert figures["asks"]["pay"]["fine"] == SEATS
    assert figures["asks"]["enter"]["answers"] == 70
    assert all(ask["failed"] == 0 for ask in figures["asks"].values()) and not figures["complaints"]
    for ask in figures["asks"].values():
        assert 0 < ask["p50_ms"] <= ask["p99_ms"] <= ask["longest_ms"]
    assert f"{SEATS} seats bought" in done.stdout
    async with Api(server.url) as api:
        assert all(seat["status"] == "sold" for seat in await seats_of(api, NIGHT))


async def test_all_want_the_same_seats(start_server):
    """Those who come too late are refused, and choose again."""
    server = start_server()
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 30), *QUICK, "--party-max", "1", "--tries", "100",
        "--taste", "front")
    assert done.returncode == 0, done.stderr
    assert figures["buyers"]["bought"] == 30
    assert figures["asks"]["hold"]["refused"] > 0 == figures["asks"]["hold"]["failed"]


async def test_they_wait_in_line_and_some_give_up(start_server):
    server = start_server({"waiting_room.active_sessions_max": 1,
                           "waiting_room.session_ends_on": "payment"})
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 40), "--think", "150ms", "--arrivals", "even",
        "--arrive-within", "1s", "--party-max", "1", "--patience", "4s")
    assert done.returncode == 0, done.stderr
    assert figures["buyers"]["bought"] > 0 and figures["buyers"]["gave up"] > 0
    assert figures["buyers"]["bought"] + figures["buyers"]["gave up"] == 40
    assert figures["asks"]["leave"]["fine"] == figures["buyers"]["gave up"]
    assert max(second["waiting"] for second in figures["timeline"]) > 10
    assert all(second["active"] <= 1 for second in figures["timeline"])
    assert sum(second["admitted"] for second in figures["timeline"]) == figures["buyers"]["bought"]


def written(svg) -> list[str]:
    return [text.text for text in svg.iter(SVG + "text")]


async def test_the_page_of_a_rush(start_server):
    server = start_server()
    page = server.folder / "rush.html"
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 60), "--think", "300ms", "--arrivals", "even",
        "--arrive-within", "2s", "--party-max", "1", "--tries", "100", "--html", str(page))
    assert done.returncode == 0, done.stderr
    html = page.read_text()
    shown = Page(html)
    numbers = {name: shown.texts[name] for name in ("buyers", "seats-bought", "seats-left")}
    assert numbers == {"buyers": "60", "seats-bought": str(figures["seats_bought"]),
                       "seats-left": str(figures["timeline"][-1]["seats_left"])}
    assert server.url in html and "<td>even</td>" in html and "<td>300ms</td>" in html
    charts = drawings(html)
    assert charts.keys() == {"rush-people", "rush-admissions", "rush-throughput", "rush-latency",
                             "rush-seats"}
    for svg in charts.values():
        assert "0 s" in written(svg), "an axis of time with its unit"
        shapes = [path.get("d") for path in svg.iter(SVG + "path")]
        assert all(shape.startswith("M") for shape in shapes) and shapes
    assert {"p50", "p99", "longest"} < set(written(charts["rush-latency"]))
    rows = re.search(r"<details>.*?<tbody>(.*?)</tbody>", html, re.S)[1].count("<tr>")
    assert rows == len(figures["timeline"])


async def test_seats_left_over_time(start_server):
    """Unknown until somebody looked; then it falls, to none: there are more buyers than seats."""
    server = start_server()
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 80), "--think", "700ms", "--arrivals", "even",
        "--arrive-within", "3s", "--party-max", "1", "--tries", "100")
    assert done.returncode == 0, done.stderr
    left = [second["seats_left"] for second in figures["timeline"]]
    known = [count for count in left if count is not None]
    assert left[:len(left) - len(known)] == [None] * (len(left) - len(known))
    assert known == sorted(known, reverse=True) and known[0] <= SEATS and known[-1] == 0
    assert re.search(r"^ +1 s  arriving ", done.stderr, re.M)
    assert re.search(r" over .* seats left +0 ", done.stderr.splitlines()[-1])


def test_the_page_can_be_read_in_light_dark_and_print(start_server):
    server = start_server()
    page = server.folder / "rush.html"
    _, done = rush(server, tokens_of(server, 1), *QUICK, "--html", str(page))
    assert done.returncode == 0, done.stderr
    html = page.read_text()
    assert '<html lang="en">' in html and 'content="width=device-width' in html
    schemes = colours(html)
    assert len(schemes) == 3
    for scheme in schemes:
        for name in ("text", "soft", "good", "bad"):
            assert contrast(scheme[name], scheme["paper"]) >= 4.5, (name, scheme)
        for name in ("line", "rate", "seats"):
            assert contrast(scheme[name], scheme["paper"]) >= 3, (name, scheme)


@pytest.mark.parametrize("option", ["--html", "--json"])
async def test_a_file_that_cannot_be_written_is_told_before_anything_is_bought(start_server, option):
    server = start_server()
    tokens = tokens_of(server, 1)
    for path, why in ((server.folder / "no" / "rush", "No such file or directory"),
                      (server.folder, "Is a directory")):
        done = run("rush", "--url", server.url, "--tokens", "-", option, str(path), *QUICK,
                   stdin=tokens)
        assert done.returncode == 1 and f"cannot write {path}: {why}" in done.stderr
        assert "bought" not in done.stdout
    async with Api(server.url) as api:
        assert all(seat["status"] == "available" for seat in await seats_of(api, NIGHT))


def test_a_disk_that_is_full_spoils_only_what_was_to_be_on_it(start_server):
    server = start_server()
    page = server.folder / "rush.html"
    done = run("rush", "--url", server.url, "--tokens", "-", "--json", "/dev/full", "--html", str(page),
               *QUICK, stdin=tokens_of(server, 1))
    assert done.returncode == 1 and "cannot write /dev/full: No space left on device" in done.stderr
    assert "seats bought" in done.stdout
    Page(page.read_text())


async def test_a_server_that_dies_is_reported(start_server):
    server = start_server()
    tokens = tokens_of(server, 50)
    killer = threading.Timer(1.5, server.kill)
    killer.start()
    figures, done = await asyncio.to_thread(
        rush, server, tokens, "--think", "1s", "--retry-within", "1s")
    killer.join()
    assert done.returncode == 1 and "were failed by the server" in done.stderr
    assert figures["buyers"]["failed"] > 0 and figures["complaints"]
    assert sum(figures["buyers"].values()) == 50


async def test_a_server_that_comes_back_fails_nobody(start_server):
    """Whatever was under way, and whatever was asked meanwhile."""
    server = start_server()
    tokens = tokens_of(server, 60)
    playing = asyncio.create_task(asyncio.to_thread(
        rush, server, tokens, "--think", "500ms", "--arrivals", "even", "--arrive-within", "3s",
        "--party-max", "1", "--tries", "100"))
    async with SteadyApi(server.url) as api:
        while all(seat["status"] == "available" for seat in await seats_of(api, NIGHT)):
            await asyncio.sleep(0.05)
    server.kill()
    await asyncio.to_thread(server.start)
    figures, done = await playing
    assert done.returncode == 0, done.stderr
    assert figures["buyers"]["failed"] == 0 and not figures["complaints"]
    assert figures["buyers"]["bought"] == SEATS
    assert sum(ask["retried"] for ask in figures["asks"].values()) > 0
    assert (sum(ask["retried"] for ask in figures["asks"].values())
            == sum(second["retried"] for second in figures["timeline"]))


async def test_a_full_queue_fails_nobody(start_server):
    server = start_server({"engine.queue_max": 2})
    figures, done = await asyncio.to_thread(
        rush, server, tokens_of(server, 200), *QUICK, "--party-max", "1", "--tries", "100")
    assert done.returncode == 0, done.stderr
    assert figures["buyers"]["failed"] == 0 and not figures["complaints"]
    assert figures["buyers"]["bought"] == SEATS
    assert sum(ask["retried"] for ask in figures["asks"].values()) > 0


def test_what_cannot_be_played_is_refused(start_server):
    server = start_server()
    tokens = tokens_of(server, 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        cases = [
            (["--url", "ftp://x"], 2, "must begin with http://"),
            (["--url", "nonsense"], 2, "--url is not a URL"),
            (["--url", "http://me:secret@127.0.0.1:1"], 2, "--url must name the server only"),
            (["--url", server.url, "--think", "soon"], 2, "--think must be a duration"),
            (["--url", server.url, "--arrivals", "never"], 2, "--arrivals"),
            (["--url", server.url, "--buyers", "3"], 1, "3 buyers need as many tokens"),
            (["--url", server.url, "--performance", "999"], 1, "there is no performance 999"),
            (["--url", nowhere], 1, "Connection refused"),
        ]
        for options, code, words in cases:
            done = run("rush", "--tokens", "-", *options, stdin=tokens)
            assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    done = run("rush", "--url", server.url, "--tokens", "-", stdin="")
    assert done.returncode == 1 and "no token" in done.stderr


@pytest.mark.parametrize("options", [[], ["--email", "fan1@example.com", "--buyers", "2"]])
def test_tokens_are_of_one_or_of_many(start_server, options):
    server = start_server()
    done = run("user", "token", "--database", server.database, *options)
    assert done.returncode == 2 and "--email or --buyers" in done.stderr


def test_there_are_no_more_tokens_than_buyers(start_server):
    server = start_server()
    done = run("user", "token", "--database", server.database, "--buyers", "100000")
    assert done.returncode == 1 and "there are only 1000 buyers" in done.stderr
