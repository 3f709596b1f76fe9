"""The dialects in the server's description of itself: every route, with examples that are true."""

import json
import re
from typing import Any

import jsonschema
import pytest
from multidict import CIMultiDict

from blackbox.client import Answer, Api, Json
from blackbox.dialects import availability, customers, dates, native, performances, schedules
from blackbox.dialects.base import DialectApi
from blackbox.dialects.channels import ALL, open_channels, spots_of
from blackbox.openapi import Document, Operation
from blackbox.server import Server

DIALECTS = {"performances": performances, "schedules": schedules, "availability": availability,
            "customers": customers, "dates": dates}
SEAT = "/api/concert/schedule/{}/seat/{}"
ROUTES = {
    "performances": {
        "POST /signIn", "GET /performaces", "GET /performances", "GET /performance_seats/{}",
        "PATCH /take_performance_seat", "GET /reserved_performance_seats", "GET /cash_balance",
        "PATCH /cash_charge", "GET /payment_history", "PATCH /payment_performance_seat"},
    "schedules": {
        "GET /api/queue/{}", "GET /api/concerts/schedule", "GET /api/concert/schedule/{}",
        f"POST {SEAT}/reservation", f"POST {SEAT}/pay", "GET /api/point/{}", "PATCH /api/point/{}"},
    "availability": {
        "POST /api/v1/users/token", "GET /api/v1/concerts/{}/availability",
        "POST /api/v1/concerts/{}/reservations", "GET /api/v1/users/{}/balance",
        "POST /api/v1/users/{}/balance", "POST /api/v1/concerts/{}/payments"},
    "customers": {
        "POST /customer/waiting/enter", "POST /customer/waiting/check", "POST /customer/point/balance",
        "POST /customer/point/charge", "GET /concerts/{}/options", "GET /concerts/{}/options/{}",
        "POST /reservation/reserve", "POST /reservation/pay"},
    "dates": {
        "POST /api/issue", "GET /api/status/{}", "GET /api/available-dates",
        "GET /api/available-seats/{}", "POST /api/reserve", "GET /api/{}/balance",
        "POST /api/{}/charge", "POST /api/process"}}
WITHOUT_BODY = {f"POST {SEAT}/reservation", f"POST {SEAT}/pay"}
CREATED = {f"POST {SEAT}/reservation", "POST /api/v1/concerts/{}/reservations"}


@pytest.fixture(scope="module")
def server(module_park) -> Server:
    return module_park.start()


def plain_name(operation: Operation) -> str:
    """The names of path parameters are free."""
    return re.sub(r"{\w+}", "{}", str(operation))


def of_dialect(document: Document, name: str) -> list[Operation]:
    return [each for each in document.operations if f"dialect: {name}" in each.spec["tags"]]


def examples_of(document: Document, media: Json) -> list[Json]:
    """Wherever the standard lets them stand."""
    found = [each["value"] for each in media.get("examples", {}).values()]
    found += [media["example"]] if "example" in media else []
    schema = document.resolve(media.get("schema", {}))
    return found or schema.get("examples", [])


# ---- the document --------------------------------------------------------------------

@pytest.mark.parametrize("name", DIALECTS)
async def test_every_route_is_there(server, name):
    async with Api(server.url) as api:
        document = await Document.of(api)
        operations = of_dialect(document, name)
        assert {plain_name(each) for each in operations} == ROUTES[name]
        assert all(each.spec["tags"] == [f"dialect: {name}"] for each in operations)
        assert not [each for each in document.operations if plain_name(each) in ROUTES[name]
                    and each not in operations]
        assert all(each.spec["summary"] for each in operations)


@pytest.mark.parametrize("name", DIALECTS)
async def test_examples_of_answers(server, name):
    async with Api(server.url) as api:
        document = await Document.of(api)
        for operation in of_dialect(document, name):
            statuses = [status for status in operation.spec["responses"] if status.startswith("2")]
            wanted = "201" if plain_name(operation) in CREATED else "200"
            assert wanted in statuses, f"{operation}: {statuses}"
            for status in statuses:
                media = operation.spec["responses"][status]["content"]["application/json"]
                examples = examples_of(document, media)
                assert examples, f"{operation} {status} has no example"
                for example in examples:
                    check_schema_is_complete(document, example, media["schema"], str(operation))
                    document.validate(example, media["schema"])


def check_schema_is_complete(document: Document, value: Json, schema: Json, at: str) -> None:
    """A schema that allows anything would be no description."""
    schema = document.resolve(schema)
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            assert key in schema["properties"], f"{at}.{key} is not in the schema"
            check_schema_is_complete(document, item, schema["properties"][key], f"{at}.{key}")
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            check_schema_is_complete(document, item, schema["items"], f"{at}[]")
    else:
        assert {"type", "anyOf", "oneOf", "enum", "const"} & set(schema), f"{at}: {schema}"


@pytest.mark.parametrize("name", DIALECTS)
async def test_examples_of_refusals(server, name):
    """In the form of the dialect, and not as the native API's problems."""
    async with Api(server.url) as api:
        document = await Document.of(api)
        for operation in of_dialect(document, name):
            refusals = {int(status): response for status, response in operation.spec["responses"].items()
                        if status >= "4"}
            assert refusals, str(operation)
            for status, response in refusals.items():
                assert list(response["content"]) == ["application/json"], f"{operation} {status}"
                media = response["content"]["application/json"]
                examples = examples_of(document, media)
                assert examples, f"{operation} {status} has no example"
                for example in examples:
                    document.validate(example, media["schema"])
                    content = json.dumps(example).encode()
                    DIALECTS[name].check_error(
                        Answer(operation.method, operation.path, status, CIMultiDict(), content))


@pytest.mark.parametrize("name", DIALECTS)
async def test_examples_of_requests(start_server, name):
    """Sent as they are, they are never refused for their form."""
    server = start_server()
    async with DIALECTS[name].client(server.url) as api, Api(server.url) as plain:
        document = await Document.of(plain)
        for operation in sorted(of_dialect(document, name), key=is_no_payment):
            needs_body = operation.method != "GET" and plain_name(operation) not in WITHOUT_BODY
            assert ("requestBody" in operation.spec) == needs_body, str(operation)
            if not needs_body:
                continue
            media = operation.spec["requestBody"]["content"]["application/json"]
            examples = examples_of(document, media)
            assert examples, f"{operation} has no example"
            for example in examples:
                document.validate(example, media["schema"])
                await check_accepted(server, api, operation, example)


def is_no_payment(operation: Operation) -> bool:
    """While nothing is held, an amount cannot be the wrong one."""
    return not re.search("/pay$|/process$|/payments$", operation.path)


async def check_accepted(server: Server, api: DialectApi, operation: Operation, body: Json) -> None:
    path = re.sub(r"{\w+}", "1", operation.path)
    token = server.tokens.fan(1)
    answer = await api.call(operation.method, path, json=body, token=token)
    if isinstance(body, dict) and answer.status == 400 and operation.path in (
            "/signIn", "/take_performance_seat", "/payment_performance_seat"):
        # There 400 is the answer to everything: it must not be the one to a wrong form.
        broken = [await api.call(operation.method, path, json=wrong, token=token)
                  for wrong in ({}, body | dict.fromkeys(body))]
        assert answer.body not in [each.body for each in broken], str(answer)
    else:
        assert answer.status != 400, f"{answer} to {body}"


@pytest.mark.parametrize("name", DIALECTS)
async def test_schemas_refuse_what_the_server_refuses(server, name):
    """Each member of a request that is required here is required there."""
    async with DIALECTS[name].client(server.url) as api, Api(server.url) as plain:
        document = await Document.of(plain)
        for operation in of_dialect(document, name):
            if "requestBody" not in operation.spec:
                continue
            media = operation.spec["requestBody"]["content"]["application/json"]
            schema = document.resolve(media["schema"])
            good = examples_of(document, media)[0]
            assert schema.get("required"), str(operation)
            path = re.sub(r"{\w+}", "1", operation.path)
            for member in schema["required"]:
                less = {key: value for key, value in good.items() if key != member}
                with pytest.raises(jsonschema.ValidationError):
                    document.validate(less, media["schema"])
                answer = await api.call(operation.method, path, json=less, token=server.tokens.fan(1))
                assert answer.status == 400, str(answer)


async def test_who_needs_a_token(server):
    """Documents 000 to 002 have a header for it, on all routes but a few."""
    async with Api(server.url) as api:
        document = await Document.of(api)
        free = {name: {plain_name(each) for each in of_dialect(document, name) if each.is_open}
                for name in ("performances", "schedules", "availability")}
        assert free == {"performances": {"POST /signIn"},
                        "schedules": {"GET /api/queue/{}", "GET /api/point/{}", "PATCH /api/point/{}"},
                        "availability": {"POST /api/v1/users/token"}}


# ---- what is answered is as described ------------------------------------------------

def recording(api: Api, answers: list[Answer]) -> None:
    """Puts all that the client is answered from now on into `answers`."""
    original = api.call

    async def call(method: str, path: str, **options: Any) -> Answer:
        answers.append(await original(method, path, **options))
        return answers[-1]
    api.call = call


@pytest.mark.parametrize("index", range(1, len(ALL)), ids=[kind.__name__ for kind in ALL[1:]])
async def test_answers_are_as_documented(server, index):
    """A visit with a bit of everything: each answer fits its description."""
    answers: list[Answer] = []
    async with open_channels(server, lambda _: 20 + index) as channels, Api(server.url) as plain:
        document, channel = await Document.of(plain), channels[index]
        recording(channel.api, answers)
        spot, other = (await spots_of(plain, 1))[2 * index:2 * index + 2]
        await channel.hold(spot)
        await channel.enter()
        await channel.see(spot)
        await channel.hold(spot)
        (await channel.hold(spot)).expect(channel.TAKEN)
        await channel.pay(spot)
        await channel.enter()
        await channel.hold(spot)
        await channel.charge(0)
        (await channel.charge(spot.price)).expect(200, 201)
        await channel.pay(spot)
        await channel.pay(other)
        await channel.balance()
        assert len(answers) > 10 and {answer.status // 100 for answer in answers} == {2, 4}
        wrong = [problem for answer in answers if (problem := document.problem_of(answer))]
        assert not wrong, "\n".join(wrong)
        assert await native.status_of(plain, 1, spot.seat) == {"sold"}
