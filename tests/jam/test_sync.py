"""What devices say, whatever it is: one pass over all says the same as a pass for each question."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jam.scene import Scene
from jam.sync import ERROR_MAX_US, ERRORS_MAX, READY_MAX_MS, RTT_MAX_MS, Readings, errors_us, read
from tests.ot.strategies import law

numbers = st.one_of(st.integers(-5, 100_000_000), st.booleans(), st.none(), st.floats(), st.text(max_size=2))
readies = st.one_of(numbers, st.dictionaries(st.text(max_size=3), numbers, max_size=3))
fields = {"rtt_ms": numbers, "error_us": numbers, "ready": readies, "fetching": numbers}
syncs = st.one_of(numbers, st.fixed_dictionaries({}, optional=fields))
states = st.fixed_dictionaries({}, optional={"sync": syncs, "cursor": st.integers()})
scenes = st.dictionaries(st.text(max_size=3), states, max_size=8).map(lambda shown: Scene(shown=shown))


def cut(value: object, at_most: int) -> int:
    return min(max(value, 0), at_most) if isinstance(value, int) and not isinstance(value, bool) else 0


def plain(scene: Scene) -> Readings:
    said: list[dict[str, Any]] = [
        shown["sync"] for shown in scene.shown.values() if isinstance(shown.get("sync"), dict)
    ]
    readies = [sync["ready"] for sync in said if isinstance(sync.get("ready"), dict)]
    fetching = {sync["fetching"] for sync in said if isinstance(sync.get("fetching"), str)} - {""}
    return Readings(
        worst_rtt_ms=max((cut(sync.get("rtt_ms"), RTT_MAX_MS) for sync in said), default=0),
        slowest_ready_ms=max(
            (cut(ms, READY_MAX_MS) for ready in readies for ms in ready.values()), default=0
        ),
        fetched=fetching.union(*readies),
    )


@law
@given(scenes)
def test_one_pass_says_all(scene: Scene) -> None:
    assert read(scene) == plain(scene)


@law
@given(scenes)
def test_errors_are_numbers_in_order(scene: Scene) -> None:
    said = [shown["sync"] for shown in scene.shown.values() if isinstance(shown.get("sync"), dict)]
    errors = [error for sync in said if type(error := sync.get("error_us")) is int]
    assert errors_us(scene) == sorted(cut(error, ERROR_MAX_US) for error in errors)


def test_of_many_errors_evenly_chosen_ones() -> None:
    scene = Scene(shown={str(number): {"sync": {"error_us": number}} for number in range(1_000)})
    assert errors_us(scene) == list(range(0, 1_000, 32))
    assert len(errors_us(scene)) <= ERRORS_MAX
