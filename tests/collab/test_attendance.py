"""Who is here, since when, and since when not."""

import pytest

from collab import attendance as attendance_module
from collab.attendance import Attendance

T = 1_000_000


def test_people_are_here_from_the_next_look_on() -> None:
    attendance = Attendance()
    attendance.came("ann")
    scene = attendance.look(T)
    assert (scene.here, scene.left_ms, scene.loaded_ms) == ({"ann": T}, {}, T)
    attendance.came("bob")
    assert attendance.look(T + 5).here == {"ann": T, "bob": T + 5}
    assert attendance.look(T + 9).loaded_ms == T


def test_somebody_with_two_tabs_leaves_with_the_second() -> None:
    attendance = Attendance()
    attendance.came("ann")
    attendance.look(T)
    attendance.came("ann")
    attendance.went("a1", "ann")
    assert attendance.look(T + 1).here == {"ann": T}
    attendance.went("a2", "ann")
    scene = attendance.look(T + 2)
    assert (scene.here, scene.left_ms) == ({}, {"ann": T + 2})
    attendance.came("ann")
    scene = attendance.look(T + 3)
    assert (scene.here, scene.left_ms) == ({"ann": T + 3}, {})


def test_a_reconnect_between_two_looks_is_no_absence() -> None:
    attendance = Attendance()
    attendance.came("ann")
    attendance.look(T)
    attendance.went("a1", "ann")
    attendance.came("ann")
    scene = attendance.look(T + 50)
    assert (scene.here, scene.left_ms) == ({"ann": T}, {})


def test_a_short_visit_is_a_departure() -> None:
    attendance = Attendance()
    attendance.came("ann")
    attendance.went("a1", "ann")
    scene = attendance.look(T)
    assert (scene.here, scene.left_ms) == ({}, {"ann": T})


def test_what_a_closed_tab_said_stands_for_nobody() -> None:
    attendance = Attendance()
    attendance.came("ann")
    attendance.came("ann")
    attendance.showed("a1", "ann", {"at": 1})
    attendance.showed("a2", "ann", {"at": 2})
    attendance.went("a1", "ann")
    assert attendance.look(T).shown == {"ann": {"at": 2}}
    attendance.went("a2", "ann")
    assert attendance.look(T).shown == {}


def test_departures_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance_module, "LEFT_KEPT", 2)
    attendance = Attendance()
    for now_ms, user in enumerate(("ann", "bob", "ann", "cy"), T):
        attendance.came(user)
        attendance.went("x", user)
        scene = attendance.look(now_ms)
    assert list(scene.left_ms) == ["ann", "cy"]


def test_somebody_elsewhere_is_not_gone() -> None:
    attendance = Attendance()
    attendance.came("ann")
    attendance.came_elsewhere("ann")
    attendance.look(T)
    attendance.went("a1", "ann")
    scene = attendance.look(T + 1)
    assert (scene.here, scene.elsewhere, scene.left_ms) == ({}, {"ann": 1}, {})
    attendance.went_elsewhere("x1", "ann")
    assert attendance.look(T + 2).left_ms == {"ann": T + 2}
    attendance.came_elsewhere("ann")
    assert attendance.look(T + 3).left_ms == {}


def test_what_somebody_elsewhere_showed_ends_with_them() -> None:
    attendance = Attendance()
    attendance.came_elsewhere("ann")
    attendance.showed("x1", "ann", {"at": 1})
    assert attendance.look(T).shown == {"ann": {"at": 1}}
    attendance.went_elsewhere("x1", "ann")
    assert attendance.look(T).shown == {}


def test_of_whom_nothing_can_be_heard_nobody_says_that_they_left() -> None:
    attendance = Attendance()
    attendance.came_elsewhere("ann")
    attendance.look(T)
    attendance.went_elsewhere("x1", "ann", lost=True)
    scene = attendance.look(T + 1)
    assert (scene.elsewhere, scene.left_ms) == ({}, {})
    attendance.came_elsewhere("ann")
    attendance.went_elsewhere("x2", "ann")
    assert attendance.look(T + 2).left_ms == {"ann": T + 2}
