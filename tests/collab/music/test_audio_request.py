"""Header lines as players, downloaders and strangers send them."""

import pytest
from starlette.datastructures import Headers

from collab.music.audio_request import RANGES_MAX, Part, wanted

SIZE = 10_000
ETAG = '"2710-18a"'


def asked(method: str = "GET", **lines: str) -> object:
    headers = Headers({name.replace("_", "-"): line for name, line in lines.items()})
    return wanted(method, headers, SIZE, ETAG)


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("bytes=0-", 0, 10_000),
        ("bytes=0-1", 0, 2),
        ("bytes=9999-", 9_999, 10_000),
        ("bytes=4000-", 4_000, 10_000),
        ("bytes=0-9999", 0, 10_000),
        ("bytes=9000-999999999999999999999999", 9_000, 10_000),
        ("bytes=-1", 9_999, 10_000),
        ("bytes=-10000", 0, 10_000),
        ("bytes=-99999", 0, 10_000),
        ("Bytes=5-5", 5, 6),
        ("bytes= 5-6 ", 5, 7),
        ("bytes=,5-6,", 5, 7),
        # One stretch, told in pieces.
        ("bytes=0-99,100-199", 0, 200),
        ("bytes=500-,0-600", 0, 10_000),
        ("bytes=0-10,5-6", 0, 11),
        # What is not there is left out.
        ("bytes=0-1,20000-", 0, 2),
    ],
)
def test_a_part(line: str, start: int, end: int) -> None:
    assert asked(range=line) == Part(start, end)


@pytest.mark.parametrize("line", ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=20000-,-0"])
def test_a_part_that_is_not_there(line: str) -> None:
    assert asked(range=line) == "unsatisfiable"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=1.5-",
        "bytes=+1-2",
        "bytes=²-³",
        "bytes=0x1-",
        "bytes=0-1;2-3",
        "seconds=0-1",
        "bytes 0-1",
        # Scattered pieces, which no player asks for, and lists without end.
        "bytes=0-1,500-501",
        "bytes=0-0,-1",
        "bytes=" + ",".join(f"{at}-{at}" for at in range(RANGES_MAX + 1)),
        "bytes=" + "0-," * 5_000,
    ],
)
def test_all_of_it(line: str) -> None:
    assert asked(range=line) is None


def test_an_empty_file_has_no_parts() -> None:
    assert wanted("GET", Headers({"range": "bytes=0-"}), 0, ETAG) == "unsatisfiable"
    assert wanted("GET", Headers({}), 0, ETAG) is None


def test_ranges_are_for_get() -> None:
    assert asked("HEAD", range="bytes=0-1") is None
    assert asked("HEAD", range="bytes=20000-") is None


def test_a_part_of_the_same_file_only() -> None:
    assert asked(range="bytes=5-", if_range=ETAG) == Part(5, 10_000)
    # A weak tag, a date and another file's tag: what was kept is of no use.
    for other in (f"W/{ETAG}", "Sat, 29 Oct 1994 19:43:31 GMT", '"else"', "", "*"):
        assert asked(range="bytes=5-", if_range=other) is None


@pytest.mark.parametrize("tags", [ETAG, f"W/{ETAG}", f'"else", {ETAG}', "*", f'"a,b",W/{ETAG}'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_gets_nothing(method: str, tags: str) -> None:
    assert asked(method, if_none_match=tags) == "not_modified"
    assert asked(method, if_none_match=tags, range="bytes=20000-") == "not_modified"


@pytest.mark.parametrize("tags", ['"else"', "", ETAG.strip('"'), '"2710-18a', "W/*"])
def test_who_has_another_one_gets_this(tags: str) -> None:
    assert asked(if_none_match=tags) is None
    assert asked(if_none_match=tags, range="bytes=5-6") == Part(5, 7)


def test_only_this_file() -> None:
    for tags in (ETAG, "*", f'"else",{ETAG}'):
        assert asked(if_match=tags, range="bytes=5-6") == Part(5, 7)
    for tags in (f"W/{ETAG}", '"else"', ""):
        assert asked(if_match=tags, if_none_match=ETAG) == "precondition_failed"
