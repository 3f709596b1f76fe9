"""Clients that are slow, stop reading or vanish: they cost themselves, nobody else, and leave no
file descriptor behind."""

import asyncio
import os
import re
import socket
import time
from pathlib import Path

from blackbox.client import Api, Buyer
from blackbox.raw import RawConnection, request
from blackbox.server import Server

SETTLE_SECONDS_MAX = 30
ANSWER_SECONDS_MAX = 5  # generous: the machine may be busy with other things
MEBIBYTE = 1 << 20
TIMEOUTS = {"server.header_timeout": "1s", "server.body_timeout": "1s",
            "server.write_timeout": "1s"}


def descriptors(server: Server, kind: str = "") -> int:
    """How many descriptors the server has open whose target starts with `kind`."""
    count = 0
    for entry in Path(f"/proc/{server.pid}/fd").iterdir():
        try:
            count += os.readlink(entry).startswith(kind)
        except FileNotFoundError:
            pass  # closed in the meantime
    return count


def resident_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


async def wait_for_sockets(server: Server, wanted: int) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while (count := descriptors(server, "socket:")) > wanted:
        assert time.monotonic() < deadline, f"{count} sockets are still open, not {wanted}"
        await asyncio.sleep(0.05)


async def serve_others(server: Server, fan: int, rounds: int = 30) -> None:
    """Everybody else gets answers, and soon."""
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(fan))
        before = await buyer.balance()
        for _ in range(rounds):
            began = time.monotonic()
            (await buyer.charge(1)).expect(201)
            (await api.get("/v1/performances/1/seats")).expect(200)
            assert time.monotonic() - began < ANSWER_SECONDS_MAX
        assert await buyer.balance() == before + rounds


async def test_slow_loris(start_server):
    server = start_server(TIMEOUTS)
    base = descriptors(server, "socket:")
    slow = [RawConnection(server.port) for _ in range(300)]
    serving = asyncio.create_task(serve_others(server, 1))
    drips = request("GET", "/livez", X="y" * 1000)
    for at in range(0, 25):  # a byte now and then, never a whole request
        for connection in slow:
            try:
                connection.send(drips[at:at + 1])
            except OSError:
                pass  # cut off already
        await asyncio.sleep(0.1)
    await serving
    for connection in slow:
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (408, True)
        connection.socket.close()
    await wait_for_sockets(server, base)


async def test_bodies_that_never_end(start_server):
    server = start_server(TIMEOUTS)
    base = descriptors(server, "socket:")
    token = f"Bearer {server.tokens.fan(1)}"
    slow = [RawConnection(server.port) for _ in range(200)]
    for connection in slow:
        connection.send(request("POST", "/v1/wallet/charges", b"x" * 1000, Authorization=token)[:-500])
    await serve_others(server, 2)
    for connection in slow:
        assert connection.answer().status == 408
        connection.socket.close()
    await wait_for_sockets(server, base)


async def test_clients_that_stop_reading(start_server):
    server = start_server(TIMEOUTS)
    async with Api(server.url) as api:
        size = len((await api.get("/v1/performances/4/seats")).content)
    assert size > MEBIBYTE
    base, memory = descriptors(server, "socket:"), resident_bytes(server)
    deaf = [deaf_connection(server.port) for _ in range(60)]
    for connection in deaf:
        connection.send(request("GET", "/v1/performances/4/seats") * 50)
    await serve_others(server, 1)
    await wait_for_sockets(server, base)
    assert resident_bytes(server) - memory < 100 * MEBIBYTE
    for connection in deaf:
        connection.close()
    await serve_others(server, 2, rounds=3)


def deaf_connection(port: int) -> socket.socket:
    """One that can take little before it is read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


async def test_a_slow_reader_gets_everything(start_server):
    """Slow is fine; standing still is not."""
    server = start_server(TIMEOUTS)
    connection = deaf_connection(server.port)
    connection.send(request("GET", "/v1/performances/4/seats", Connection="close"))
    received = b""
    began = time.monotonic()
    while chunk := await asyncio.to_thread(connection.recv, 32_768):
        received += chunk
        await asyncio.sleep(0.02 if time.monotonic() - began < 3 else 0)
    head, _, body = received.partition(b"\r\n\r\n")
    assert time.monotonic() - began > 1, "not slow enough to be a test"
    assert len(body) == int(re.search(rb"Content-Length: (\d+)", head)[1])
    connection.close()


async def test_clients_that_vanish(start_server):
    """At every point of a request, with the answer under way, or in the middle of it."""
    server = start_server(TIMEOUTS)
    await serve_others(server, 1)
    base = descriptors(server, "socket:")
    token = f"Bearer {server.tokens.fan(2)}"
    charge = request("POST", "/v1/wallet/charges", b'{"amount": 1}', Authorization=token)
    large = request("GET", "/v1/performances/4/seats")
    for _ in range(3):
        for whole in (charge, large, charge * 20, large * 5):
            for size in sorted({1, 10, len(whole) // 3, len(whole) - 1, len(whole)}):
                for vanish in (RawConnection.reset, lambda c: c.socket.close()):
                    connection = RawConnection(server.port)
                    connection.send(whole[:size])
                    vanish(connection)
        await serve_others(server, 3, rounds=5)
    await wait_for_sockets(server, base)
    async with Api(server.url) as api:
        buyer = Buyer(api, server.tokens.fan(2))
        transfers = await api.pages("/v1/wallet/transfers", buyer.token)
        assert await buyer.balance() == len(transfers)
    server.verify()


async def test_descriptors_do_not_pile_up(start_server):
    """Connections and database handles alike: there is one handle for each reading thread."""
    readers, descriptors_of_a_reader = 4, 2  # the database and its log
    server = start_server(TIMEOUTS | {"reads.threads": readers})
    token = server.tokens.fan(1)
    base, sockets = descriptors(server), descriptors(server, "socket:")
    for _ in range(6):
        async with Api(server.url, connections=200) as api:
            paths = ["/v1/wallet", "/v1/tickets", "/v1/reservations", "/v1/wallet/transfers"] * 100
            await asyncio.gather(*(api.get(path, token) for path in paths))
        await wait_for_sockets(server, sockets)
        assert descriptors(server) <= base + readers * descriptors_of_a_reader
