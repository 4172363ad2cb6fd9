"""Whatever a format can hold is the same when it is read again."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab.formats import FORMATS, read_listing, recognised, write_listing
from collab.formats.listing import Listed, Listing, Person, Unreadable, tidied
from tests.collab.formats.holds import HOLDS, shown_as_pls

# Any character at all, and often those that mean something to one of the formats.
SPECIAL = "\"'\\,;:#=+-@&<>[]{}|\t\r\n\0 \x1b\x85\u2028\ufeff\ufffe\ud800\udfffÄ音🎵"
texts = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters()), max_size=20) | st.sampled_from(
    ("A - B", " - ", "=1+1", "'=1", "''@x", "-ish", "a, b", "]]>", "&amp;", '"""', "#EXTINF:1,x", "File1=x")
)
# A comma behind a backslash is what Exportify writes for a comma; nobody can tell the two apart.
names = texts.filter(lambda text: "\\" not in text)
uris = st.sampled_from(
    (
        "spotify:track:1uru26I2JKd2mQZt0MDCUe",
        "tutti:track:1uru26I2JKd2mQZt0MDCUe",
        "https://example.com/a%20b.ogg?x=1&y=2#z",
        "file:///music/a.ogg",
        "mbid:recording:1",
    )
)
times = st.integers(0, 253_402_300_799_999)
entries = st.builds(
    Listed,
    uri=uris,
    title=texts,
    artists=st.lists(names, max_size=4).map(tuple),
    album=texts,
    duration_ms=st.none() | st.integers(0, 2**50),
    isrc=st.sampled_from(("", "USRC17607839", "us-rc1-76-07839")),
    recording_id=st.sampled_from(("", "85701f84-c37f-4857-89d3-29625f02d943")),
    added_at=st.none() | times,
    added_by=st.builds(Person, name=texts, uri=st.sampled_from(("", "tutti:user:1uru26I2JKd2mQZt0MDCUe"))),
    note=texts,
)
listings = st.builds(
    Listing,
    title=texts,
    description=texts,
    creator=texts,
    collaborators=st.lists(texts, max_size=3).map(tuple),
    public=st.none() | st.booleans(),
    entries=st.lists(entries, max_size=5).map(tuple),
)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=150, deadline=None)
@given(listing=listings)
def test_what_a_format_holds_comes_back(format: str, listing: Listing) -> None:
    content = write_listing(listing, format)
    assert recognised(content) == format
    read = read_listing(content)
    if format == "pls":
        read = shown_as_pls(read)
    assert spaced(read) == spaced(HOLDS[format](tidied(listing)))
    assert read_listing(write_listing(read, format), format).entries == read_listing(content, format).entries


@settings(max_examples=100, deadline=None)
@given(listing=listings)
def test_what_is_tidy_stays(listing: Listing) -> None:
    assert tidied(tidied(listing)) == tidied(listing)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200), listing=listings, data=st.data())
def test_a_broken_file_is_a_sentence(
    format: str, content: bytes, listing: Listing, data: st.DataObject
) -> None:
    """Bytes that are nothing, and a real file with something cut out of its middle."""
    whole = write_listing(listing, format)
    start = data.draw(st.integers(0, len(whole)))
    cut = whole[:start] + data.draw(st.binary(max_size=3)) + whole[start + data.draw(st.integers(0, 20)) :]
    for broken in (content, cut):
        complaint, read = "", Listing()
        try:
            read = read_listing(broken, format)
        except Unreadable as error:
            complaint = str(error)
        assert tidied(read) == read
        assert not complaint or complaint.endswith(".")


def spaced(listing: Listing) -> Listing:
    """With one space where there are several: told apart and joined again, a line loses the others."""
    return replace(
        listing,
        entries=tuple(replace(entry, title=" ".join(entry.title.split())) for entry in listing.entries),
    )
