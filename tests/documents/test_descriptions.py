"""The descriptions keep to their standards, bound whatever they describe, and give examples that work."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from msgspec import Struct
from openapi_spec_validator import OpenAPIV31SpecValidator

from collab.http_jams import CommandBody
from tests.documents.asyncapi import asyncapi
from tests.documents.examples import EXAMPLES
from tests.documents.files import ROOT
from tests.documents.openapi import openapi
from tests.documents.operations import OPERATIONS

Json = dict[str, Any]

# The AsyncAPI initiative's own schema of its documents, among the JavaScript SDK's tools.
ASYNCAPI_SCHEMA = ROOT / "clients/js/node_modules/@asyncapi/specs/schemas/3.0.0.json"


def test_the_description_of_http_is_openapi_3_1() -> None:
    document = openapi()
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.skipif(not ASYNCAPI_SCHEMA.is_file(), reason="`make js` installs it")
def test_the_description_of_the_socket_is_asyncapi_3() -> None:
    schema = json.loads(ASYNCAPI_SCHEMA.read_text())
    errors = list(validator(schema).iter_errors(asyncapi()))
    assert [(list(error.path), error.message) for error in errors] == []


def validator(schema: Json) -> Any:
    """By the draft that the schema names."""
    return validator_for(schema)(schema)


@pytest.mark.parametrize("make", [openapi, asyncapi])
def test_everything_is_bounded(make: Any) -> None:
    assert [path for path, schema in schemas_in(make()) if not is_bounded(schema)] == []


def schemas_in(value: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from schemas_in(part, f"{path}/{place}")
    elif isinstance(value, dict):
        if "type" in value and isinstance(value["type"], str | list) and not path.endswith("/properties"):
            yield path, value
        for name, part in value.items():
            if name not in ("examples", "example", "default"):
                yield from schemas_in(part, f"{path}/{name}")


def is_bounded(schema: Json) -> bool:
    if "enum" in schema or "const" in schema:
        return True
    match schema["type"]:
        case "string":
            return "maxLength" in schema
        case "array":
            return "maxItems" in schema
        case "integer" | "number":
            return "minimum" in schema and "maximum" in schema
        case "object":
            is_open = schema.get("additionalProperties", False) is not False
            return "maxProperties" in schema or ("properties" in schema and not is_open)
    return schema["type"] in ("boolean", "null", "http")


@pytest.mark.parametrize(
    "body", sorted(EXAMPLES, key=lambda body: body.__name__), ids=lambda body: body.__name__
)
def test_every_example_is_read_and_fits_its_schema(body: type[Struct]) -> None:
    read = msgspec.json.decode(json.dumps(EXAMPLES[body]), type=body)
    if isinstance(read, CommandBody):
        assert read.read() == EXAMPLES[body]["command"]
    document = openapi()
    schema = {**document["components"]["schemas"][body.__name__], "components": document["components"]}
    Draft202012Validator(schema).validate(EXAMPLES[body])


def test_every_body_has_an_example_and_no_other() -> None:
    assert EXAMPLES.keys() == {operation.body for operation in OPERATIONS} - {None}
