"""Two languages, one Jam: random lives asked of both."""

import json
from random import Random
from typing import Any

from tests.clients.javascript import CONFORMANCE, needs_javascript
from tests.jam.answering import jam_answer
from tests.jam.differential import differences, questions


def test_python_answers_what_is_asked() -> None:
    asked = list(questions(Random("a life")))
    assert {question["fn"] for question, _ in asked} == {"decide", "follow"}
    for question, expected in asked:
        assert _sent(jam_answer(_sent(question))) == _sent(expected)


@needs_javascript
def test_a_hundred_lives_find_no_difference() -> None:
    assert next(differences(["node", str(CONFORMANCE)], seed=1, lives=100), None) is None


def _sent(value: Any) -> Any:
    """As it comes out of a pipe."""
    return json.loads(json.dumps(value))
