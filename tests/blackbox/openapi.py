"""The server's own description of itself, as something to check answers against."""

import re
from dataclasses import dataclass
from typing import Any

import jsonschema

from blackbox.client import Answer, Api

Json = Any
# What every address can answer without saying so for each operation.
UNDOCUMENTED = {304, 404, 405, 408, 413, 415, 431}


@dataclass
class Operation:
    """One method of one path."""

    method: str
    path: str
    spec: Json

    @property
    def parameters(self) -> list[Json]:
        return self.spec.get("parameters", [])

    @property
    def body_schema(self) -> Json | None:
        content = self.spec.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    @property
    def is_open(self) -> bool:
        return "security" not in self.spec

    @property
    def is_stream(self) -> bool:
        """Does its answer go on for as long as one listens?"""
        return "text/event-stream" in str(self.spec["responses"])

    def matches(self, method: str, path: str) -> bool:
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(self.path))
        return self.method == method and re.fullmatch(pattern, path) is not None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Document:
    """/openapi.json of a server."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.operations = [Operation(method.upper(), path, spec)
                           for path, item in document["paths"].items()
                           for method, spec in item.items()]

    @property
    def native(self) -> list[Operation]:
        """Those of our own API, whose errors are problems of RFC 9457."""
        return [operation for operation in self.operations
                if not any(tag.startswith("dialect: ") for tag in operation.spec.get("tags", []))]

    @classmethod
    async def of(cls, api: Api) -> "Document":
        return cls((await api.get("/openapi.json")).expect(200))

    def resolve(self, schema: Json) -> Json:
        """A schema without a reference at its top."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def validate(self, value: Json, schema: Json) -> None:
        whole = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole).validate(value)

    def operation(self, answer: Answer) -> Operation:
        method = "GET" if answer.method == "HEAD" else answer.method
        path = answer.path.partition("?")[0]
        found = [each for each in self.operations if each.matches(method, path)]
        assert found, f"not in the document: {answer}"
        return min(found, key=lambda each: each.path.count("{"))

    def problem_of(self, answer: Answer) -> str | None:
        """What about an answer its operation does not document, if anything."""
        responses = self.operation(answer).spec["responses"]
        if str(answer.status) not in responses:
            return None if answer.status in UNDOCUMENTED else f"undocumented: {answer}"
        content = responses[str(answer.status)].get("content", {})
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if kind not in content:
            return f"undocumented content type {kind}: {answer}"
        try:
            self.validate(answer.body, content[kind].get("schema", {}))
        except (jsonschema.ValidationError, ValueError) as error:
            return f"{answer}: {error}"
        return None
