"""What all routes have in common: problems, methods, HEAD, operation pages, the OpenAPI document."""

import re

import pytest

from blackbox.binary import ROOT
from blackbox.client import Api, Buyer, seats_of
from blackbox.openapi import Document
from blackbox.server import Server
from blackbox.shapes import PROBLEM_ERRORS, check

ROUTES = {
    "POST /v1/users", "POST /v1/sessions", "GET /v1/me", "GET /v1/events", "GET /v1/events/{id}",
    "GET /v1/events/{id}/performances", "GET /v1/performances/{id}",
    "GET /v1/performances/{id}/seats", "POST /v1/waiting-rooms/{id}/visitors",
    "GET /v1/visitors/{token}", "DELETE /v1/visitors/{token}", "POST /v1/reservations",
    "GET /v1/reservations", "GET /v1/reservations/{id}", "DELETE /v1/reservations/{id}",
    "POST /v1/reservations/{id}/payment", "GET /v1/wallet", "POST /v1/wallet/charges",
    "GET /v1/wallet/transfers", "GET /v1/tickets", "GET /v1/tickets/{id}", "POST /v1/venues",
    "POST /v1/events", "POST /v1/performances", "POST /v1/performances/{id}/seating-plan",
    "GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /problems/{slug}"}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", "/v1/reservations", {"POST", "GET", "HEAD"}),
    ("DELETE", "/v1/events/1", {"GET", "HEAD"}),
    ("GET", "/v1/wallet/charges", {"POST"}),
    ("PATCH", "/livez", {"GET", "HEAD"}),
    ("OPTIONS", "/v1/me", {"GET", "HEAD"})])
async def test_wrong_methods(server, method, path, allowed):
    async with Api(server.url) as api:
        answer = await api.call(method, path, token=server.tokens.fan(1))
        answer.refused(405, "method-not-allowed")
        assert set(re.split(r",\s*", answer.headers["Allow"])) == allowed


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/nothing", "/v1/events/", "/v2/events",
                                  "/v1/events/0", "/v1/events/x", "/v1/events/-1", "/v1/events/01",
                                  "/v1/events/9223372036854775808", "/v1/events/999999",
                                  "/v1/performances/999999/seats", "/v1/visitors/none",
                                  "/v1/visitors/00000000-0000-4000-8000-000000000000",
                                  "/problems/none"])
async def test_nothing_there(server, path):
    async with Api(server.url) as api:
        body = (await api.get(path)).refused(404, "not-found")
        assert body["instance"] == path


async def test_signing_in_is_checked(server):
    async with Api(server.url) as api:
        good = server.tokens.fan(1)
        header, claims, signature = good.split(".")
        forged = f"{header}.{server.tokens.issue(1, 'organiser').split('.')[1]}.{signature}"
        unsigned = f"eyJhbGciOiJub25lIn0.{claims}."
        expired = server.tokens.issue(1, "buyer", lifetime=-5)
        for token in (None, "x", "a.b.c", good[:-2], forged, unsigned, expired):
            answer = await api.get("/v1/me", token)
            answer.refused(401, "unauthorized")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        basic = await api.get("/v1/me", headers={"Authorization": "Basic Zm9vOmJhcg=="})
        basic.refused(401, "unauthorized")
        (await api.get("/v1/me", good)).expect(200)


async def test_roles_are_checked(server):
    venue = {"name": "Hall", "location": "Seoul", "time_zone": "Asia/Seoul"}
    async with Api(server.url) as api:
        for token in (server.tokens.fan(1), server.tokens.staff()):
            (await api.post("/v1/venues", venue, token)).refused(403, "forbidden")
        (await api.post("/v1/venues", venue, server.tokens.organiser())).expect(201)


async def test_large_bodies_are_for_those_who_may_send_them(server):
    plan = "/v1/performances/999/seating-plan"
    text = (ROOT / "data" / "plans" / "arena.json").read_bytes()
    async with Api(server.url) as api:
        for token in (None, server.tokens.fan(1)):
            (await api.post(plan, token=token, data=text)).refused(413, "payload-too-large")
        (await api.post(plan, token=server.tokens.organiser(), data=text)).refused(404, "not-found")


async def test_bodies_are_checked(server):
    async with Api(server.url) as api:
        token = server.tokens.fan(1)
        charges = "/v1/wallet/charges"
        for text in (b"", b"{", b"nonsense", b'{"amount": 1', b'{"amount": 1} 2', b"\xff\xfe",
                     b'{"amount": 1, "amount": 2}', b'{"currency": "\xc3\x28"}'):
            (await api.post(charges, token=token, data=text)).refused(400, "malformed-json")
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            answer = await api.post(charges, token=token, data=b'{"amount": 1}',
                                    headers={"Content-Type": kind})
            answer.refused(415, "unsupported-media-type")
        large = await api.post(charges, token=token, data=b" " * (300 * 1024))
        large.refused(413, "payload-too-large")
        enter = "/v1/waiting-rooms/1/visitors"
        (await api.post(enter, {"x": 1}, token)).refused(422, "invalid-request")
        (await api.post(enter, token=token, data=b"{")).refused(400, "malformed-json")
        assert await Buyer(api, token).balance() == 0


@pytest.mark.parametrize("body, fields", [
    ({}, ["event_id", "seats"]),
    ({"event_id": 1, "seats": []}, ["seats"]),
    ({"event_id": "1", "seats": [{"performance_id": 1}]}, ["event_id", "seats[0].seat_id"]),
    ({"event_id": 1, "seats": [{"performance_id": 1, "seat_id": 1},
                               {"performance_id": 0, "seat_id": 1.5}]},
     ["seats[1].performance_id", "seats[1].seat_id"]),
    ({"event_id": 1, "seats": {"performance_id": 1, "seat_id": 1}}, ["seats"]),
    ({"event_id": 1, "seats": [7]}, ["seats[0]"]),
    ({"event_id": None, "seats": [{"performance_id": 1, "seat_id": 1}], "seat": 1},
     ["event_id", "seat"]),
    ({"event_id": 1, "seats": [{"performance_id": 1, "seat_id": n} for n in range(1, 102)]},
     ["seats"])])
async def test_wrong_fields_are_named(server, body, fields):
    async with Api(server.url) as api:
        answer = await api.post("/v1/reservations", body, server.tokens.fan(1))
        errors = answer.refused(422, "invalid-request")["errors"]
        check(errors, PROBLEM_ERRORS)
        assert sorted(error["field"] for error in errors) == sorted(fields)


async def test_head_is_get_without_the_body(server):
    async with Api(server.url) as api:
        for path in ("/v1/events", "/v1/performances/1/seats", "/livez", "/openapi.json"):
            full, head = await api.get(path), await api.call("HEAD", path)
            assert (head.status, head.content) == (200, b"")
            for name in ("Content-Type", "Content-Length", "ETag"):
                assert head.headers.get(name) == full.headers.get(name)
        missing = await api.call("HEAD", "/v1/events/999999")
        assert (missing.status, missing.content) == (404, b"")


async def test_traces_are_passed_on(server):
    async with Api(server.url) as api:
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for path in ("/livez", "/v1/nothing"):
            answer = await api.get(path, headers={"traceparent": trace})
            assert answer.headers["traceparent"].split("-")[1] == trace.split("-")[1]


async def test_operation(server):
    async with Api(server.url) as api:
        assert (await api.get("/livez")).expect(200) == {"status": "alive"}
        assert (await api.get("/readyz")).expect(200) == {"status": "ready"}
        await Buyer(api, server.tokens.fan(1)).enter()
        metrics = await api.get("/metrics")
        assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = metrics.content.decode()
        assert re.search(r'^onsale_visitors_active\{room="1"\} 1$', text, re.M), text
        assert re.search(r"^onsale_store_writable 1$", text, re.M)
        assert re.search(r"^onsale_wal_bytes [1-9]\d*$", text, re.M)
        assert re.search(r"^onsale_checkpoint_failing 0$", text, re.M)
        assert re.search(r"^onsale_checkpoint_failures_total 0$", text, re.M)
        for line in text.splitlines():
            assert re.fullmatch(r"#.*|[a-z_:]+[a-z0-9_:]*(\{.*\})? [-+.\deInfNa]+", line), line


async def test_openapi_document(server):
    async with Api(server.url) as api:
        document = await Document.of(api)
        assert re.fullmatch(r"3\.1\.\d+", document.document["openapi"])
        assert document.document["info"]["title"] and document.document["info"]["version"]
        assert ROUTES <= {str(operation) for operation in document.operations}
        ids = [operation.spec["operationId"] for operation in document.operations]
        assert len(ids) == len(set(ids))
        components = document.document["components"]["schemas"]
        references = set(re.findall(r"#/components/schemas/([^\"']+)", str(document.document)))
        assert references <= set(components)
        for operation in document.native:
            check_operation(document, operation)


def check_operation(document, operation):
    """Complete enough to generate a client from."""
    named = {p["name"] for p in operation.parameters if p["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", operation.path)), str(operation)
    assert all(p["required"] for p in operation.parameters if p["in"] == "path")
    responses = operation.spec["responses"]
    success = [status for status in responses if status.startswith("2")]
    assert success, str(operation)
    if operation.path.startswith("/v1/"):
        for status in success:
            if not operation.is_stream:
                document.resolve(responses[status]["content"]["application/json"]["schema"])
        assert operation.is_open or "401" in responses, str(operation)
    for status, response in responses.items():
        assert response["description"], f"{operation} {status}"
        if status >= "4":
            assert "application/problem+json" in response["content"], f"{operation} {status}"


async def test_answers_are_as_documented(server):
    async with Api(server.url) as api:
        document = await Document.of(api)
        answers = await a_bit_of_everything(api, server)
        assert len({str(document.operation(answer)) for answer in answers}) > 20
        wrong = [problem for answer in answers if (problem := document.problem_of(answer))]
        assert not wrong, "\n".join(wrong)


async def a_bit_of_everything(api, server, fan=300):
    """Answers of most routes, good ones and refusals."""
    buyer, organiser = Buyer(api, server.tokens.fan(fan)), server.tokens.organiser()
    seat = (await seats_of(api, 2))[fan % 50]["id"]
    answers = [await api.get(path, buyer.token) for path in (
        "/livez", "/readyz", "/v1/events", "/v1/events/1", "/v1/events/77", "/v1/events?limit=0",
        "/v1/events/1/performances", "/v1/performances/1", "/v1/performances/1/seats", "/v1/me",
        "/v1/wallet", "/v1/reservations/999", "/v1/tickets/999", "/v1/visitors/unknown")]
    answers.append(await buyer.hold(1, 2, [seat]))
    answers += [await buyer.enter(), await buyer.enter(), held := await buyer.hold(1, 2, [seat])]
    answers += [await buyer.pay(held.body["id"]), await buyer.charge(0), await buyer.charge(10**6)]
    answers += [await buyer.pay(held.body["id"]), await buyer.pay(held.body["id"])]
    answers += [await buyer.cancel(held.body["id"]), entered := await buyer.enter()]
    answers += [await buyer.leave(entered.body["token"]), await buyer.leave("unknown")]
    answers += [await api.get(path, buyer.token) for path in (
        "/v1/reservations", f"/v1/reservations/{held.body['id']}", "/v1/tickets",
        "/v1/wallet/transfers", f"/v1/visitors/{entered.body['token']}")]
    for path in ("/v1/users", "/v1/sessions", "/v1/venues", "/v1/events", "/v1/performances"):
        answers.append(await api.post(path, {}, organiser))
    answers.append(await api.get("/v1/me"))
    return answers


async def test_every_problem_has_its_page(server):
    async with Api(server.url) as api:
        document = await Document.of(api)
        await a_bit_of_everything(api, server, fan=301)
        said = [reply["description"] for operation in document.native
                for reply in operation.spec["responses"].values()]
        named = set(re.findall(r"`([a-z-]+)`: ", str(said)))
        answered = {kind.removeprefix("/problems/") for kind in api.problem_types}
        assert len(named) > 15 and len(answered) > 5
        for slug in named | answered:
            page = await api.get(f"/problems/{slug}")
            assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
            assert slug in page.content.decode()
