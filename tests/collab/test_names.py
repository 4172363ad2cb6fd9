import pytest

from collab.errors import Refusal
from collab.names import NAME_GRAPHEMES_MAX, clean_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \u00a0 Lovelace\u3000", "Ada Lovelace"),
        ("\ufb01ona", "fiona"),  # a ligature is folded (NFKC)
        ("e\u0301", "é"),
        ("नमस्ते", "नमस्ते"),
        ("نام\u200cه", "نام\u200cه"),  # a zero-width non-joiner where Persian needs one
        ("❤️", "❤️"),
        ("👩🏽‍🚀 Mae", "👩🏽‍🚀 Mae"),
        ("x" * NAME_GRAPHEMES_MAX, "x" * NAME_GRAPHEMES_MAX),
        ("👨‍👩‍👧" * NAME_GRAPHEMES_MAX, "👨‍👩‍👧" * NAME_GRAPHEMES_MAX),
    ],
)
def test_names_that_people_have(given: str, shown: str) -> None:
    assert clean_name(given) == shown
    assert clean_name(shown) == shown


@pytest.mark.parametrize(
    "given",
    [
        "",
        "   ",
        "\u3000",
        "\u2800",  # a braille pattern without a dot
        "\u0301",  # a mark on nothing
        "a\u202eb",  # runs backwards from here on
        "a\u2066b",
        "a\u200bb",  # a space of no width
        "a\u200db",  # a joiner between letters
        "ab\ufeff",
        "a\nb",
        "a\x00b",
        "a\ud800b",
        "x" * (NAME_GRAPHEMES_MAX + 1),
        "a" + "\u0301" * 500,
    ],
)
def test_names_that_nobody_has(given: str) -> None:
    with pytest.raises(Refusal) as caught:
        clean_name(given)
    assert caught.value.code == "bad_request"
    caught.value.message.encode()  # fit to be sent
