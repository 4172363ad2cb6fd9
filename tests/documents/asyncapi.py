"""The socket as an AsyncAPI 3.0 document, made from the message types.

Knows how AsyncAPI wants it said. What the messages are is `collab.messages`; their sentences are its
docstrings.
"""

import inspect
from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec

from collab.codec import (
    ARRAY_MAX,
    INTEGER_MAX,
    MAP_MAX,
    SERVER_ARRAY_MAX,
    SERVER_MAP_MAX,
    STRING_BYTES_MAX,
)
from collab.messages import (
    PART_BYTES_MAX,
    PROTOCOL_JSON,
    PROTOCOL_MSGPACK,
    ClientMessage,
    Row,
    ServerMessage,
    Snapshot,
    Submit,
)
from jam.commands import ByClient
from jam.events import AnyEvent
from jam.state import Jam

Json = dict[str, Any]

PATH: Final = "/v1/socket"
_SCHEMAS: Final = "#/components/schemas/"
_ABOUT: Final = (
    "A frame is an array of messages, at most 512, in one of two encodings that the subprotocol chooses: "
    f"`{PROTOCOL_MSGPACK}` (binary frames) or `{PROTOCOL_JSON}` (text frames, the same values as JSON). "
    "The schemas are those of JSON; in MessagePack bytes are the bin type instead of base64. Unknown fields "
    "and message types are ignored. How the messages follow each other, and what an op is, says PROTOCOL.md."
)


def asyncapi() -> Json:
    """The document, of builtins only."""
    client, server = get_args(ClientMessage), get_args(ServerMessage)
    refs, schemas = msgspec.json.schema_components((*client, *server), ref_template=_SCHEMAS + "{name}")
    assert all("$ref" in ref for ref in refs), "every message is a struct"
    for schema in schemas.values():
        tidy(schema)
    _say_what_travels_in_a_jam(schemas)
    sent = {message.__name__ for message in client}
    for name, schema in schemas.items():
        is_sent = name in sent or name.startswith("JamCommand")
        bounded(schema, *((ARRAY_MAX, MAP_MAX) if is_sent else (SERVER_ARRAY_MAX, SERVER_MAP_MAX)))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tutti: the socket",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": PATH,
                "description": "One WebSocket carries any number of rooms.",
                "messages": {
                    message.__name__: {"$ref": f"#/components/messages/{message.__name__}"}
                    for message in (*client, *server)
                },
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            "fromClient": _operation("receive", "What a client may send.", client),
            "fromServer": _operation("send", "What the server sends.", server),
        },
        "components": {
            "messages": {message.__name__: _message(message) for message in (*client, *server)},
            "schemas": schemas,
        },
    }


def bounded(schema: Json, array_max: int = ARRAY_MAX, map_max: int = MAP_MAX) -> Json:
    """Says of what has no bound of its own the one that the codec holds it to."""
    for part in _parts(schema):
        if "enum" in part or "const" in part:
            continue
        match part.get("type"):
            case "string" if part.get("contentEncoding") == "base64":
                part.setdefault("maxLength", 4 * PART_BYTES_MAX // 3)
            case "string":
                part.setdefault("maxLength", STRING_BYTES_MAX)
            case "array":
                part.setdefault("maxItems", array_max)
            case "integer":
                part.setdefault("minimum", -INTEGER_MAX)
                part.setdefault("maximum", INTEGER_MAX)
            case "object" if "properties" not in part:
                part.setdefault("maxProperties", map_max)
    return schema


def _parts(schema: Any) -> Iterator[Json]:
    """The schema and every one within it."""
    if isinstance(schema, list):
        for part in schema:
            yield from _parts(part)
    elif isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for part in schema.values():
            yield from _parts(part)


def jam_commands() -> Json:
    """What people ask of a Jam, as schemas."""
    commands = _one_of("JamCommand", "do", get_args(ByClient))
    for schema in commands.values():
        bounded(schema)
    return commands


def _say_what_travels_in_a_jam(schemas: Json) -> None:
    """Adds commands, events and the state, and puts them where a message holds one."""
    schemas |= jam_commands() | _one_of("JamEvent", "event", get_args(AnyEvent))
    _, parts = _named("JamState", (Jam,))
    schemas |= parts
    place = Row.__struct_fields__.index("op")
    schemas[Submit.__name__]["properties"]["op"] = _either("op: section 6", "JamCommand")
    schemas[Row.__name__]["prefixItems"][place] = _either("op: section 6", "JamEvent")
    schemas[Snapshot.__name__]["properties"]["state"] = _either("state: section 4", "JamState.Jam")


def _either(of_a_playlist: str, name: str) -> Json:
    described = {"description": f"A playlist's {of_a_playlist} of PROTOCOL.md.", "type": "object"}
    return {"anyOf": [described, {"$ref": _SCHEMAS + name}]}


def _one_of(name: str, tag_field: str, types: tuple[type[msgspec.Struct], ...]) -> Json:
    refs, parts = _named(name, types)
    return {name: {"oneOf": list(refs), "discriminator": tag_field}, **parts}


def _named(name: str, types: tuple[type[msgspec.Struct], ...]) -> tuple[tuple[Json, ...], Json]:
    """References and schemas, whose names begin with this one: messages have types of the same names."""
    refs, found = msgspec.json.schema_components(types, ref_template=_SCHEMAS + name + ".{name}")
    for schema in found.values():
        tidy(schema)
    return refs, {f"{name}.{part}": schema for part, schema in found.items()}


def _operation(action: str, summary: str, messages: tuple[type, ...]) -> Json:
    """`action` is the server's: it receives what clients send."""
    channel = "#/channels/socket"
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message.__name__}"} for message in messages],
    }


def _message(message: type[msgspec.Struct]) -> Json:
    tag = str(message.__struct_config__.tag)
    described = {"summary": sentence(message)} if sentence(message) else {}
    return {"name": tag, **described, "payload": {"$ref": _SCHEMAS + message.__name__}}


def sentence(described: type) -> str:
    """The first sentence of a docstring of its own, or nothing."""
    text = sentences(described)
    return text.partition(". ")[0].removesuffix(".") + "." if text else ""


def sentences(described: type) -> str:
    """The first paragraph of a docstring of its own, or nothing."""
    return inspect.cleandoc(described.__dict__.get("__doc__") or "").partition("\n\n")[0].replace("\n", " ")


def tidy(schema: Json) -> None:
    """Docstrings as paragraphs, without the margin of the source."""
    if "description" in schema:
        schema["description"] = (
            inspect.cleandoc(schema["description"]).replace("\n", " ").replace("  ", "\n\n")
        )
