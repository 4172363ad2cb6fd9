import pytest

from collab.durations import seconds_of
from collab.errors import CannotStart


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000), (" 1D ", 86_400)]
)
def test_spans(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "1.5h", "-1d", "1w", "٣d", "1d2h", "9999999999d"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(CannotStart, match="no span of time"):
        seconds_of(text)
