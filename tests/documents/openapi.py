"""HTTP as an OpenAPI 3.1 document, made from the table of operations and its types.

Knows how OpenAPI wants it said. What may stand in a request's address is `parameters`, with which codes it
may be refused `refusals`, and an example of each body `examples`.
"""

import re
from typing import Any, Final, get_args

import msgspec

from collab.codec import MAP_MAX
from collab.errors import CODES
from collab.http_items import NewItems, Uris
from collab.http_jams import CommandBody, NewJam
from collab.http_requests import NUMBER_MAX
from collab.http_writes import KEY_CHARS_MAX, KEY_HEADER
from jam.commands import ByClient
from jam.hosting import FIXED, NAME_CODE_POINTS_MAX, VOLUME_MAX
from jam.settings import Settings
from tests.documents.asyncapi import bounded, jam_commands, tidy
from tests.documents.bounds import URL_CHARS_MAX
from tests.documents.examples import EXAMPLES, REFUSED
from tests.documents.jam_tables import tag
from tests.documents.operations import OPERATIONS, Operation
from tests.documents.parameters import page_parameters, path_parameters, query_parameters
from tests.documents.refusals import refusals
from tests.documents.shapes import Error

Json = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/"
_ABOUT: Final = (
    "Playlists, tracks, pages and the player have the shape of the Spotify Web API, so that its clients work "
    "here. Every error has one shape and a stable code. What people do at the same time travels over the "
    "socket, which `/asyncapi.json` describes."
)
_TOKEN: Final = (
    "`POST /v1/guest` gives a session's token, good for 15 minutes, and a refresh token, with which "
    "`POST /v1/token` gives the next; `tutti token` makes tokens for programs that last longer."
)
# The first that matches says where an operation stands.
_TAGS: Final = (
    (
        r"/v1/(guest|token)|/v1/me(/link)?$|/v1/users/{user}$",
        "People",
        "Who somebody is, and on which device.",
    ),
    (
        r"/v1/(me/|users/{user}/)?(playlists|library)(?!.*/(members|invites|history|versions|diff|restore|take))",
        "Playlists",
        "Lists that many people edit at once.",
    ),
    (r".*/(members|invites)", "Members", "Who belongs to a playlist, and the links that let in more."),
    (r".*/(history|versions|diff|restore|take-back)", "The past", "What happened, and the way back."),
    (r"/v1/me/player", "The player", "The Jam that somebody is in, as a player."),
    (r"/v1/jams|/v1/me/jams|/[jJ]/", "Jams", "People who hear the same beat, and decide what comes next."),
    (r"/v1/(search|tracks|audio|artwork)", "Music", "What the server itself has to play."),
    (r"/", "The server", "How it is, and what it says of itself."),
)
_KEY: Final = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "A text that you draw for this request: with it, the same request takes effect once, and "
    "is answered the same for a day.",
    "required": False,
    "schema": {
        "type": "string",
        "pattern": "^[!-~]([ -~]*[!-~])?$",
        "minLength": 1,
        "maxLength": KEY_CHARS_MAX,
    },
}
_SECONDS: Final = {"type": "integer", "minimum": 1, "maximum": NUMBER_MAX}
_HEADERS: Final[dict[str, Json]] = {
    "ETag": {"description": "Names this very answer; `If-None-Match` with it is answered 304."},
    "Content-Disposition": {"description": "What to call the file."},
    "Location": {"description": "Where what was made is found."},
    "Retry-After": {"description": "Whole seconds to wait.", "schema": _SECONDS},
    "WWW-Authenticate": {"description": "How to say who asks.", "schema": {"const": "Bearer"}},
}
# Bodies that may be a bare array besides.
_OR_ARRAYS: Final[dict[type[msgspec.Struct], object]] = {NewItems: Uris}
# Answers that are a status and its headers.
BODILESS: Final = (204, 308)
_OF_STATUS: Final = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


def openapi() -> Json:
    """The document, of builtins only."""
    responses: dict[str, Json] = {}
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, responses)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tutti: HTTP",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": said} for _, name, said in _TAGS],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": responses,
            "parameters": {KEY_HEADER: _KEY},
            "headers": {
                name: {"schema": {"type": "string", "maxLength": URL_CHARS_MAX}, **said}
                for name, said in _HEADERS.items()
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _TOKEN}
            },
        },
    }


def _schemas() -> Json:
    types = {shape for op in OPERATIONS for shape in (op.answer, op.body) if shape is not None} | {Error}
    ordered = sorted(types, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_SCHEMAS + "{name}")
    for schema in schemas.values():
        tidy(schema)
    schemas |= jam_commands()
    # An object, unlike in AsyncAPI.
    schemas["JamCommand"]["discriminator"] = {
        "propertyName": "do",
        "mapping": {
            tag(command): f"{_SCHEMAS}JamCommand.{command.__name__}" for command in get_args(ByClient)
        },
    }
    # Ids of new entries are given by the server, whatever a request says.
    schemas["JamCommand.Add"]["required"].remove("entry")
    schemas[CommandBody.__name__]["properties"]["command"] = {"$ref": _SCHEMAS + "JamCommand"}
    schemas["JamSettings"] = _settings()
    schemas[NewJam.__name__]["properties"]["settings"] = {"$ref": _SCHEMAS + "JamSettings"}
    return schemas


def _settings() -> Json:
    """What a host may change, each by itself."""
    _, schemas = msgspec.json.schema_components([Settings], ref_template=_SCHEMAS + "{name}")
    members = {
        name: member for name, member in schemas["Settings"]["properties"].items() if name not in FIXED
    }
    members["name"] |= {"minLength": 1, "maxLength": NAME_CODE_POINTS_MAX}
    members["volume"] |= {"minimum": 0, "maximum": VOLUME_MAX}
    return bounded({"type": "object", "properties": members, "additionalProperties": False})


def _operation(operation: Operation, responses: dict[str, Json]) -> Json:
    """Adds to `responses` how it may be refused."""
    described: Json = {
        "operationId": _id(operation),
        "summary": operation.summary,
        "tags": [next(name for path, name, _ in _TAGS if re.match(path, operation.path))],
    }
    parameters = path_parameters(operation.path)
    if operation.paged:
        parameters += page_parameters(operation.path)
    parameters += query_parameters(operation.path, operation.query, operation.texts)
    if operation.needs_token and operation.method in ("POST", "PUT", "DELETE"):
        parameters.append({"$ref": f"#/components/parameters/{KEY_HEADER}"})
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content = _json(operation.body.__name__)
        if operation.body in _OR_ARRAYS:
            [array], _ = msgspec.json.schema_components([_OR_ARRAYS[operation.body]])
            content["application/json"]["schema"] = {"oneOf": [content["application/json"]["schema"], array]}
        content["application/json"]["examples"] = {"example": {"value": EXAMPLES[operation.body]}}
        described["requestBody"] = {"required": not operation.body_optional, "content": content}
    if operation.takes:
        described["requestBody"] = {"required": True, "content": {media: {} for media in operation.takes}}
    described["responses"] = dict(sorted(_answers(operation, responses).items()))
    described["security"] = [{"token": []}] if operation.needs_token else []
    return described


def _answers(operation: Operation, responses: dict[str, Json]) -> dict[str, Json]:
    answers: dict[str, Json] = {}
    for status, said in ((operation.status, "Done."), *operation.also):
        answer: Json = {"description": said}
        if operation.headers:
            answer["headers"] = _headers(operation.headers)
        if operation.answer is not None and status not in BODILESS:
            answer["content"] = _json(operation.answer.__name__)
        elif operation.array is not None:
            [schema], _ = msgspec.json.schema_components([operation.array], ref_template=_SCHEMAS + "{name}")
            answer["content"] = {"application/json": {"schema": schema}}
        elif operation.media and status not in BODILESS:
            answer["content"] = {media: {"schema": _of_media(media)} for media in operation.media.split()}
        answers[str(status)] = answer
    if operation.texts or "{code}" in operation.path:
        answers["431"] = {
            "description": f"The header has more than {URL_CHARS_MAX:,} bytes, the address with it."
        }
    if "ETag" in operation.headers:
        answers["304"] = {"description": "As you have it.", "headers": _headers(operation.headers)}
    for status, codes in refusals(operation).items():
        if str(status) not in answers:
            name = f"{status}-{codes[0]}" + (f"-and-{len(codes) - 1}" if len(codes) > 1 else "")
            assert responses.setdefault(name, _refused(status, codes)) == _refused(status, codes), name
            answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return answers


def _refused(status: int, codes: list[str]) -> Json:
    """A refusal with one of these codes."""
    code = {"properties": {"status": {"const": status}, "code": {"enum": codes}}}
    schema = {"allOf": [{"$ref": _SCHEMAS + "Error"}, {"properties": {"error": code}}]}
    example = {"value": {"error": {"status": status, "message": CODES[codes[0]].sentence, "code": codes[0]}}}
    return {
        "description": "\n".join(f"- `{code}`: {CODES[code].sentence}" for code in codes),
        **({"headers": _headers(_OF_STATUS[status])} if status in _OF_STATUS else {}),
        "content": {"application/json": {"schema": schema, "examples": {REFUSED: example}}},
    }


def _headers(names: tuple[str, ...]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _of_media(media: str) -> Json:
    """OpenAPI 3.1 wants no schema of bytes; a description of ours is an object of its own standard."""
    return {"type": "object", "maxProperties": MAP_MAX} if media == "application/json" else {}


def _id(operation: Operation) -> str:
    """Such as `put_v1_playlists_playlist_members_user`."""
    return "_".join([operation.method.lower(), *re.findall(r"\w+", operation.path)])


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": _SCHEMAS + name}}}
