"""What a log is told of progress; the bar of a terminal is rich's."""

import io

import pytest

from collab.progress import LINE_EVERY_S, Lines, shown_progress


class Watch:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_line_now_and_then_and_one_at_the_end() -> None:
    out, watch = io.StringIO(), Watch()
    lines = Lines("documents", 3000, out, watch)
    lines.advance(500)
    assert out.getvalue() == ""
    watch.now_s += LINE_EVERY_S
    lines.advance(500)
    watch.now_s += 1
    lines.advance(500)
    assert out.getvalue() == "1,000 of 3,000 documents, 100/s, 2,000 left, about 20 s\n"
    watch.now_s += 1
    lines.advance(1500)
    assert out.getvalue().splitlines()[1:] == ["3,000 of 3,000 documents, 250/s, 0 left, about 0 s"]


def test_more_than_there_were() -> None:
    """Documents were made meanwhile."""
    out, watch = io.StringIO(), Watch()
    lines = Lines("documents", 1, out, watch)
    watch.now_s += 1
    lines.advance(2)
    assert out.getvalue() == "2 of 1 documents, 2/s, 0 left, about 0 s\n"


@pytest.mark.parametrize(("wanted", "says"), [(None, False), (False, False), (True, True)])
def test_without_a_terminal_only_who_asks_hears(
    capsys: pytest.CaptureFixture[str], *, wanted: bool | None, says: bool
) -> None:
    with shown_progress("documents", wanted, Watch()) as begin:
        begin(1)(1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("1 of 1 documents") is says
