"""The socket as an AsyncAPI 3.0 document, made from the message types.

Knows how AsyncAPI wants it said. What the messages are is `collab.messages`; their sentences are its
docstrings.
"""

import inspect
from typing import Any, Final, get_args

import msgspec

from collab.messages import PROTOCOL_JSON, PROTOCOL_MSGPACK, ClientMessage, ServerMessage

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
