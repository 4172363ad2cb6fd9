"""What PROTOCOL.md says about messages, codes and limits is what the code says."""

import importlib
import json
import re
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from collab.closing import CloseCode, advice
from collab.codec import Encoding
from collab.fields import ARTISTS_MAX, DESCRIPTION_BYTES_MAX, NOTE_CHARS_MAX
from collab.ledger import DIGEST_EVERY
from collab.messages import Body, ClientMessage, Member, Outcome, Row, ServerMessage, Snapshot
from collab.playlist import TOMBSTONES_MAX
from collab.roles import ACTIONS, ROLES, ROLES_OF, allowed
from collab.socket import PATH
from jam.smooth import ENERGY_MAX, TEMPO_MAX, TEMPO_MIN
from ot.digest import canonical_json, digest
from ot.document import Document
from tests.documents.files import PROTOCOL
from tests.documents.markdown import first_table, section

PAGE = PROTOCOL.read_text()
SENDERS = {"a client": get_args(ClientMessage), "the server": get_args(ServerMessage)}
MESSAGES = [(sender, message) for sender, messages in SENDERS.items() for message in messages]

_WORDS: dict[Any, str] = {
    str: "string",
    int: "integer",
    bool: "boolean",
    bytes: "bytes",
    Body: "map",
    dict[str, int]: "map of integers",
    tuple[Row, ...]: "list of rows",
    tuple[Member, ...]: "list of members",
    tuple[str, ...]: "list of strings",
    Snapshot | None: "snapshot",
    Outcome | None: "outcome",
}


def tag(message: type[msgspec.Struct]) -> str:
    return str(message.__struct_config__.tag)


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_the_table_of_messages_names_each_with_its_direction() -> None:
    directions: dict[str, str] = {}
    for sender, message in MESSAGES:
        one = "client → server" if sender == "a client" else "server → client"
        directions[tag(message)] = "both" if tag(message) in directions else one
    table = {
        row[0]: row[1].replace("server → room", "server → client")
        for row in first_table(section(PAGE, "4. Messages"))
    }
    assert table == directions


@pytest.mark.parametrize(("sender", "message"), MESSAGES, ids=lambda value: getattr(value, "__name__", value))
def test_the_table_of_a_message_is_its_type(sender: str, message: type[msgspec.Struct]) -> None:
    hints = get_type_hints(message)
    expected = [
        [field.name, _WORDS[hints[field.name]], _default(field)] for field in msgspec.structs.fields(message)
    ]
    table = first_table(section(PAGE, f"`{tag(message)}` from {sender}"))
    assert [row[:3] for row in table] == expected


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return json.dumps(value)


def test_a_row_is_written_in_the_order_of_its_type() -> None:
    assert f"`[{', '.join(Row.__struct_fields__)}]`" in PAGE


def test_close_codes() -> None:
    table = first_table(section(PAGE, "12. Close codes"))
    expected = [[str(int(code)), code.name.lower(), advice(code)] for code in CloseCode]
    assert [row[:3] for row in table] == expected


def test_limits() -> None:
    for what, value, where in first_table(section(PAGE, "13. Limits")):
        assert number(value) == _constant(where), what


def _constant(where: str) -> Any:
    """The value at a dotted path; the default, for a member of a dataclass."""
    module, name = where.rsplit(".", 1)
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        module, owner = module.rsplit(".", 1)
        return getattr(getattr(importlib.import_module(module), owner)(), name)


def test_numbers_in_the_text() -> None:
    words = " ".join(PAGE.split())
    for said in (
        f"`{PATH}`",
        *(f"`{encoding.value}`" for encoding in Encoding),
        f"at most {ARTISTS_MAX} texts",
        f"at most {NOTE_CHARS_MAX} characters",
        f"at most {DESCRIPTION_BYTES_MAX:,} bytes",
        f"beats a minute × 100 (12,000 is 120), {TEMPO_MIN:,} to {TEMPO_MAX:,}",
        f"`energy` | integer, 0 to {ENERGY_MAX}",
        f"last {TOMBSTONES_MAX:,} removals",
        f"Every {DIGEST_EVERY} versions",
    ):
        assert said in words


def test_roles_grow_as_the_table_says() -> None:
    table = dict(first_table(section(PAGE, "10. Presence, roles, time")))
    assert table.keys() == set(ROLES)
    for roles in ROLES_OF.values():
        may: set[str] = set()
        for role in reversed(roles):
            may |= set(re.findall(r"\w+", table[role])) & set(ACTIONS)
            assert {action for action in ACTIONS if allowed(action, role)} == may, role


def test_the_digest_example() -> None:
    text = section(PAGE, "9. Digest")
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    hashed = re.search(r"^    (\{.*\})$", text, re.MULTILINE)
    result = re.search(r"digest of the whole is `(\w+)`", text)
    assert example is not None
    assert hashed is not None
    assert result is not None
    state = json.loads(example[1])
    assert canonical_json(state["entries"][1]) == hashed[1]
    assert digest(Document(state["entries"], state["attributes"])) == result[1]
