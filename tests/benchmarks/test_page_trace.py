"""What is read from a browser's trace."""

import pytest

from benchmarks.page.trace import FROM, UNTIL, Event, stretch

PAGE, MAIN, COMPOSITOR = 7, 1, 2


def event(name: str, ms: float, *, tid: int = COMPOSITOR, pid: int = PAGE, took_ms: float = 0) -> Event:
    return {"name": name, "pid": pid, "tid": tid, "ts": ms * 1000, "dur": took_ms * 1000, "args": {}}


THREAD = {"name": "thread_name", "pid": PAGE, "tid": MAIN, "ts": 0, "args": {"name": "CrRendererMain"}}
MARKS = [event(FROM, 1000, tid=MAIN), event(UNTIL, 1500, tid=MAIN)]


def test_frames_and_tasks_of_the_page_count_within_the_marks() -> None:
    found = stretch(
        [
            THREAD,
            *MARKS,
            event("DrawFrame", 900),
            event("DrawFrame", 1100),
            event("DrawFrame", 1350),
            event("DrawFrame", 1400, pid=8),
            event("RunTask", 980, tid=MAIN, took_ms=50),
            event("RunTask", 1200, tid=MAIN, took_ms=40),
            event("RunTask", 1200, tid=COMPOSITOR, took_ms=200),
        ]
    )
    assert (found.frames, found.frames_a_second) == (2, 4)
    assert found.longest_between_ms == 250
    # Of what began before, the part that fell into it.
    assert found.longest_task_ms == 40


def test_a_page_that_drew_nothing_stood_still_all_the_time() -> None:
    assert stretch([THREAD, *MARKS]).longest_between_ms == 500


def test_a_trace_without_marks_says_nothing() -> None:
    with pytest.raises(ValueError, match="lacks its marks"):
        stretch([THREAD])
