"""HTTP as an OpenAPI 3.1 document, made from the table of operations and its types."""

import re
from typing import Any, Final

import msgspec

from collab.errors import CODES
from collab.http_jams import JAMS_LIMIT, JAMS_LIMIT_MAX
from collab.http_playlists import PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX
from collab.http_search import SEARCH_LIMIT, SEARCH_LIMIT_MAX
from collab.http_shapes import TRACKS_LIMIT
from tests.documents.asyncapi import tidy
from tests.documents.operations import OPERATIONS, Operation
from tests.documents.shapes import Error

Json = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/"
_ABOUT: Final = (
    "Playlists, tracks and pages have the shape of the Spotify Web API. Every error has one shape and a "
    "stable code. What people do at the same time travels over the socket: see PROTOCOL.md."
)
# Default and most, by path.
_PAGES: Final = {
    "/v1/me/playlists": (PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX),
    "/v1/me/jams": (JAMS_LIMIT, JAMS_LIMIT_MAX),
    "/v1/playlists/{playlist}/tracks": (TRACKS_LIMIT, TRACKS_LIMIT),
    "/v1/search": (SEARCH_LIMIT, SEARCH_LIMIT_MAX),
}


def openapi() -> Json:
    """The document, of builtins only."""
    types = {shape for op in OPERATIONS for shape in (op.answer, op.body) if shape is not None} | {Error}
    ordered = sorted(types, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_SCHEMAS + "{name}")
    for schema in schemas.values():
        tidy(schema)
    schemas["ErrorBody"]["properties"]["code"]["enum"] = sorted(CODES)
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tutti: HTTP",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Error": {"description": "A refusal.", "content": _json("Error")}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(operation: Operation) -> Json:
    described: Json = {"operationId": _id(operation), "summary": operation.summary}
    parameters = [_path_parameter(name) for name in re.findall(r"{(\w+)}", operation.path)]
    if operation.paged:
        parameters += _page_parameters(*_PAGES[operation.path])
    parameters += [_query_parameter(name, {"type": "integer", "minimum": 0}) for name in operation.query]
    parameters += [_query_parameter(name, {"type": "string"}) for name in operation.texts]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(operation.body.__name__)}
    answer: Json = {"description": "Done."}
    if operation.answer is not None:
        answer["content"] = _json(operation.answer.__name__)
    elif operation.media:
        answer["content"] = {operation.media: {"schema": {"type": "string"}}}
    described["responses"] = {
        str(operation.status): answer,
        "default": {"$ref": "#/components/responses/Error"},
    }
    described["security"] = [{"token": []}] if operation.needs_token else []
    return described


def _id(operation: Operation) -> str:
    """Such as `put_v1_playlists_playlist_members_user`."""
    return "_".join([operation.method.lower(), *re.findall(r"\w+", operation.path)])


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _page_parameters(default: int, most: int) -> list[Json]:
    limit = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    offset = {"type": "integer", "minimum": 0, "default": 0}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": "offset", "in": "query", "schema": offset},
    ]


def _query_parameter(name: str, schema: Json) -> Json:
    return {"name": name.rstrip("?"), "in": "query", "required": not name.endswith("?"), "schema": schema}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": _SCHEMAS + name}}}
