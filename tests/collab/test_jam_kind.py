"""What the kind keeps beside the Jam."""

from collab.ids import ROOM_CLIENT
from collab.jam_kind import JamKind, empty_jam
from collab.kind import Author, Scene
from jam import commands as c
from jam.settings import Settings
from jam.state import dump

HOST = "h" * 22
AUTHOR = Author(HOST, "c" * 22, 2_000)


def test_a_view_is_made_once_for_each_jam() -> None:
    state = JamKind().load(empty_jam(HOST, "Host", 1_000, Settings()))
    before = state.view()
    assert state.view() is before == state.dump()
    draft = state.draft()
    assert draft.accept(c.Say("hello"), AUTHOR) is not None
    assert state.view() is before, "nothing is committed yet"
    state.absorb(draft)
    assert state.view() == dump(draft.lineup.jam) != before
    after = state.view()
    state.absorb(state.draft())
    assert state.view() is after, "nothing changed"


def test_who_was_seen_is_not_doubted_again_at_once() -> None:
    """A node that does not hear of anybody doubts a silent host once a minute, and knows when it did."""
    state = JamKind().load(empty_jam(HOST, "Host", 1_000, Settings()))
    room = Author("", ROOM_CLIENT, 61_000)
    for command in (c.Away([HOST]), c.Back([HOST], [HOST])):
        draft = state.draft()
        assert draft.accept(command, room) is not None
        state.absorb(draft)
    assert state.jam.members[HOST].active_at == 1_000
    alone = Scene(loaded_ms=1_000)
    assert state.proposals(alone, 120_999) == ([], 121_000)
    assert state.proposals(alone, 121_000)[0] == [c.Away([HOST])]
    elsewhere = Scene(loaded_ms=1_000, elsewhere={HOST: 1})
    assert state.proposals(elsewhere, 10**9) == ([], None)
