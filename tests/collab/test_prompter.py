"""When a document is asked what it wants: in time, and never in a hot loop."""

from collections.abc import Sequence
from typing import Any

from collab.kind import NOBODY, Scene
from collab.prompter import AGAIN_MS, IN_A_ROW_MAX, Prompter

T = 1_000_000


class Wishes:
    """A state that wants what a test says, and notes when it was asked."""

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self.due_ms: int | None = None
        self.asked: list[int] = []

    def proposals(self, scene: Scene, now_ms: int) -> tuple[Sequence[str], int | None]:
        self.asked.append(now_ms)
        return self.wanted, self.due_ms


def asked(prompter: Prompter, wishes: Any, now_ms: int) -> list[str]:
    return list(prompter.ask(wishes, NOBODY, now_ms))


def test_a_document_of_a_kind_that_proposes_nothing_is_never_asked() -> None:
    prompter, wishes = Prompter(False), Wishes()
    prompter.moved()
    prompter.attended()
    prompter.tick(T)
    assert asked(prompter, wishes, T) == []
    assert (wishes.asked, prompter.get_timer(), prompter.is_pressing) == ([], None, False)


def test_it_is_asked_at_first_then_at_the_time_that_it_names() -> None:
    prompter, wishes = Prompter(True), Wishes()
    wishes.due_ms = T + 70
    assert asked(prompter, wishes, T) == []
    assert prompter.get_timer() == T + 70
    for now_ms in (T, T + 69):
        prompter.tick(now_ms)
        assert not prompter.is_pressing
        asked(prompter, wishes, now_ms)
    assert wishes.asked == [T]
    prompter.tick(T + 70)
    assert prompter.is_pressing
    wishes.wanted, wishes.due_ms = ["close"], None
    assert asked(prompter, wishes, T + 70) == ["close"]
    assert not prompter.is_pressing


def test_without_a_time_only_what_happens_makes_it_be_asked() -> None:
    prompter, wishes = Prompter(True), Wishes()
    asked(prompter, wishes, T)
    assert prompter.get_timer() is None
    assert not prompter.is_waiting
    asked(prompter, wishes, T + 10_000)
    assert wishes.asked == [T]
    prompter.moved()
    asked(prompter, wishes, T + 10_000)
    assert wishes.asked == [T, T + 10_000]


def test_comings_and_goings_ask_soon_however_many_they_are() -> None:
    prompter, wishes = Prompter(True), Wishes()
    asked(prompter, wishes, T)
    for now_ms in range(T, T + 2 * AGAIN_MS, 10):
        prompter.attended()
        asked(prompter, wishes, now_ms)
    assert wishes.asked == [T, T + AGAIN_MS]


def test_what_was_wanted_in_vain_is_asked_for_again_later() -> None:
    prompter, wishes = Prompter(True), Wishes()
    wishes.wanted = ["nothing"]
    for now_ms in range(T, T + 1000, 10):
        prompter.attended()
        asked(prompter, wishes, now_ms)
    assert wishes.asked == [T, T + AGAIN_MS, T + 2 * AGAIN_MS, T + 3 * AGAIN_MS]
    assert prompter.get_timer() == T + 4 * AGAIN_MS


def test_a_time_that_has_passed_already_is_no_hot_loop() -> None:
    prompter, wishes = Prompter(True), Wishes()
    wishes.due_ms = T - 5
    asked(prompter, wishes, T)
    assert prompter.get_timer() == T + AGAIN_MS


def test_one_thing_may_lead_to_another_at_once_but_not_for_ever() -> None:
    prompter, wishes = Prompter(True), Wishes()
    wishes.wanted = ["count"]
    for _ in range(100):
        asked(prompter, wishes, T)
        prompter.moved()
    assert len(wishes.asked) == IN_A_ROW_MAX
    assert prompter.get_timer() == T + AGAIN_MS
    asked(prompter, wishes, T + AGAIN_MS)
    assert len(wishes.asked) == IN_A_ROW_MAX + 1


def test_what_is_gone_wants_nothing() -> None:
    prompter, wishes = Prompter(True), Wishes()
    prompter.stop()
    prompter.moved()
    prompter.attended()
    asked(prompter, wishes, T)
    assert (wishes.asked, prompter.get_timer()) == ([], None)
