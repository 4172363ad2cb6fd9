"""Undo and redo, against the real room: one's own edits go, what others decided since stands."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ot.undo import STEP_MS, STEPS_MAX
from tests.clients.desk import NOW_MS, Person, assert_converged, settle
from tests.clients.storm import Storm
from tests.clients.trouble import a_desk_with, forget_history, restored
from tutti_client.errors import ReadOnly
from tutti_client.events import Refusal, Renamed


def entry(person: Person, title: str) -> dict[str, object]:
    [found] = [entry for entry in person.replica.document.entries if entry.get("title") == title]
    return dict(found)


# -- one person ----------------------------------------------------------------------------------------------


def test_undo_right_after_an_edit_restores_the_document_exactly() -> None:
    desk, [ann] = a_desk_with("abcd", "A")
    for edit in (
        lambda: ann.append("e", "f"),
        lambda: ann.remove(1, 2),
        lambda: ann.move(0, 2, 4),
        lambda: ann.set_field(2, "note", "mine"),
        lambda: ann.rename("Saturday"),
    ):
        before = ann.replica.document
        edit()
        after = ann.replica.document
        assert ann.undo()
        assert ann.replica.document == before
        assert ann.redo()
        assert ann.replica.document == after
        assert ann.undo()
    assert ann.titles == "abcd"
    assert_converged(desk)
    assert ann.happened(Refusal) == []


def test_steps_are_undone_one_by_one_and_redone_in_order() -> None:
    desk, [ann] = a_desk_with("a", "A")
    for title in "bcd":
        ann.append(title)
        ann.sync()
    seen = []
    while ann.titles != "a":
        assert ann.undo()
        ann.sync()
        seen.append(ann.titles)
    assert seen == ["abc", "ab", "a"]
    assert [ann.redo(), ann.titles] == [True, "ab"]
    ann.append("x")
    assert not ann.can_redo
    assert not ann.redo()
    assert_converged(desk)
    assert ann.titles == "abx"


def test_edits_close_together_are_one_step() -> None:
    desk, [ann, ben] = a_desk_with("", "A", "B")
    ann.hurry = True
    ann.append("a")
    desk.now_ms += STEP_MS
    ann.append("b")
    ben.append("x")
    settle(desk)
    desk.now_ms += STEP_MS
    ann.append("c")
    desk.now_ms += STEP_MS + 1
    ann.append("d")
    ann.replica.end_step()
    ann.append("e")
    assert ann.titles == "abxcde"
    assert [ann.undo() and ann.titles for _ in range(3)] == ["abxcd", "abxc", "x"]
    assert [ann.redo() and ann.titles for _ in range(3)] == ["abxc", "abxcd", "abxcde"]
    assert_converged(desk)


def test_a_clock_that_steps_back_begins_a_new_step() -> None:
    desk, [ann] = a_desk_with("", "A")
    ann.hurry = True
    ann.append("a")
    desk.now_ms -= 1
    ann.append("b")
    ann.undo()
    assert ann.titles == "a"


def test_no_more_than_a_hundred_steps_are_kept() -> None:
    _, [ann] = a_desk_with("", "A")
    for _ in range(STEPS_MAX + 10):
        ann.append("x")
    undone = 0
    while ann.undo():
        undone += 1
    assert undone == STEPS_MAX
    assert ann.length == 10


def test_there_is_nothing_to_undo_at_first_and_viewers_cannot() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    assert not ben.can_undo
    assert not ben.undo()
    desk.set_role("A", "viewer")
    ann.read()
    with pytest.raises(ReadOnly):
        ann.undo()


# -- uids ----------------------------------------------------------------------------------------------------


def test_a_removal_that_was_never_sent_gives_the_same_entry_back() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.lose_connection()
    before = ann.replica.document
    ann.remove(1)
    ann.undo()
    assert ann.replica.document == before
    assert_converged(desk)
    assert ann.submits() == []


def test_it_also_gives_back_what_was_edited_before_it_was_removed() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.lose_connection()
    ann.set_field(1, "note", "mine")
    ann.move(1, 1, 0)
    ann.remove(0)
    ann.undo()
    assert_converged(desk)
    assert ann.titles == "bac"
    assert entry(ann, "b")["note"] == "mine"
    assert entry(ann, "b")["uid"] == "A" * 22 + ".2"


def test_a_removal_that_was_sent_gives_a_new_entry_that_tells_where_it_comes_from() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    old = entry(ben, "b")
    ben.remove(1)
    assert_converged(desk)
    ben.undo()
    new = entry(ben, "b")
    assert new == {**old, "uid": "B" * 22 + ".1", "was": old["uid"]}
    assert new["added_by"] == "A"
    assert_converged(desk)
    assert ben.happened(Refusal) == []
    assert ann.titles == "abc"


def test_while_the_removal_is_under_way_the_uid_waits() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    old = entry(ben, "b")
    ben.remove(1)
    ben.write()
    ben.undo()
    assert entry(ben, "b") == old
    assert_converged(desk)
    assert entry(ann, "b") == {**old, "uid": "B" * 22 + ".1", "was": old["uid"]}
    assert ben.happened(Renamed) == [Renamed({str(old["uid"]): "B" * 22 + ".1"})]


def test_a_removal_under_way_that_is_refused_leaves_the_entry_where_the_undo_put_it() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    before = ben.replica.document
    ben.remove(1)
    ben.edit_badly()
    ben.write()
    ben.undo()
    ben.undo()
    assert_converged(desk)
    assert {refusal.code for refusal in ben.happened(Refusal)} == {"attribute_invalid"}
    assert ann.replica.document == before


def test_a_removal_under_way_whose_base_is_gone_gives_the_same_entry_back() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    before = entry(ben, "b")
    ben.remove(1)
    ben.write()
    ben.lose_connection()
    ben.undo()
    ann.append("d")
    ann.sync()
    forget_history(desk)
    assert_converged(desk)
    assert ann.titles == "abcd"
    assert entry(ann, "b") == before
    assert ben.happened(Refusal) == []


def test_an_entry_that_came_back_may_go_and_come_back_again() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ben.remove(1)
    for _ in range(3):
        assert_converged(desk)
        ben.undo()
        assert_converged(desk)
        ben.redo()
    ben.undo()
    assert_converged(desk)
    assert ann.titles == "abc"
    assert ben.happened(Refusal) == []
    assert (entry(ann, "b")["added_by"], entry(ann, "b")["added_at"]) == ("A", NOW_MS)


def test_what_was_inserted_and_removed_before_it_was_sent_keeps_its_uid() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.append("b")
    uid = entry(ann, "b")["uid"]
    ann.remove(1)
    ann.append("c")
    ann.sync()
    ann.undo()
    ann.undo()
    assert entry(ann, "b")["uid"] == uid
    assert_converged(desk)
    assert ann.titles == "ab"


def test_under_a_new_client_id_restored_entries_get_names_of_it() -> None:
    desk, [ann, _] = a_desk_with("ab", "A", "B")
    ann.append("c")
    ann.remove(2)
    ann.remove(0)
    ann.sync()
    restored(desk)
    settle(desk)
    ann.undo()
    ann.renew("C")
    desk.people[1].renew("D")
    ann.undo()
    assert_converged(desk)
    assert ann.titles == "abc"
    assert [str(entry["uid"])[0] for entry in ann.replica.document.entries] == list("CAC")
    assert ann.happened(Refusal) == []


# -- several people ------------------------------------------------------------------------------------------


def test_later_decisions_of_others_stand() -> None:
    desk, [_, ann, ben] = a_desk_with("abcd", "C", "A", "B")
    ann.move(0, 1, 4)
    ann.set_field(0, "note", "ann")
    ann.rename("Ann's")
    assert_converged(desk)
    ben.move(3, 1, 1)
    ben.set_field(0, "note", "ben")
    ben.rename("Ben's")
    assert_converged(desk)
    assert not ann.can_undo
    assert not ann.undo()
    assert_converged(desk)
    assert ann.titles == "bacd"
    assert entry(ann, "b")["note"] == "ben"
    assert ann.replica.document.attributes["name"] == "Ben's"


def test_what_others_put_into_the_gap_stays() -> None:
    desk, [ann, ben] = a_desk_with("abcd", "A", "B")
    ann.remove(1, 2)
    assert_converged(desk)
    ben.insert(1, "x", "y")
    assert_converged(desk)
    ann.undo()
    assert_converged(desk)
    assert ann.titles == "abcxyd"


def test_of_two_who_removed_an_entry_the_first_may_restore_it() -> None:
    desk, [_, ann, ben] = a_desk_with("abc", "C", "A", "B")
    for person in (ann, ben):
        person.remove(1)
        person.write()
    for person in (ann, ben):
        person.arrive()
        desk.serve()
    assert_converged(desk)
    assert not ben.can_undo
    assert not ben.undo()
    assert ann.undo()
    assert_converged(desk)
    assert ben.titles == "abc"


def test_who_removed_too_late_cannot_restore_even_before_knowing_it() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ben.remove(1)
    ben.write()
    ben.undo()
    ann.remove(1)
    ann.sync()
    assert ben.titles == "abc"
    assert_converged(desk)
    assert ben.titles == "ac"
    ann.undo()
    assert_converged(desk)
    assert ben.titles == "abc"


def test_a_removal_taken_back_before_it_was_sent_does_not_save_the_entry_from_others() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ben.lose_connection()
    ben.remove(1)
    ben.undo()
    ann.remove(1)
    assert_converged(desk)
    assert ben.titles == "ac"
    assert not ben.undo()


# -- storms --------------------------------------------------------------------------------------------------

storms = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@storms
@given(st.randoms(use_true_random=False))
def test_storms_of_undo_converge(random: object) -> None:
    """Half of all actions undo or redo; connections are lost, edits are refused, history goes."""
    Storm(random, with_snapshots=True).run(actions=80).check()


@storms
@given(st.randoms(use_true_random=False))
def test_nothing_comes_back_twice(random: object) -> None:
    """As long as everybody hears of every op."""
    storm = Storm(random, with_snapshots=False).run(actions=80)
    storm.check()
    storm.check_nothing_twice()


def test_storms_bring_about_what_they_are_for() -> None:
    seen: set[str] = set()
    for seed in range(40):
        storm = Storm(Random(seed), with_snapshots=True).run(actions=80)
        storm.check()
        seen |= storm.seen
    assert seen >= {"undo", "redo", "restored", "renamed", "refused", "resynced"}
