"""Python's answer to the conformance vectors. JavaScript's reads the same files."""

import json
from typing import Any, get_args

import msgspec
import pytest

from collab.closing import advice
from collab.codec import Decoded, Encoding, decode_client, decode_server, encode_message, join
from collab.errors import BadMessage
from jam.commands import AnyCommand
from jam.digest import digest as jam_digest
from jam.events import AnyEvent, decode_event
from jam.lineup import Lineup
from jam.state import load
from jam.step import follow
from ot.conformance import answer
from ot.digest import canonical_json, digest
from ot.document import Document
from tests.jam.answering import jam_answer
from tests.vectors.arranging import arranged
from tests.vectors.clock import TOLERANCE, answers
from tests.vectors.codes import code_answer
from tests.vectors.files import FOLDER, generated, read
from tests.vectors.sessions import session_answers

Vector = dict[str, Any]


def vectors(name: str) -> Any:
    found = read(name)
    names = [vector["name"] for vector in found]
    assert len(set(names)) == len(names), "a vector is found by its name"
    return pytest.mark.parametrize("vector", found, ids=names)


@pytest.mark.parametrize("name", list(generated()))
def test_the_files_are_what_the_command_makes(name: str) -> None:
    assert (FOLDER / name).read_bytes() == generated()[name], "run: python -m tests.vectors"


@vectors("close_codes.jsonl")
def test_close_code(vector: Vector) -> None:
    assert advice(vector["given"]["code"]) == vector["expected"]["advice"]


@vectors("digest.jsonl")
def test_digest(vector: Vector) -> None:
    given, expected = vector["given"], vector["expected"]
    parts = (*given["entries"], given["attributes"])
    assert [canonical_json(part) for part in parts] == expected["canonical"]
    assert digest(Document(given["entries"], given["attributes"])) == expected["digest"]


def test_algebra() -> None:
    """One test for all: there are thousands."""
    found = read("ot.jsonl")
    assert len({vector["name"] for vector in found}) == len(found) >= 2000
    wrong = []
    for vector in found:
        said, expected = answer(json.dumps(vector["given"]).encode()), vector["expected"]
        if "error" in expected and isinstance(said.get("error"), dict):
            said = {"error": {"code": said["error"]["code"]}}
        if json.dumps(said, sort_keys=True) != json.dumps(expected, sort_keys=True):
            wrong.append((vector["name"], said, expected))
    assert wrong == []


def test_jam() -> None:
    """One test for all, as a Jam's names are many. What follows a Jam reads the event, and gets the rest."""
    found = read("jam.jsonl")
    assert len({vector["name"] for vector in found}) == len(found) >= 500
    wrong = [
        (vector["name"], said, vector["expected"])
        for vector in found
        if (said := json.loads(json.dumps(jam_answer(vector["given"])))) != vector["expected"]
    ]
    assert wrong == []


def test_every_command_and_event_of_a_jam_is_there() -> None:
    found = read("jam.jsonl")
    commands = {vector["given"]["command"]["do"] for vector in found if "command" in vector["given"]}
    events = {vector["expected"]["event"]["event"] for vector in found if "event" in vector["expected"]}
    assert commands == {kind.__struct_config__.tag for kind in get_args(AnyCommand)}
    assert events == {kind.__struct_config__.tag for kind in get_args(AnyEvent)}


@vectors("jam_logs.jsonl")
def test_a_life_of_a_jam_is_followed(vector: Vector) -> None:
    lineup, digests = Lineup(load(vector["given"]["state"])), dict(vector["expected"]["digests"])
    for number, event in enumerate(vector["given"]["events"], 1):
        lineup = follow(lineup, decode_event(event))
        assert number not in digests or jam_digest(lineup.jam) == digests[number]
    assert len(digests) >= 5


@vectors("clock.jsonl")
def test_clock(vector: Vector) -> None:
    _assert_near(answers(vector["given"]), vector["expected"])


@vectors("sessions.jsonl")
def test_session(vector: Vector) -> None:
    _assert_near(session_answers(vector["given"]), vector["expected"])


def _assert_near(said: list[list[Any]], expected: list[list[Any]]) -> None:
    assert len(said) == len(expected)
    for number, (mine, theirs) in enumerate(zip(said, expected, strict=True)):
        near = [pytest.approx(x, rel=0, abs=TOLERANCE) if isinstance(x, float) else x for x in theirs]
        assert mine == near, f"step {number}"


@vectors("arrange.jsonl")
def test_arrangement(vector: Vector) -> None:
    assert arranged(vector["given"]) == vector["expected"]


@vectors("codes.jsonl")
def test_code(vector: Vector) -> None:
    assert code_answer(vector["given"]) == vector["expected"]


@vectors("codec.jsonl")
def test_frame(vector: Vector) -> None:
    expected = vector["expected"]
    for encoding, payload in _payloads(vector["given"]):
        if "error" in expected:
            with pytest.raises(BadMessage) as error:
                _decode(vector["given"]["from"], payload, encoding)
            assert error.value.code == expected["error"]
            continue
        decoded = _decode(vector["given"]["from"], payload, encoding)
        assert decoded.unknown == expected["unknown"]
        assert json.loads(msgspec.json.encode(decoded.messages)) == expected["messages"]
        again = join([encode_message(message, encoding) for message in decoded.messages], encoding)
        assert _decode(vector["given"]["from"], again, encoding).messages == decoded.messages


def _payloads(given: Vector) -> list[tuple[Encoding, bytes | str]]:
    payloads: list[tuple[Encoding, bytes | str]] = []
    if "json" in given:
        payloads.append((Encoding.JSON, given["json"]))
    if "msgpack" in given:
        payloads.append((Encoding.MSGPACK, bytes.fromhex(given["msgpack"])))
    return payloads


def _decode(sender: str, payload: bytes | str, encoding: Encoding) -> Decoded:
    return decode_client(payload, encoding) if sender == "client" else decode_server(payload, encoding)
