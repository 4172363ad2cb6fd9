import msgspec

from collab.http_track_shapes import item_json
from collab.shown_items import ShownItems

BASE = "http://localhost/"


def entry(number: int) -> dict[str, object]:
    return {"uid": f"c.{number}", "track": f"demo:{number}", "title": "Jóga"}


def test_an_entry_is_written_once_for_each_address() -> None:
    shown, one = ShownItems(), entry(1)
    made = shown.item(BASE, one)
    assert msgspec.json.decode(made) == item_json(BASE, one)
    assert shown.item(BASE, one) is made
    assert shown.item("https://other/", one) is not made


def test_an_equal_entry_may_be_another() -> None:
    shown = ShownItems()
    assert shown.item(BASE, entry(1)) is not shown.item(BASE, entry(2))
    assert msgspec.json.decode(shown.item(BASE, entry(2)))["uid"] == "c.2"


def test_what_was_asked_for_least_recently_is_forgotten() -> None:
    shown, entries = ShownItems(most=2), [entry(number) for number in range(3)]
    first, second = shown.item(BASE, entries[0]), shown.item(BASE, entries[1])
    assert shown.item(BASE, entries[0]) is first
    shown.item(BASE, entries[2])
    assert shown.item(BASE, entries[0]) is first
    assert shown.item(BASE, entries[1]) is not second


def test_an_id_is_not_given_to_another_while_it_is_known() -> None:
    shown = ShownItems(most=10)
    for number in range(1_000):
        made = msgspec.json.decode(shown.item(BASE, entry(number)))
        assert made["uid"] == f"c.{number}", "the entry before was collected, and its place taken"
