"""What we show of ourselves, and what we make of what others show."""

from typing import Any

import pytest

from collab.errors import CallerError
from collab.messages import Member
from tutti_client.events import Reacted
from tutti_client.showing import REACTION_CODE_POINTS_MAX, Showing, typists


def ben(**state: Any) -> Member:
    return Member("connection-1", "ben", "Ben", 1, state)


def test_only_what_there_is_is_shown() -> None:
    showing = Showing()
    assert showing.state() == {}
    showing.typing = True
    showing.sync = {"rtt_ms": 8}
    showing.react("🔥")
    showing.react("🔥")
    assert showing.state() == {
        "typing": True,
        "sync": {"rtt_ms": 8},
        "reaction": {"text": "🔥", "number": 2},
    }


@pytest.mark.parametrize("text", ["", "x" * (REACTION_CODE_POINTS_MAX + 1)])
def test_a_reaction_is_a_word(text: str) -> None:
    with pytest.raises(CallerError):
        Showing().react(text)


def test_each_reaction_is_told_once() -> None:
    showing = Showing()
    # What somebody reacted before they were seen is over.
    assert showing.reactions_of([ben(reaction={"text": "old", "number": 4})]) == []
    assert showing.reactions_of([ben(reaction={"text": "new", "number": 5})]) == [Reacted("ben", "new")]
    assert showing.reactions_of([ben(reaction={"text": "new", "number": 5}, typing=True)]) == []
    assert showing.reactions_of([]) == []
    assert showing.reactions_of([ben(reaction={"text": "back", "number": 9})]) == []


@pytest.mark.parametrize("reaction", [None, "x", {"text": 1, "number": 2}, {"text": "x"}, {"number": "2"}])
def test_what_is_no_reaction_is_none(reaction: Any) -> None:
    showing = Showing()
    showing.reactions_of([ben()])
    assert showing.reactions_of([ben(reaction=reaction)]) == []


def test_a_long_reaction_is_cut() -> None:
    showing = Showing()
    showing.reactions_of([ben()])
    [reacted] = showing.reactions_of([ben(reaction={"text": "x" * 500, "number": 1})])
    assert len(reacted.text) == REACTION_CODE_POINTS_MAX


def test_who_types() -> None:
    assert typists([ben(typing=True)]) == {"ben"}
    assert typists([ben(typing="yes"), ben()]) == frozenset()
