"""Files that want to do harm, or make no sense."""

import tracemalloc

import pytest

from collab.formats import FORMATS, read_listing, write_listing
from collab.formats.listing import ENTRIES_MAX, FILE_BYTES_MAX, Listed, Listing, Unreadable

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<playlist><title>&lol1;</title></playlist>"""
FILE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<playlist><title>&b;</title></playlist>'


@pytest.mark.parametrize(
    ("content", "format", "complaint"),
    [
        (LAUGHS, None, "Line 2: A playlist has no document type and no entities."),
        (FILE, None, "Line 1: A playlist has no document type and no entities."),
        (b"<playlist>\n<title></playlist>", None, "Line 2: This is no XML."),
        (b"<playlist>\n", None, "Line 2: This is no XML."),
        (b"<playlist>&nbsp;</playlist>", None, "Line 1: This is no XML."),
        (b"\n<html><body/></html>", None, "Line 2: This is no XSPF: it has no `playlist`."),
        (
            b'<?xml version="1.0" encoding="klingon"?><playlist/>',
            None,
            "The encoding of this XML is not known here; save it as UTF-8.",
        ),
        (b"<playlist>" + b"<a>" * 100_000, None, "The elements stand in each other too deeply."),
        (b'{"playlist": {\n"title": }}', None, "Line 2: This is no JSON."),
        (b'{"playlist": {\n"title": "x"', None, "Line 2: This is no JSON."),
        (b'{"playlist": {\n"title": "\xff"}}', None, "Line 2: JSPF is UTF-8, and this is not."),
        (b"{}", None, "This is no JSPF: object missing required field `playlist`."),
        (b'{"playlist": {"track": [{}, 7]}}', None, None),
        (b'{"playlist":' + b'{"a":' * 100_000, None, None),
        (b"[Playlist\nFile1=a:b", "pls", "Line 1: A PLS file begins with `[playlist]`."),
        (b"#EXTM3U\na\x00b\n", None, "Line 2: This is no text."),
        (
            b"#EXTM3U\n\n\xff\x81\x00",
            None,
            "Line 3: This is no text that can be read; save the file as UTF-8.",
        ),
        (b"#EXTM3U\n" + b"a" * 70_000, None, "Line 2: The line has more than 65536 characters."),
        (
            b'title,uri\nok,a:b\n"open,a:b\n' + b"x,a:b\n" * 300,
            None,
            "Line 3: A quote that opens here is not closed.",
        ),
        (b"nothing,known\n1,2\n", "csv", None),
        (b" \n\t", None, "The file is empty."),
        (b"", None, "The file is empty."),
        (b"a" * (FILE_BYTES_MAX + 1), None, f"A file of a playlist has at most {FILE_BYTES_MAX} bytes."),
    ],
    ids=range(23),
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    content: bytes, format: str | None, complaint: str | None
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_listing(content, format)
    assert str(refused.value) == (complaint or str(refused.value))
    assert str(refused.value).endswith(".")


def full(format: str, count: int) -> bytes:
    entries = (
        Listed("spotify:track:1uru26I2JKd2mQZt0MDCUe", f"Song {n}", ("Ada", "Bob")) for n in range(count)
    )
    return write_listing(Listing("Long", entries=tuple(entries)), format)


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_playlist_is_read_and_one_more_refused(format: str) -> None:
    assert len(read_listing(full(format, ENTRIES_MAX)).entries) == ENTRIES_MAX
    with pytest.raises(Unreadable, match="at most 11000 entries"):
        read_listing(full(format, ENTRIES_MAX + 1))


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("jspf", b'{"playlist": {"track": [' + b"{}," * 5_000_000),
        ("jspf", b'{"playlist": {"track": [{"identifier": [' + b'"a",' * 4_000_000),
        ("jspf", b'{"playlist": {"unknown": [' + b"[]," * 5_000_000 + b"[]]}}"),
        ("xspf", b"<playlist>" + b"<a/>" * 400_000 + b"</playlist>"),
        ("xspf", b"<playlist><title>" + b"a" * 15_000_000 + b"</title></playlist>"),
        ("m3u8", b"\n" * 3_000_000),
        ("m3u8", b"#EXTART:a\n" * 300_000),
        ("pls", b"[playlist]\n" + b"File1=a:b\n" * 200_000),
        ("csv", b"title,uri\n" + b"," * 60_000 + b"\n"),
    ],
    ids=range(9),
)
def test_what_makes_no_sense_costs_little(format: str, content: bytes) -> None:
    assert len(content) <= FILE_BYTES_MAX
    tracemalloc.start()
    try:
        read_listing(content, format)
    except Unreadable:
        pass
    finally:
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak_bytes < 4 * FILE_BYTES_MAX


def test_numbers_beyond_all_sense_are_no_numbers() -> None:
    for number in ("-1", "1e300", "1" * 30, '"' + "1" * 5000 + '"', '"NaN"', "9007199254740993000"):
        jspf = f'{{"playlist": {{"track": [{{"identifier": "a:b", "duration": {number}}}]}}}}'
        assert read_listing(jspf.encode()).entries == (Listed("a:b"),), number
    with pytest.raises(Unreadable, match="number out of range"):
        read_listing(b'{"playlist": {"track": [{"duration": 1e400}]}}')


def test_times_beyond_all_sense_are_no_times() -> None:
    rows = "".join(
        f"a:b,{at}\n" for at in ("9999-99-99", "yesterday", "1901-01-01", "+1", "2020-01-01T00:00:00+99:00")
    )
    assert read_listing(f"Track URI,Added At\n{rows}".encode()).entries == (Listed("a:b"),) * 5
