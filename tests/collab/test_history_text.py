"""A playlist's past in lines."""

from collab.history import Change, Step
from collab.history_text import change_line, plain, step_lines, title_of
from ot.op import IDENTITY, Op

SONG = {"uid": "a", "track": "demo:a", "title": "Teardrop", "artists": ["Massive Attack"]}
STEP = Step(7, "ann", 1_700_000_000_000, Op((), {"name": "Ours", "image": None}), by_server=True)


def test_each_change_is_a_line() -> None:
    song = "Teardrop — Massive Attack"
    assert change_line(Change("added", SONG, None, 3)) == f"+ 3  {song}"
    assert change_line(Change("removed", SONG, 0, None)) == f"- 0  {song}"
    assert change_line(Change("moved", SONG, 7, 2)) == f"> 7 to 2  {song}"
    edits = {"note": "first!", "album": None}
    assert change_line(Change("edited", SONG, 4, 4, edits)) == f"~ 4  {song}  note: first!  album: nothing"


def test_a_version_is_a_line_with_its_changes_below() -> None:
    changes = [Change("removed", SONG, index, None) for index in range(5)]
    assert list(step_lines(STEP, changes, {"ann": "Ann"}, 2)) == [
        "version 7  2023-11-14 22:13:20  Ann (restored or taken back)",
        "  = name: Ours",
        "  = image: nothing",
        "  - 0  Teardrop — Massive Attack",
        "  - 1  Teardrop — Massive Attack",
        "  … and 3 more",
    ]
    by_a_stranger = Step(1, "gone", 0, IDENTITY)
    assert list(step_lines(by_a_stranger, [], {}, 2)) == ["version 1  1970-01-01 00:00:00  gone"]


def test_what_has_no_title_is_named_by_its_track() -> None:
    assert title_of({"uid": "a", "track": "demo:a"}) == "demo:a"
    assert title_of(SONG | {"artists": []}) == "Teardrop"


def test_a_terminal_is_told_nothing_by_a_title() -> None:
    assert plain("\x1b[2Jred\n\u202e") == "�[2Jred��"
    assert plain("x" * 100) == "x" * 59 + "…"
