from collab.expiry import Expiry

DAY_MS = 24 * 3600 * 1000
END_MS = 100 * DAY_MS


def test_each_announcement_comes_once_in_its_time() -> None:
    expiry = Expiry(END_MS)
    assert expiry.due(69 * DAY_MS) is None
    assert expiry.due(70 * DAY_MS - 1) is None
    assert expiry.due(70 * DAY_MS) == 30
    assert expiry.due(70 * DAY_MS) is None
    assert expiry.due(86 * DAY_MS) == 14
    assert expiry.due(92 * DAY_MS) is None
    assert expiry.due(93 * DAY_MS) == 7
    assert expiry.due(97 * DAY_MS) == 3
    assert expiry.due(99 * DAY_MS) == 1
    assert expiry.due(END_MS - 1) is None
    assert expiry.due(END_MS) == 0
    assert expiry.due(END_MS + 400 * DAY_MS) is None


def test_who_starts_late_hears_only_the_nearest() -> None:
    assert Expiry(END_MS).due(95 * DAY_MS) == 7
    assert Expiry(END_MS).due(END_MS + DAY_MS) == 0


def test_who_was_away_hears_what_is_due_by_then() -> None:
    expiry = Expiry(END_MS)
    assert expiry.due(70 * DAY_MS) == 30
    assert expiry.due(98 * DAY_MS) == 3
