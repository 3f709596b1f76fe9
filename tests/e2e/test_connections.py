"""Connections that no well-behaved client makes: each gets its answer, nobody else notices."""

import json

import pytest

from blackbox.client import Api, Buyer
from blackbox.raw import RawConnection, request
from blackbox.server import Server


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start({"server.header_timeout": "500ms", "server.body_timeout": "500ms"})


@pytest.mark.parametrize("text, status", [
    (b"nonsense\r\n\r\n", 400),
    (b"GET\r\n\r\n", 400),
    (b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    (b"GET /livez SPDY/3\r\nHost: x\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", 400),
    (b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40, 400),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", 431),
    (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
    (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999999\r\n\r\n", 400)],
    ids=lambda value: str(value[:40]) if isinstance(value, bytes) else None)
def test_broken_requests(server, text, status):
    with RawConnection(server.port) as connection:
        connection.send(text)
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (status, True), answer
        assert json.loads(answer.body)["status"] == status
        if status != 400 or b"%zz" not in text:
            assert answer.headers["connection"] == "close"
            assert connection.is_closed()


def test_old_http(server):
    with RawConnection(server.port) as connection:
        connection.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert connection.answer().status == 200
        assert connection.is_closed()


@pytest.mark.parametrize("begun", [b"G", b"GET /livez HTTP/1.1\r\nHost: x\r\n"])
def test_slow_header(server, begun):
    with RawConnection(server.port) as connection:
        connection.send(begun)
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (408, True)
        assert connection.is_closed()


def test_slow_body(server):
    with RawConnection(server.port) as connection:
        connection.send(request("POST", "/v1/sessions", b"x" * 50)[:-30])
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (408, True)


def test_half_closed(server):
    """Who has said everything may still listen."""
    with RawConnection(server.port) as connection:
        connection.send(request("GET", "/v1/events"))
        connection.half_close()
        answer = connection.answer()
        assert answer.status == 200 and len(json.loads(answer.body)["items"]) == 3
        assert connection.is_closed()


def test_half_closed_in_the_middle(server):
    with RawConnection(server.port) as connection:
        connection.send(request("POST", "/v1/sessions", b"x" * 50)[:-10])
        connection.half_close()
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (400, True)


def test_pipelined_requests_are_answered_in_order(server):
    token = f"Bearer {server.tokens.fan(1)}"
    with RawConnection(server.port) as connection:
        charges = [request("POST", "/v1/wallet/charges", b'{"amount": %d}' % n, Authorization=token)
                   for n in range(1, 51)]
        looks = [request("GET", f"/v1/performances/{n % 3 + 1}/seats") for n in range(50)]
        connection.send(b"".join(each for pair in zip(charges, looks) for each in pair))
        for n in range(1, 51):
            charged, looked = connection.answer(), connection.answer()
            assert charged.status == 201 and json.loads(charged.body)["amount"] == n
            assert looked.status == 200
            assert json.loads(looked.body)["performance_id"] == (n - 1) % 3 + 1


def test_a_pipeline_ends_at_a_broken_request(server):
    with RawConnection(server.port) as connection:
        connection.send(request("GET", "/livez") * 3 + b"broken\r\n\r\n" + request("GET", "/livez"))
        assert [connection.answer().status for _ in range(4)] == [200, 200, 200, 400]
        assert connection.is_closed()


def test_expect_continue(server):
    token = f"Bearer {server.tokens.fan(2)}"
    whole = request("POST", "/v1/wallet/charges", b'{"amount": 5}', Authorization=token,
                    Expect="100-continue")
    with RawConnection(server.port) as connection:
        connection.send(whole[:-13])
        assert connection.answer().status == 100
        connection.send(whole[-13:])
        assert connection.answer().status == 201


def test_chunked_body(server):
    token = f"Bearer {server.tokens.fan(3)}"
    head = request("GET", "/v1/wallet/charges", Authorization=token, Transfer_Encoding="chunked")
    with RawConnection(server.port) as connection:
        connection.send(head.replace(b"GET", b"POST") + b'7\r\n{"amoun\r\n6;x=y\r\nt": 6}\r\n0\r\nX: y\r\n\r\n')
        answer = connection.answer()
        assert answer.status == 201 and json.loads(answer.body)["amount"] == 6


async def test_reset_in_the_middle_of_a_body_does_nothing(server):
    token = f"Bearer {server.tokens.fan(4)}"
    whole = request("POST", "/v1/wallet/charges", b'{"amount": 7}', Authorization=token)
    for size in (1, len(whole) // 2, len(whole) - 1):
        connection = RawConnection(server.port)
        connection.send(whole[:size])
        connection.reset()
    async with Api(server.url) as api:
        assert await Buyer(api, server.tokens.fan(4)).balance() == 0
        (await api.get("/readyz")).expect(200)


async def test_many_idle_connections(server):
    idle = [RawConnection(server.port) for _ in range(800)]
    try:
        async with Api(server.url) as api:
            buyer = Buyer(api, server.tokens.fan(5))
            for _ in range(50):
                (await buyer.charge(1)).expect(201)
            assert await buyer.balance() == 50
        for connection in idle[::100]:
            connection.send(request("GET", "/livez"))
            assert connection.answer().status == 200
    finally:
        for connection in idle:
            connection.socket.close()


def test_too_many_connections(start_server):
    server = start_server({"server.connections_max": 10})
    held = [RawConnection(server.port) for _ in range(10)]
    for connection in held:  # answered, so the server has them all
        connection.send(request("GET", "/livez"))
        assert connection.answer().status == 200
    with RawConnection(server.port) as connection:
        answer = connection.answer()
        assert (answer.status, answer.is_problem) == (503, True)
        assert int(answer.headers["retry-after"]) >= 1
        assert connection.is_closed()
    for connection in held:
        connection.send(request("GET", "/livez"))
        assert connection.answer().status == 200
        connection.socket.close()
