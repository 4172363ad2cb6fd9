"""Editors in another program: what is asked of it, and what happens when it is none."""

import sys
from collections.abc import Sequence
from typing import Any, cast

import pytest

from collab.errors import CannotStart
from collab.replay.hand import Action, Insert, Move, Remove
from collab.replay.program import Program, ProgramCopy
from ot.op import IDENTITY
from tutti_client import Acknowledged, ClientError, Event, Renamed
from tutti_client.events import Diverged, Refusal, Resynced

# Answers every question with its name, and knows how to fail.
ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    said = {"error": "NoSuchThing: no"} if asked["fn"] == "fail" else {"came": asked["fn"]}
    print(json.dumps({"id": asked["id"], **said}), flush=True)
    if asked["fn"] == "leave":
        break
"""


def command(code: str) -> str:
    return f"{sys.executable} -c '{code}'"


class Script:
    """A program that gives these answers, one after the other."""

    def __init__(self, *answers: object) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self._answers = list(answers)

    def listen(self, *_: object) -> None:
        pass

    async def ask(self, fn: str, _: int, *, playlist: str, **arguments: object) -> object:
        assert playlist == "doc"
        self.asked.append((fn, arguments))
        return self._answers.pop(0)


async def test_questions_and_answers() -> None:
    async with Program(command(ECHO)) as program:
        assert await program.ask("digest", 1) == "digest"
        with pytest.raises(ClientError, match="NoSuchThing: no"):
            await program.ask("fail", 1)


async def test_a_program_that_cannot_be_started() -> None:
    with pytest.raises(CannotStart, match="cannot be started"):
        async with Program("./no/such/program"):
            pass


async def test_a_program_that_ends_early() -> None:
    async with Program(command(ECHO)) as program:
        assert await program.ask("leave", 1) == "leave"
        with pytest.raises(CannotStart, match="has ended"):
            await program.ask("digest", 1)
        with pytest.raises(CannotStart, match="has ended"):
            program.tell("go_offline", 1)


async def test_who_looked_at_an_old_list_looks_again() -> None:
    script = Script({"look": 3, "uids": ["a"]}, None, {"look": 5, "uids": ["a", "b"]}, [[], ["c", "d"], []])
    copy = ProgramCopy(cast(Program, script), 1, "doc")
    lists: list[Sequence[str]] = []

    def plan(uids: Sequence[str]) -> list[Action]:
        lists.append(uids)
        return [Remove(0, len(uids)), Insert(0, (7, 8)), Move(1, 1, 0)]

    assert await copy.make(plan, lambda item: {"track": f"t:{item}"}) == [[], ["c", "d"], []]
    assert lists == [["a"], ["a", "b"]]
    assert script.asked[-1] == (
        "make",
        {
            "look": 5,
            "actions": [
                ("remove", 0, 2),
                ("insert", 0, [{"track": "t:7"}, {"track": "t:8"}]),
                ("move", 1, 1, 0),
            ],
        },
    )


TOLD: list[tuple[dict[str, Any], Event]] = [
    (
        {"type": "acknowledged", "client": "c", "seq": 1, "version": 5, "edits": 2, "base": 3, "isOp": True},
        Acknowledged("c", 1, 5, 2, base=3, is_op=True),
    ),
    ({"type": "renamed", "uids": {"a.1": "b.1"}}, Renamed({"a.1": "b.1"})),
    (
        {"type": "refusal", "client": "c", "seq": 1, "code": "x", "message": "X.", "op": {}, "edits": 1},
        Refusal("c", 1, "x", "X.", IDENTITY, 1),
    ),
    ({"type": "resynced", "reason": "gap", "version": 5}, Resynced("gap", 5)),
    ({"type": "diverged", "version": 5}, Diverged(5)),
]


@pytest.mark.parametrize(
    ("told", "event"), TOLD, ids=lambda value: value["type"] if isinstance(value, dict) else ""
)
async def test_what_happens_is_told(told: dict[str, Any], event: Event) -> None:
    code = f"""
import json, sys
for line in sys.stdin:
    print(json.dumps(dict(editor=1, playlist="doc", event={told!r})))
    print(json.dumps(dict(id=json.loads(line)["id"], came=None)), flush=True)
"""
    heard: list[Event] = []
    async with Program(command(code.replace("'", '"'))) as program:
        ProgramCopy(program, 1, "doc").listen(heard.append)
        await program.ask("saved", 1)
    assert heard == [event]
