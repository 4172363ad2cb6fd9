"""The playlist as a kind: whose uids, whose names, what a removal leaves behind, how many entries."""

from typing import Any

import pytest

from collab import playlist as playlist_module
from collab.errors import Refusal
from collab.ids import server_client
from collab.kind import Author
from collab.playlist import ADDED_AT_LEEWAY_MS, Playlist, PlaylistDraft, PlaylistState, empty_playlist
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.digest import digest
from ot.op import IDENTITY, Op
from tests.collab.rooms import NOW_MS, client_id, entry

A, B = client_id("A"), client_id("B")
ANN = Author("ann", A, NOW_MS)
BOB = Author("bob", B, NOW_MS)
SERVER = Author("bob", server_client(client_id("S")), NOW_MS)


def playlist(length: int = 0, **limits: int) -> PlaylistState:
    entries = [entry(A, n) for n in range(100, 100 + length)]
    return Playlist(**limits).load({"entries": entries, "attributes": {"name": "x"}, "removed": []})


def code_of(draft: PlaylistDraft, op: Op, author: Author = ANN) -> str:
    before = draft.document
    with pytest.raises(Refusal) as caught:
        draft.accept(op, author)
    assert draft.document is before, "a refusal leaves the draft as it was"
    return caught.value.code


def insert(length: int, *entries: dict[str, Any]) -> Op:
    return insert_at(length, length, entries)


# -- uids -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        (f"{B}.1", "uid_foreign"),
        ("1", "uid_foreign"),
        (A, "entry_invalid"),
        (f"{A}x.1", "uid_foreign"),
        (f"{A}.", "entry_invalid"),
        (f"{A}.1.2", "entry_invalid"),
        (f"{A}.-1", "entry_invalid"),
        (f"{A}.²", "entry_invalid"),
        (f"{A}." + "1" * 17, "entry_invalid"),
    ],
)
def test_a_uid_is_the_submitters_client_id_and_a_number(uid: str, code: str) -> None:
    assert code_of(playlist().draft(), insert(0, entry(A, 1) | {"uid": uid})) == code


def test_no_uid_is_used_twice() -> None:
    state = playlist(2)
    draft = state.draft()
    assert code_of(draft, insert(2, entry(A, 100))) == "uid_taken", "it stands in the list"
    draft.accept(insert(2, entry(A, 1)), ANN)
    assert code_of(draft, insert(3, entry(A, 1))) == "uid_taken", "it was put there in the same batch"
    draft.accept(remove_range(3, 2), ANN)
    assert code_of(draft, insert(2, entry(A, 1))) == "uid_taken", "it was removed in the same batch"
    state.absorb(draft)
    assert code_of(state.draft(), insert(2, entry(A, 1))) == "uid_taken", "it was removed before"


def test_what_a_batch_removed_and_lost_was_not_removed() -> None:
    state = playlist(1)
    lost = state.draft()
    lost.accept(remove_range(1, 0), ANN)
    assert state.uids == {f"{A}.100"}
    assert not state.tombstones


# -- what the server restores -------------------------------------------------------------------------------


def test_the_server_brings_an_entry_back_as_it_was() -> None:
    state = playlist(2)
    old = state.document.entries[1]
    draft = state.draft()
    draft.accept(remove_range(2, 1), ANN)
    state.absorb(draft)
    draft = state.draft()
    draft.accept(insert(1, old), SERVER)
    state.absorb(draft)
    assert state.document.entries == [entry(A, 100), old]
    assert state.uids == {f"{A}.100", f"{A}.101"}
    assert code_of(state.draft(), insert(2, old), SERVER) == "uid_taken", "it stands again"
    assert code_of(state.draft(), insert(2, old)) == "uid_taken", "no client may repeat a uid"


def test_the_server_brings_nothing_back_twice_in_one_batch() -> None:
    state = playlist(1)
    old = state.document.entries[0]
    draft = state.draft()
    assert code_of(draft, insert(1, old), SERVER) == "uid_taken"
    draft.accept(remove_range(1, 0), ANN)
    draft.accept(insert(0, old), SERVER)
    assert code_of(draft, insert(1, old), SERVER) == "uid_taken"
    draft.accept(remove_range(1, 0), ANN)
    draft.accept(insert(0, old), SERVER)
    state.absorb(draft)
    assert state.uids == {f"{A}.100"}


def test_the_server_too_keeps_to_the_table_of_fields() -> None:
    assert code_of(playlist().draft(), insert(0, entry(A, 1, colour="red")), SERVER) == "entry_invalid"


def test_what_was_restored_and_is_removed_again_is_the_newest_removal() -> None:
    one_by_one, at_once = playlist(2), playlist(2)
    first = one_by_one.document.entries[0]
    steps = [
        (remove_range(2, 0), ANN),
        (remove_range(1, 0), ANN),
        (insert(0, first), SERVER),
        (remove_range(1, 0), BOB),
    ]
    together = at_once.draft()
    for op, author in steps:
        draft = one_by_one.draft()
        draft.accept(op, author)
        one_by_one.absorb(draft)
        together.accept(op, author)
    at_once.absorb(together)
    assert list(one_by_one.tombstones) == [f"{A}.101", f"{A}.100"]
    assert list(at_once.tombstones) == list(one_by_one.tombstones)


# -- who and when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"added_by": "bob"},
        {"added_by": None},
        {"added_at": "now"},
        {"added_at": -1},
        {"added_at": True},
        {"added_at": NOW_MS + ADDED_AT_LEEWAY_MS + 1},
    ],
)
def test_an_entry_says_who_added_it_and_when(changed: dict[str, Any]) -> None:
    made = {field: value for field, value in (entry(A, 1) | changed).items() if value is not None}
    assert code_of(playlist().draft(), insert(0, made)) == "entry_invalid"


def test_a_clock_may_be_a_little_ahead() -> None:
    playlist().draft().accept(insert(0, entry(A, 1) | {"added_at": NOW_MS + ADDED_AT_LEEWAY_MS}), ANN)


def test_an_undo_keeps_the_old_author_and_time_if_the_tombstone_bears_it_out() -> None:
    state = playlist(1)
    draft = state.draft()
    draft.accept(remove_range(1, 0), BOB)
    old = {"added_by": "ann", "added_at": NOW_MS, "was": f"{A}.100"}
    for wrong in ({"added_by": "eve"}, {"added_at": NOW_MS - 1}, {"was": f"{A}.999"}):
        assert code_of(draft, insert(0, entry(B, 1, "bob") | old | wrong), BOB) == "entry_invalid"
    draft.accept(insert(0, entry(B, 1, "bob") | old), BOB)
    state.absorb(draft)
    later = state.draft()
    later.accept(insert(1, entry(B, 2, "bob") | old), BOB)


@pytest.mark.parametrize("was", [5, ["x"], {"x": 1}, "", "x" * 41])
def test_was_is_a_uid(was: Any) -> None:
    assert code_of(playlist().draft(), insert(0, entry(A, 1) | {"was": was})) == "entry_invalid"


def test_only_the_last_removals_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playlist_module, "TOMBSTONES_MAX", 2)
    state = playlist(3)
    for length in (3, 2, 1):
        draft = state.draft()
        draft.accept(remove_range(length, 0), ANN)
        state.absorb(draft)
    assert list(state.tombstones) == [f"{A}.101", f"{A}.102"]


# -- the list ---------------------------------------------------------------------------------------------


def test_a_playlist_is_full_some_day_and_can_still_shrink() -> None:
    draft = playlist(3, entries_max=3).draft()
    assert code_of(draft, insert(3, entry(A, 1))) == "playlist_full"
    over = playlist(3, entries_max=2).draft()
    over.accept(remove_range(3, 0), ANN)
    assert len(over.document.entries) == 2


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (remove_range(5, 0), "op_length"),
        (set_attribute("colour", "red"), "attribute_invalid"),
        (set_attribute("name", None), "attribute_invalid"),
        (set_field(2, 0, "track", "spotify:track:y"), "entry_invalid"),
        (set_field(2, 0, "added_by", "eve"), "entry_invalid"),
        (set_field(2, 0, "title", 7), "entry_invalid"),
        (set_field(2, 1, "title", "x" * 3000), "entry_invalid"),
    ],
)
def test_what_does_not_fit_is_refused(op: Op, code: str) -> None:
    assert code_of(playlist(2).draft(), op) == code


def test_descriptions_are_bounded_as_a_whole_wherever_an_entry_stands() -> None:
    draft = playlist(3).draft()
    draft.accept(set_field(3, 2, "title", "x" * 1500), ANN)
    assert code_of(draft, set_field(3, 2, "album", "x" * 600)) == "entry_invalid"
    draft.accept(set_field(3, 1, "album", "x" * 600), ANN)
    draft.accept(move_range(3, 2, 1, 0), ANN)
    assert code_of(draft, set_field(3, 0, "album", "x" * 600)) == "entry_invalid"


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        ({"l": [["p", 2], ["d", 0, 1]]}, "op_drops"),
        ({"l": [["p", 2], ["d", 0, 2], ["d", 1, 1]]}, "op_drops"),
        ({"l": [["k", 1], ["d", 0, 1]]}, "op_drops"),
        ({"l": [["k", 0]]}, "op_malformed"),
        ({"l": [["k", 2**53 - 1], ["r", 1]]}, "op_malformed"),
        ({"l": [["k", 1]] * 25_001}, "op_too_large"),
        ({"x": 1}, "op_malformed"),
    ],
)
def test_what_is_no_op_is_refused_before_it_is_rebased(wire: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        Playlist().decode(wire)
    assert caught.value.code == code


def test_rebasing_over_a_list_of_another_length_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        Playlist().rebase(remove_range(3, 0), remove_range(2, 0))
    assert caught.value.code == "op_length"


def test_the_later_of_two_stands_to_the_right() -> None:
    kind = Playlist()
    first, second = insert(0, entry(A, 1)), insert(0, entry(B, 1))
    assert kind.rebase(second, first) == insert_at(1, 1, [entry(B, 1)])


def test_an_op_of_which_nothing_is_left_changes_nothing() -> None:
    draft = playlist(1).draft()
    before = draft.document
    assert draft.accept(Playlist().rebase(remove_range(2, 0), remove_range(2, 0)), ANN) is None
    assert draft.accept(IDENTITY, ANN) is None
    assert draft.document is before
    removal = remove_range(1, 0)
    assert draft.accept(removal, ANN) is removal


def test_a_state_survives_being_stored() -> None:
    state = playlist(3)
    draft = state.draft()
    draft.accept(remove_range(3, 1), ANN)
    draft.accept(set_attribute("description", "d"), ANN)
    state.absorb(draft)
    again = Playlist().load(state.dump())
    assert again.view() == state.view()
    assert again.tombstones == state.tombstones
    assert again.digest() == state.digest() == digest(state.document)


def test_a_new_playlist_has_a_name_and_nothing_else_that_is_null() -> None:
    body = empty_playlist({"name": "x", "description": None, "public": True})
    assert body == {"entries": [], "attributes": {"name": "x", "public": True}, "removed": []}
    for wrong in ({}, {"name": ""}, {"name": "x", "colour": "red"}):
        with pytest.raises(Refusal):
            empty_playlist(wrong)
