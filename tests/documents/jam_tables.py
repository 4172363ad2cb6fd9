"""The Jam's tables in PROTOCOL.md, made from its types.

What stands in the code is made anew each time; the last column of state, settings and events says what no
type can say, is written by hand on the page, and is kept.
"""

import json
import types
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from jam import commands as c
from jam import events as e
from jam import settings, state
from jam.rules import TABLE
from jam.state import Role
from tests.documents.asyncapi import sentences

Row = list[str]

# From the least to the most; as people call them.
_ROLES: Final[tuple[Role, ...]] = ("listener", "guest", "cohost", "host")
_STATE: Final = (
    state.Jam, state.Member, state.Bucket, state.Doors, state.Knock, state.Entry, state.Timeline, state.Skip,
    state.Played, state.Message,
)  # fmt: skip
_SETTINGS: Final = (settings.Settings, settings.Times, settings.Limits)
_WORDS: Final[dict[Any, str]] = {str: "string", int: "integer", bool: "boolean", dict[str, Any]: "map"}


def jam_tables() -> dict[str, Callable[[], Iterator[Row]]]:
    """By name. Rows that are shorter than the head lack the column that is written by hand."""
    return {
        "jam_commands": _commands,
        "jam_roles": _roles,
        "jam_wanted": _wanted,
        "jam_events": _events,
        **{struct.__name__: lambda struct=struct: _members(struct) for struct in _STATE},
        **{struct.__name__: lambda struct=struct: _choices(struct) for struct in _SETTINGS},
    }


def _commands() -> Iterator[Row]:
    yield ["`do`", "who", "members", "what it asks for"]
    for command in get_args(c.ByClient):
        who = next(role for role in _ROLES if command in TABLE[role])
        yield [f"`{tag(command)}`", f"`{who}`", _listed(command), sentences(command)]


def _roles() -> Iterator[Row]:
    yield ["role", "may"]
    known: frozenset[type[c.Command]] = frozenset()
    for role in _ROLES:
        named = ", ".join(f"`{tag(it)}`" for it in get_args(c.ByClient) if it in TABLE[role] - known)
        yield [f"`{role}`", f"that, and {named}" if known else named]
        known = TABLE[role]


def _wanted() -> Iterator[Row]:
    yield ["`do`", "members", "when"]
    for command in (*get_args(c.ByRoom), c.ByServer):
        yield [f"`{tag(command)}`", _listed(command), sentences(command)]


def _events() -> Iterator[Row]:
    yield ["`event`", "members", "what it makes of the Jam"]
    for event in get_args(e.AnyEvent):
        yield [f"`{tag(event)}`", _listed(event, e.Event.__struct_fields__)]


def _members(struct: type[Struct]) -> Iterator[Row]:
    yield ["member", "value", "meaning"]
    hints = get_type_hints(struct)
    for name in struct.__struct_fields__:
        yield [f"`{name}`", _word(hints[name])]


def _choices(struct: type[Struct]) -> Iterator[Row]:
    yield ["member", "value", "default", "meaning"]
    hints = get_type_hints(struct)
    for field in msgspec.structs.fields(struct):
        yield [f"`{field.name}`", _word(hints[field.name]), _default(field)]


def tag(struct: type[Struct]) -> str:
    return str(struct.__struct_config__.tag)


def _listed(struct: type[Struct], beside: tuple[str, ...] = ()) -> str:
    """Its members, the reign last: it is not what a command is about."""
    hints = get_type_hints(struct)
    fields = [field for field in msgspec.structs.fields(struct) if field.name not in beside]
    fields.sort(key=lambda field: field.name == "reign")
    return ", ".join(
        " ".join(filter(None, [f"`{field.name}`", _word(hints[field.name]), _left_out(field)]))
        for field in fields
    )


def _left_out(field: msgspec.structs.FieldInfo) -> str:
    return "" if field.required else f"({_default(field)})"


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(value, Struct):
        return ""
    return f"{value:,}" if type(value) is int else f"`{json.dumps(value)}`"


def _word(hint: Any) -> str:
    """A type in words; those with a table of their own by its name."""
    if hint in _WORDS:
        return _WORDS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " · ".join(f'`"{value}"`' for value in args)
    if origin is dict:
        return f"map of {_many(args[1])}"
    if origin is list or (origin is tuple and args[-1] is Ellipsis):
        return f"list of {_many(args[0])}"
    if origin is tuple:
        return f"[{', '.join(map(_word, args))}]"
    assert origin not in (Union, types.UnionType), "no member of the Jam may be one thing or another"
    return f"`{hint.__name__}`"


def _many(hint: Any) -> str:
    word = _word(hint)
    return f"{word}s" if word in _WORDS.values() else word
