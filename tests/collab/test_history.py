"""What the past says, and the way back, held against a record of who did what."""

from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collab.history import Change, Step, changes, happened, life_of, replay, restoring, take_back
from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.document import Document
from ot.op import IDENTITY, Op
from tests.collab.histories import PEOPLE, Act, History, lived

VERSIONS = 12

# A history takes many draws; how long one takes says nothing here, and the same ones come on every machine.
law = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
histories = st.randoms(use_true_random=False).map(lambda random: lived(random, VERSIONS))
versions = st.integers(0, VERSIONS)
people = st.sampled_from(PEOPLE)


def uids(document: Document) -> list[str]:
    return [str(entry["uid"]) for entry in document.entries]


def letters(text: str) -> Document:
    return Document([{"uid": letter} for letter in text], {"name": "x"})


def text(document: Document) -> str:
    return "".join(uids(document))


# -- states -----------------------------------------------------------------------------------------------


@law
@given(histories, versions)
def test_the_state_at_a_version_is_the_fold_of_what_came_before(history: History, version: int) -> None:
    ops = [step.op for step in history.steps[:version]]
    assert replay(history.states[0], ops) == history.states[version]


@law
@given(histories, versions, versions)
def test_restoring_leads_from_any_state_to_any_other(history: History, now: int, past: int) -> None:
    op = restoring(history.states[now], history.states[past])
    assert apply(history.states[now], op) == history.states[past]


# -- what happened ----------------------------------------------------------------------------------------


def test_each_change_says_where() -> None:
    before = letters("abcdef")
    op = Op(insert_at(6, 1, [{"uid": "X"}]).components, {"name": "y"})
    assert changes(before, op) == [Change("added", {"uid": "X"}, None, 1)]
    assert changes(before, remove_range(6, 2, 2)) == [
        Change("removed", {"uid": "c"}, 2, None),
        Change("removed", {"uid": "d"}, 3, None),
    ]
    assert changes(before, move_range(6, 4, 2, 1)) == [
        Change("moved", {"uid": "e"}, 4, 1),
        Change("moved", {"uid": "f"}, 5, 2),
    ]
    assert changes(before, set_field(6, 3, "note", "n")) == [
        Change("edited", {"uid": "d", "note": "n"}, 3, 3, {"note": "n"})
    ]
    assert changes(before, set_attribute("name", "z")) == []


@law
@given(histories)
def test_the_changes_are_what_was_done(history: History) -> None:
    told = happened(history.states[0], history.steps)
    for step, found in told:
        before, after = history.states[step.version - 1], history.states[step.version]
        old, new = uids(before), uids(after)
        by_deed: dict[str, list[Change]] = {}
        for change in found:
            by_deed.setdefault(change.deed, []).append(change)
            uid = change.entry["uid"]
            assert change.before == (old.index(uid) if uid in old else None)
            assert change.after == (new.index(uid) if uid in new else None)
            standing = after if uid in new else before
            assert change.entry == next(entry for entry in standing.entries if entry["uid"] == uid)
        assert {change.entry["uid"] for change in by_deed.get("added", [])} == set(new) - set(old)
        assert {change.entry["uid"] for change in by_deed.get("removed", [])} == set(old) - set(new)
        touched = {change.entry["uid"] for change in found if change.deed != "edited"}
        still = [uid for uid in old if uid not in touched]
        assert still == [uid for uid in new if uid not in touched], "what did not move kept its order"


@law
@given(histories)
def test_the_life_of_an_entry_is_what_happened_to_it(history: History) -> None:
    told = happened(history.states[0], history.steps)
    for uid in {act.what for act in history.acts if act.verb == "add"}:
        life = life_of(uid, history.states[0], history.steps)
        assert life == [(step, one) for step, all_ in told for one in all_ if one.entry["uid"] == uid]
        if life:
            assert life[0][1].deed == "added"
            assert {change.deed for _, change in life[1:-1]} <= {"moved", "edited"}


# -- taking back ------------------------------------------------------------------------------------------


@law
@given(histories, versions, people)
def test_taking_back_undoes_one_persons_part_and_keeps_the_others(
    history: History, since: int, person: str
) -> None:
    before, now = history.states[since], history.now
    op = take_back(before, history.steps[since:], person)
    result = apply(now, op)
    acts = [act for act in history.acts if act.version > since]
    own = [act for act in acts if act.person == person]
    others = [act for act in acts if act.person != person]

    # Who is there: nobody whom they added, everybody whom they removed.
    added = {act.what for act in own if act.verb == "add"}
    removed = {act.what for act in own if act.verb == "remove"}
    assert Counter(uids(result)) == Counter((set(uids(now)) | removed) - added)

    # What everything says: the last word of the others, else how it was.
    first_seen: dict[str, Any] = {}
    for state in history.states[since:]:
        for entry in state.entries:
            first_seen.setdefault(str(entry["uid"]), entry)
    for entry in result.entries:
        expected = dict(first_seen[str(entry["uid"])])
        _say(expected, [act for act in others if act.verb == "set" and act.what == entry["uid"]])
        assert entry == expected
    expected = dict(before.attributes)
    _say(expected, [act for act in others if act.verb == "name"])
    assert result.attributes == expected

    # In which order: whatever they did not touch last stays as it is.
    movers = {act.what: act.person for act in acts if act.verb == "move"}
    left_alone = {
        uid for uid in uids(now) if uid not in added and uid not in removed and movers.get(uid) != person
    }
    kept = [uid for uid in uids(result) if uid in left_alone]
    assert kept == [uid for uid in uids(now) if uid in left_alone]


def _say(members: dict[str, Any], acts: list[Act]) -> None:
    for act in acts:
        members[act.field or act.what] = act.value
        if act.value is None:
            del members[act.field or act.what]


@law
@given(histories, versions)
def test_taking_back_everybodys_part_alone_is_restoring(history: History, since: int) -> None:
    steps = [Step(step.version, "ann", step.at_ms, step.op) for step in history.steps[since:]]
    op = take_back(history.states[since], steps, "ann")
    assert apply(history.now, op) == history.states[since]


def test_taking_back_nothing_is_nothing() -> None:
    before = letters("abc")
    steps = [Step(1, "bob", 0, remove_range(3, 0)), Step(2, "bob", 0, set_attribute("name", "y"))]
    assert take_back(before, steps, "ann") == IDENTITY
    assert take_back(before, [], "ann") == IDENTITY


def taken_back(before: str, *done: tuple[str, Op]) -> str:
    """The letters after ann's part is taken back."""
    document = letters(before)
    steps = [Step(version, person, 0, op) for version, (person, op) in enumerate(done, 1)]
    op = take_back(document, steps, "ann")
    return text(apply(replay(document, [op for _, op in done]), op))


def test_a_later_move_of_somebody_else_stands() -> None:
    assert taken_back("abcd", ("ann", move_range(4, 0, 1, 4)), ("bob", move_range(4, 3, 1, 2))) == "bcad"


def test_a_later_word_of_somebody_else_stands_against_all_that_came_before() -> None:
    """Joined as (1, 2) and (3, 4): what bob said must reach over the edit beside it to the older one."""
    done = [("bob", "0"), ("ann", "1"), ("ann", "2"), ("bob", "3")]
    steps = [
        Step(version, person, 0, set_field(1, 0, "note", note))
        for version, (person, note) in enumerate(done, 1)
    ]
    now = replay(letters("a"), [step.op for step in steps])
    assert take_back(letters("a"), steps, "ann") == IDENTITY
    assert now.entries[0]["note"] == "3"


def test_a_restored_entry_comes_back_beside_its_neighbours() -> None:
    assert taken_back("abcd", ("ann", remove_range(4, 1, 2)), ("bob", insert_at(2, 2, [{"uid": "X"}]))) == (
        "abcdX"
    )


def test_what_another_restore_brought_back_already_does_not_come_twice() -> None:
    back = insert_at(2, 2, [{"uid": "b"}])
    assert taken_back("abc", ("ann", remove_range(3, 1)), ("bob", back)) == "acb"
    again = remove_range(3, 2)
    assert taken_back("abc", ("ann", remove_range(3, 1)), ("bob", back), ("ann", again)) in ("abc", "acb")


def test_what_they_removed_and_restored_themselves_goes_back_to_its_place() -> None:
    op = insert_at(2, 0, [{"uid": "b"}])
    assert taken_back("abc", ("ann", remove_range(3, 1)), ("ann", op)) == "abc"
    assert taken_back("abc", ("ann", remove_range(3, 1)), ("bob", IDENTITY), ("ann", op)) == "abc"


@law
@given(st.randoms(use_true_random=False), people, people)
def test_taking_back_after_restores_never_repeats_a_uid(random: Random, restorer: str, person: str) -> None:
    history = lived(random, 6)
    for _ in range(3):
        past = history.states[random.randrange(len(history.states))]
        op = restoring(history.now, past)
        history.adopt(past)
        history.commit(restorer, op)
        history.live(2)
    since = random.randrange(history.version)
    result = apply(history.now, take_back(history.states[since], history.steps[since:], person))
    assert len(set(uids(result))) == len(result.entries)
