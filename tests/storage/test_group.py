from dataclasses import replace

import pytest

from storage.group import check_group
from storage.rows import Commit, Head
from tests.contracts.backends import batch, op

HEAD = Head("doc", "playlist", "epoch", version=4, changes=6)
SOUND = batch(HEAD, op(5), op(6, "b", 1))


def test_a_sound_group_passes() -> None:
    check_group([])
    check_group([SOUND, batch(Head("other", "jam", "epoch", 0, 0), refused=(("a", 1, "op_length"),))])


@pytest.mark.parametrize(
    ("group", "guarantee"),
    [
        ([SOUND, SOUND], "at most one commit of a document"),
        ([batch(HEAD, op(5), op(7))], "without a gap"),
        ([batch(HEAD, op(4))], "without a gap"),
        ([replace(SOUND, expected_changes=7)], "stamps settled rows"),
        ([replace(SOUND, members=(("ann", "guest"), ("ann", None)))], "a member's role once"),
    ],
)
def test_what_rooms_and_committer_guarantee(group: list[Commit], guarantee: str) -> None:
    with pytest.raises(AssertionError, match=guarantee):
        check_group(group)
