"""What the kind keeps beside the Jam."""

from collab.ids import ROOM_CLIENT, server_client
from collab.jam_kind import JamKind, empty_jam
from collab.kind import Author, Scene
from jam import commands as c
from jam.settings import Settings
from jam.state import dump

HOST = "h" * 22
CLIENT = "c" * 22
AUTHOR = Author(HOST, CLIENT, 2_000)


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
    assert state.jam.members[HOST].active_at == 61_000
    alone = Scene(loaded_ms=1_000)
    assert state.proposals(alone, 120_999) == ([], 121_000)
    assert state.proposals(alone, 121_000)[0] == [c.Away([HOST])]
    elsewhere = Scene(loaded_ms=1_000, elsewhere={HOST: 1})
    assert state.proposals(elsewhere, 10**9) == ([], None)


def test_who_was_only_seen_is_not_asked_about_a_skip_until_they_do_something() -> None:
    state = JamKind().load(empty_jam(HOST, "Host", 1_000, Settings()))
    ben, cem, dan = ("b" * 22, "c" * 22, "d" * 22)

    def take(user: str, at_ms: int, command: c.Command, client: str = CLIENT) -> None:
        draft = state.draft()
        assert draft.accept(command, Author(user, client, at_ms)) is not None
        state.absorb(draft)

    for user in (ben, cem, dan):
        take(user, 1_000, c.Join(user, user[:3], "guest", 1), server_client("j" * 22))
    take(ben, 1_000, c.Add(f"{CLIENT}.1", {"track": "demo:1", "duration_ms": 900_000}))
    take(HOST, 600_000, c.Play(reign=1))
    asleep = [ben, dan]
    take("", 650_000, c.Away(asleep), ROOM_CLIENT)
    take("", 650_000, c.Back(asleep, asleep), ROOM_CLIENT)
    assert {state.jam.members[user].active_at for user in asleep} == {650_000}, "as versions before fold it"

    play = state.jam.timeline.play
    take(cem, 652_000, c.VoteSkip(play))
    take(HOST, 652_000, c.VoteSkip(play))
    assert state.jam.skip.due_at, "two of the two who are asked"
    take(HOST, 652_000, c.VoteSkip(play, False))
    take(dan, 653_000, c.Say("hello"))
    take(HOST, 653_000, c.VoteSkip(play))
    assert state.jam.skip.due_at, "two of three"
    take(HOST, 653_000, c.VoteSkip(play, False))
    take(ben, 653_000, c.Say("hello"))
    take(HOST, 653_000, c.VoteSkip(play))
    assert not state.jam.skip.due_at, "two of four"
