"""Requests that are wrong in every way a client can get an operation wrong, made from its
description in the OpenAPI document."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blackbox.openapi import Document, Operation

Json = Any
INT64_MAX = 2**63 - 1

IDS = ["0", "-1", "1.0", "1e3", "x", "01", "+1", "%31", "%00", "%2F", "%zz", "..", "%F0%9F%8E%AB",
       "9" * 400, str(INT64_MAX), str(INT64_MAX + 1), "999999999", "1;drop", "null", "%20", ""]
TEXTS = ["x", "00000000-0000-0000-0000-000000000000", "0" * 36, "g" * 36, "%00" * 36, "%FF", "a" * 3000,
         "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE", "%zz", ""]
QUERY_VALUES = ["", "-1", "0", "x", "1.5", "1e1", "true", "%00", "%zz", "9" * 400, str(INT64_MAX),
                str(INT64_MAX + 1), str(-INT64_MAX - 1), "1&{name}=2"]
VALUES: list[Json] = [None, True, False, 0, -1, 1.5, 1e308, -1e308, INT64_MAX, INT64_MAX + 1,
                      -INT64_MAX - 1, -INT64_MAX - 2, 10**40, "", "x", " ", "\0", "\ud83d\ude00",
                      "x" * 5000, "1", "2026-02-30T25:61:00Z", "9999-12-31T23:59:59.999Z",
                      "0000-01-01T00:00:00Z", [], [[]], [None], {}, {"x": 1}, [1] * 200]
BODIES = [b"", b" ", b"null", b"true", b"1", b'"x"', b"[]", b"[{}]", b"{}", b"{", b"}", b"{]", b'{"":1}',
          b"{'a':1}", b"NaN", b"\xef\xbb\xbf{}", b"\xff\xfe\x00", b"\x00", b'{"a":"\\ud800"}', b"[" * 5000,
          b'{"a":' * 5000, b'{"a":1}garbage', b'{"a":01}', b"1e999999", b'{"x":"' + b"y" * 100_000 + b'"}']
KEYS = ["", "two words", "k" * 300, "\x7f", "ü"]


@dataclass
class Wrong:
    """A request; not every one of them is refused, but none may be the server's undoing."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def good_request(document: Document, operation: Operation) -> Wrong:
    """One with nothing wrong but who sends it."""
    return Wrong(operation.method, fill_path(operation, {}), example_body(document, operation))


def wrong_requests(document: Document, operation: Operation) -> Iterator[Wrong]:
    body = example_body(document, operation)
    good = fill_path(operation, {})
    yield from wrong_paths(operation, body)
    yield from wrong_queries(operation, good)
    for key in KEYS:
        yield Wrong(operation.method, good, body, {"Idempotency-Key": key})
    if "requestBody" not in operation.spec:
        yield Wrong(operation.method, good, b"unexpected")
        return
    for text in BODIES:
        yield Wrong(operation.method, good, text)
    for kind in ("text/html", "", "application/json; charset=utf-16", "x" * 1000):
        yield Wrong(operation.method, good, body, {"Content-Type": kind})
    if schema := operation.body_schema:
        for value in wrong_bodies(document, example(document, schema)):
            yield Wrong(operation.method, good, json.dumps(value).encode())


def fill_path(operation: Operation, values: dict[str, str]) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            usual = "1" if parameter["schema"]["type"] == "integer" else TEXTS[3]
            path = path.replace("{" + parameter["name"] + "}", values.get(parameter["name"], usual))
    return path


def wrong_paths(operation: Operation, body: bytes | None) -> Iterator[Wrong]:
    for parameter in operation.parameters:
        if parameter["in"] != "path":
            continue
        for value in IDS if parameter["schema"]["type"] == "integer" else TEXTS:
            yield Wrong(operation.method, fill_path(operation, {parameter["name"]: value}), body)


def wrong_queries(operation: Operation, path: str) -> Iterator[Wrong]:
    for parameter in operation.parameters:
        if parameter["in"] != "query":
            continue
        for value in QUERY_VALUES:
            query = value.replace("{name}", parameter["name"])
            yield Wrong(operation.method, f"{path}?{parameter['name']}={query}")
    for query in ("unknown=1", "=", "&&&", "%zz=1", "a=%", "x" * 3000, "%00=%00"):
        yield Wrong(operation.method, f"{path}?{query}")


def wrong_bodies(document: Document, good: Json) -> Iterator[Json]:
    """`good` with one thing wrong, at each place of it."""
    for place in places(good):
        for value in VALUES:
            yield replaced(good, place, value)
        yield without(good, place)
        parent = replaced(good, place, None)
        holder = at(parent, place[:-1])
        if isinstance(holder, dict):
            holder["unknown_field"] = 1
            yield parent


def places(value: Json, here: tuple = ()) -> Iterator[tuple]:
    """The way to each member and item."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*here, key)
        yield from places(item, (*here, key))


def at(value: Json, place: tuple) -> Json:
    for key in place:
        value = value[key]
    return value


def replaced(value: Json, place: tuple, new: Json) -> Json:
    copied = copy.deepcopy(value)
    at(copied, place[:-1])[place[-1]] = new
    return copied


def without(value: Json, place: tuple) -> Json:
    copied = copy.deepcopy(value)
    del at(copied, place[:-1])[place[-1]]
    return copied


def example_body(document: Document, operation: Operation) -> bytes | None:
    schema = operation.body_schema
    return json.dumps(example(document, schema)).encode() if schema else None


def example(document: Document, schema: Json) -> Json:
    """A value that a schema allows."""
    schema = document.resolve(schema)
    if "anyOf" in schema:
        return example(document, schema["anyOf"][0])
    if "examples" in schema:
        return schema["examples"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(document, inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(document, schema["items"])] * max(1, schema.get("minItems", 1))
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return False
    formats = {"email": "somebody@example.com", "date-time": "2030-01-01T00:00:00.000Z"}
    return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
