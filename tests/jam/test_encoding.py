"""Commands and events as maps: the name says which one it is, and everything else must fit that one."""

from random import Random
from typing import Any, get_args

import msgspec
import pytest

from jam.commands import AnyCommand, CountSkip, End, decode_command, encode_command
from jam.events import decode_event, encode_event
from jam.step import Decided
from tests.jam.lives import life

MALFORMED = ({}, {"do": "dance"}, {"do": ["vote"]}, {"do": 1}, {"do": "vote", "entry": 1, "value": 1})


def test_whole_lives_are_read_back_as_they_were() -> None:
    rare = (End(reign=2), CountSkip(3))
    for command in rare:
        assert decode_command(encode_command(command)) == command
    kinds: set[type[Any]] = {type(command) for command in rare}
    for seed in range(20):
        for moment in life(Random(seed), 100):
            assert decode_command(encode_command(moment.command)) == moment.command
            kinds.add(type(moment.command))
            if isinstance(moment.outcome, Decided):
                assert decode_event(encode_event(moment.outcome.event)) == moment.outcome.event
    assert kinds == set(get_args(AnyCommand)), "a life shows every command"


@pytest.mark.parametrize("body", MALFORMED)
def test_what_is_no_command_is_refused_in_the_same_words(body: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        decode_command(body)
    with pytest.raises(msgspec.ValidationError) as by_the_union:
        msgspec.convert(body, AnyCommand)
    assert str(refused.value) == str(by_the_union.value)
