"""What the kind keeps beside the Jam."""

from collab.jam_kind import JamKind, empty_jam
from collab.kind import Author
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
