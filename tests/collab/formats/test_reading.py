"""Files of other programs, as they write them."""

import codecs

import pytest

from collab.formats import FORMATS, read_listing, recognised, write_listing
from collab.formats.listing import Listed, Listing, Person

RECORDING = "85701f84-c37f-4857-89d3-29625f02d943"
LISTENBRAINZ = f"""{{"playlist": {{
  "annotation": "<p>Loud</p>", "creator": "ada", "date": "2024-01-02T03:04:05+00:00",
  "identifier": "https://listenbrainz.org/playlist/862add71-2e87-44b7-abe1-a7f1a8658346", "title": "Friday",
  "extension": {{"https://musicbrainz.org/doc/jspf#playlist": {{
    "additional_metadata": {{"algorithm_metadata": {{"source_patch": "daily-jams"}}}},
    "collaborators": ["mia", "bob"], "creator": "ada", "last_modified_at": "2024-01-03T00:00:00+00:00",
    "public": true}}}},
  "track": [{{
    "album": "Mirrored Worlds", "creator": "Frozen Starfall feat. Milkychan", "duration": 215000,
    "identifier": ["https://musicbrainz.org/recording/{RECORDING}"], "title": "Inner Storm",
    "extension": {{"https://musicbrainz.org/doc/jspf#track": {{
      "added_at": "2024-01-02T03:04:06.123456+00:00", "added_by": "mia",
      "artist_identifiers": ["https://musicbrainz.org/artist/e4b67829-4010-4420-8d13-125266683b77"],
      "release_identifier": "https://musicbrainz.org/release/e4b67829-4010-4420-8d13-125266683b77",
      "additional_metadata": {{"caa_id": 1, "artists": [
        {{"artist_credit_name": "Frozen Starfall", "artist_mbid": "e4b67829", "join_phrase": " feat. "}},
        {{"artist_credit_name": "Milkychan", "artist_mbid": "e4b67829", "join_phrase": ""}}]}}}}}}}}
  ]}}}}"""


def entries(content: str | bytes, format: str | None = None) -> list[Listed]:
    content = content.encode() if isinstance(content, str) else content
    return list(read_listing(content, format).entries)


def test_a_playlist_of_listenbrainz() -> None:
    assert read_listing(LISTENBRAINZ.encode()) == Listing(
        title="Friday",
        description="<p>Loud</p>",
        creator="ada",
        collaborators=("mia", "bob"),
        public=True,
        entries=(
            Listed(
                title="Inner Storm",
                artists=("Frozen Starfall", "Milkychan"),
                album="Mirrored Worlds",
                duration_ms=215_000,
                recording_id=RECORDING,
                added_at=1_704_164_646_123,
                added_by=Person("mia"),
            ),
        ),
    )


def test_jspf_as_others_write_it() -> None:
    old = f'{{"playlist": {{"title": ["A", "B"], "track": [{{"identifier": "{RECORDING}", "title": 7}}]}}}}'
    assert read_listing(old.encode()) == Listing("A", entries=(Listed(title="7", recording_id=RECORDING),))
    located = '{"playlist": {"track": [{"location": ["https://a.example/1.ogg"], "creator": "X, Y"}]}}'
    assert entries(located) == [Listed("https://a.example/1.ogg", artists=("X, Y",))]
    assert read_listing(b'{"playlist": {"track": null, "extension": {}}}') == Listing()


def test_xspf_of_others() -> None:
    xspf = f"""<?xml version="1.0"?>
    <playlist version="1" xmlns="http://xspf.org/ns/0/">
      <title> Road
        trip </title><annotation>One
two</annotation><date>2005-01-08</date><link rel="a">b</link>
      <extension application="https://musicbrainz.org/doc/jspf#playlist"><public>true</public></extension>
      <trackList>
        <track><location>file:///a.ogg</location><identifier>https://musicbrainz.org/recording/{RECORDING}</identifier>
          <title>Köln &amp; Bonn</title><creator>BLACKPINK</creator><duration>187000</duration>
          <isrc>KRA402200017</isrc><meta rel="x">y</meta>
          <extension application="https://musicbrainz.org/doc/jspf#track"><added_by>troi-bot</added_by>
            <artist_identifiers><identifier>https://musicbrainz.org/artist/x</identifier></artist_identifiers>
          </extension></track>
        <track/>
      </trackList>
    </playlist>"""
    assert read_listing(xspf.encode()) == Listing(
        title="Road         trip",
        description="One\ntwo",
        public=True,
        entries=(
            Listed(
                uri="file:///a.ogg",
                title="Köln & Bonn",
                artists=("BLACKPINK",),
                duration_ms=187_000,
                isrc="KRA402200017",
                recording_id=RECORDING,
                added_by=Person("troi-bot"),
            ),
            Listed(),
        ),
    )
    for encoding in ("utf-16", "iso-8859-1"):
        assert (
            entries(xspf.replace("?>", f' encoding="{encoding}"?>').encode(encoding))[0].title
            == "Köln & Bonn"
        )


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            "#EXTINF:214,James Arthur - Empty Space",
            Listed("x", "Empty Space", ("James Arthur",), "", 214_000),
        ),
        ("#EXTINF:214.5, A - B - C", Listed("x", "B - C", ("A",), "", 214_500)),
        ("#EXTINF:-1,Radio", Listed("x", "Radio")),
        ("#EXTINF:0,", Listed("x", "x", duration_ms=0)),
        ('#EXTINF:12 logo="a,b.jpg" id="7",A - B', Listed("x", "B", ("A",), "", 12_000)),
        ('#EXTINF:12,"Heroes", live', Listed("x", '"Heroes", live', duration_ms=12_000)),
        ("#EXTINF:99999999999999999999,A - B", Listed("x", "B", ("A",))),
        ("#EXTINF:nonsense", Listed("x", "nonsense")),
        ("#EXT-X-VERSION:3", Listed("x", "x")),
    ],
)
def test_what_m3u_says_of_an_entry(line: str, entry: Listed) -> None:
    assert entries(f"#EXTM3U\n{line}\nx\n", "m3u8") == [entry]


def test_an_m3u_of_paths_is_told_by_the_names_of_its_files() -> None:
    paths = "C:\\Music\\01 - Ada - One.mp3\r\n\r\n../b/1-02. Two_Three.flac\r\n/c/1999.ogg"
    assert [(entry.uri, entry.artists, entry.title, entry.line) for entry in entries(paths)] == [
        ("C:\\Music\\01 - Ada - One.mp3", ("Ada",), "One", 1),
        ("../b/1-02. Two_Three.flac", (), "Two Three", 3),
        ("/c/1999.ogg", (), "1999", 4),
    ]


def test_an_album_says_once_what_holds_for_all() -> None:
    album = "#EXTM3U\n#EXTALB:Live\n#EXTART:Ada\n#EXTINF:1,One\na:1\n#EXTINF:2,Bob - Two\na:2\n"
    assert [(entry.title, entry.artists, entry.album) for entry in entries(album)] == [
        ("One", ("Ada",), "Live"),
        ("Two", ("Bob",), "Live"),
    ]


def test_pls_in_any_order() -> None:
    pls = (
        "[Playlist]\nNumberOfEntries=2\nFile10 = b:2\nTitle10=Two\nfile2=a:1\nLENGTH2=7\nTitle2=A - One\nX=1"
    )
    assert entries(pls) == [Listed("a:1", "One", ("A",), "", 7_000), Listed("b:2", "Two")]
    assert entries("[playlist]\nTitle1=nowhere\n") == []


@pytest.mark.parametrize(
    "header",
    [
        "Track URI,Track Name,Artist URI,Artist Name(s),Album Name,Track Duration (ms),Added By,Added At",
        '"Spotify URI","Track Name",x,"Artist Name(s)","Album Name","Duration (ms)","Added By","Added At"',
    ],
)
def test_csv_of_exportify(header: str) -> None:
    row = 'spotify:track:1,One,,"Earth\\, Wind, Ada",,1000,spotify:user:ada,2016-10-24T17:29:44Z'
    assert entries(f"{header}\n{row}\n") == [
        Listed(
            "spotify:track:1",
            "One",
            ("Earth, Wind", "Ada"),
            duration_ms=1000,
            added_at=1_477_330_184_000,
            added_by=Person(uri="spotify:user:ada"),
        )
    ]


def test_csv_of_others() -> None:
    told = entries(
        'Title;Artist;Note;Unknown\r\n=1+1;Tyler, The Creator;"two\r\nlines";x\r\n;;;\r\nshort\r\n'
    )
    assert told == [
        Listed(title="=1+1", artists=("Tyler, The Creator",), note="two\nlines"),
        Listed(title="short"),
    ]
    assert [entry.line for entry in told] == [2, 5]


def test_a_spreadsheet_finds_no_formula() -> None:
    listing = Listing(
        entries=(Listed("a:b", "=HYPERLINK(1)", ("@sum", "-x")), Listed("a:b", "'=1"), Listed("a:b", "'x"))
    )
    text = write_listing(listing, "csv").decode()
    cells = [line.split('","') for line in text.splitlines()[1:]]
    assert [row[1] for row in cells] == ["'=HYPERLINK(1)", "''=1", "'x"]
    assert cells[0][3] == "'@sum, -x"
    assert read_listing(text.encode()).entries == listing.entries


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize(
    "text",
    ["#EXTM3U\n#EXTINF:1,A - Köln\na:b\n", "[playlist]\nFile1=a:b\nTitle1=Köln\n", "title,uri\nKöln,a:b\n"],
)
def test_marks_of_encodings(mark: bytes, text: str) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}.get(mark, "utf-16-be")
    assert entries(mark + text.encode(encoding))[0].title == "Köln"


def test_windows_wrote_playlists_before_utf_8_did() -> None:
    assert entries("#EXTM3U\n#EXTINF:1,Köln\na:b\n".encode("cp1252"))[0].title == "Köln"


def test_every_format_has_a_name_of_its_own_and_is_known_by_its_beginning() -> None:
    assert list(FORMATS) == ["jspf", "xspf", "m3u8", "pls", "csv"]
    assert recognised(b"\xef\xbb\xbf \n {") == "jspf"
    assert recognised(b"just/a path.mp3\n") == "m3u8"
    assert recognised(b"01, a path.mp3\n") == "m3u8"
