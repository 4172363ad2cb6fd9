"""A story must lead where the recording went, edit by edit, for somebody who is alone."""

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from collab.replay.deal import RUN_MAX, deal
from collab.replay.hand import Action, Insert, Move, Remove, actions_of
from collab.replay.steps import Insertion, Item, Relocation, Removal, Story, story_of

# Few tracks, so that many are copies.
VERSIONS = st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=6)


def act(sight: Sequence[Item | None], action: Action) -> list[Item | None]:
    """What a list becomes, said without the algebra."""
    after = list(sight)
    match action:
        case Remove(start, n):
            del after[start : start + n]
        case Insert(index, items):
            after[index:index] = items
        case Move(start, n, before):
            block = after[start : start + n]
            rest = after[before:]
            after = [item for item in after[:before] if item not in block]
            after += block + [item for item in rest if item not in block]
    return after


def played(story: Story) -> list[list[Item | None]]:
    """The list after each step."""
    sight: list[Item | None] = []
    lists = []
    for step in story.steps:
        for edit in step.edits:
            for action in actions_of(edit, step.target, sight):
                sight = act(sight, action)
        lists.append(sight)
    return lists


@given(VERSIONS)
def test_one_editor_ends_each_step_on_the_recorded_version(versions: list[list[int]]) -> None:
    story = story_of(versions)
    changed = [after for before, after in zip([[], *versions], versions, strict=False) if before != after]
    tracks = [[story.tracks[item] for item in sight if item is not None] for sight in played(story)]
    assert tracks == changed
    assert [list(step.target) for step in story.steps] == played(story)


@given(VERSIONS, st.integers(2, 4), st.integers())
def test_every_item_is_dealt_once(versions: list[list[int]], editors: int, seed: int) -> None:
    for step in story_of(versions).steps:
        dealt = [edit for share in deal(step.edits, editors, Random(seed)) for edit in share]
        for kind in (Removal, Insertion, Relocation):
            wanted = sorted(item for edit in step.edits if isinstance(edit, kind) for item in edit.items)
            got = [item for edit in dealt if isinstance(edit, kind) for item in edit.items]
            assert sorted(got) == wanted
        assert all(len(edit.items) <= RUN_MAX for edit in dealt)


def test_a_version_that_changed_nothing_is_no_step() -> None:
    assert len(story_of([[1, 2], [1, 2], [2]]).steps) == 2


def test_range_edits_keep_the_longest_run() -> None:
    [_, step] = story_of([[1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 8, 9, 9, 1, 2]]).steps
    assert step.edits == (
        Removal((Item(5), Item(6))),
        Insertion((Item(8), Item(9)), 4),
        Relocation((Item(0), Item(1)), 6),
    )


def test_copies_of_a_track_keep_their_order() -> None:
    [_, step] = story_of([[7, 7, 7], [7, 1, 7]]).steps
    assert step.edits == (Removal((Item(2),)), Insertion((Item(3),), 1))


def test_alone_nothing_is_cut() -> None:
    [step] = story_of([list(range(30))]).steps
    assert deal(step.edits, 1, Random(1)) == [list(step.edits)]
    shares = deal(step.edits, 8, Random(1))
    assert sorted(len(share) for share in shares) == [0, 0, 0, 0, 1, 1, 1, 1]
    places = {edit.place: edit.items for share in shares for edit in share if isinstance(edit, Insertion)}
    assert {place: items[0] for place, items in places.items()} == {place: place for place in (0, 8, 16, 24)}


class TestInAnotherList:
    """Others are at work: what an editor sees is not what was recorded."""

    TARGET = tuple(Item(number) for number in range(6))

    def test_an_insert_goes_right_of_the_nearest_neighbour_that_is_here(self) -> None:
        insertion = Insertion((Item(3),), 3)
        seen: list[Item | None] = [None, Item(5), Item(1), Item(4)]
        assert actions_of(insertion, self.TARGET, seen) == [Insert(3, (Item(3),))]
        assert actions_of(insertion, self.TARGET, [None]) == [Insert(0, (Item(3),))]

    def test_a_range_that_came_apart_is_removed_in_pieces_from_the_right(self) -> None:
        removal = Removal((Item(1), Item(2), Item(3)))
        seen: list[Item | None] = [Item(1), Item(2), None, Item(3)]
        assert actions_of(removal, self.TARGET, seen) == [Remove(3, 1), Remove(0, 2)]

    def test_a_range_that_came_apart_is_moved_in_pieces_and_stands_together(self) -> None:
        relocation = Relocation((Item(3), Item(4), Item(5)), 3)
        sight: list[Item | None] = [Item(3), None, Item(4), Item(5), Item(2)]
        for action in actions_of(relocation, self.TARGET, sight):
            sight = act(sight, action)
        assert sight == [None, Item(2), Item(3), Item(4), Item(5)]

    def test_what_is_not_here_is_left_alone(self) -> None:
        assert actions_of(Removal((Item(1),)), self.TARGET, [None, Item(2)]) == []
        assert actions_of(Relocation((Item(1),), 1), self.TARGET, [None, Item(2)]) == []

    def test_what_stands_there_already_is_not_moved(self) -> None:
        assert actions_of(Relocation((Item(2),), 2), self.TARGET, [Item(1), Item(2), None]) == []
