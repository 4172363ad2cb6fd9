from collections.abc import Callable

from collab.shown_pages import ShownPages


class Maker:
    def __init__(self) -> None:
        self.made = 0

    def __call__(self, content: bytes) -> Callable[[], bytes]:
        def make() -> bytes:
            self.made += 1
            return content

        return make


def test_a_page_is_made_once_for_a_list() -> None:
    shown, maker, entries = ShownPages(), Maker(), [1]
    for _ in range(3):
        assert shown.page("key", entries, maker(b"one")) == b"one"
    assert shown.page("other", entries, maker(b"two")) == b"two"
    assert maker.made == 2


def test_another_list_has_another_page_even_if_it_is_equal() -> None:
    shown, maker = ShownPages(), Maker()
    assert shown.page("key", [1], maker(b"old")) == b"old"
    assert shown.page("key", [1], maker(b"new")) == b"new"
    assert maker.made == 2


def test_what_was_asked_for_least_recently_is_forgotten() -> None:
    shown, maker, entries = ShownPages(most=2), Maker(), [1]
    for key in ("a", "b", "a", "c", "a"):
        shown.page(key, entries, maker(b"page"))
    assert maker.made == 3
    shown.page("b", entries, maker(b"page"))
    assert maker.made == 4
