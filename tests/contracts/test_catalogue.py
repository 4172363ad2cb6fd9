"""The suite that both databases pass: tracks kept, and found while somebody types, the same on both."""

import random
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from storage.catalogue import BATCH_MAX, FOUND_MAX, Catalogue, TrackRow
from storage.catalogue_words import place_of, query_words, title_key, words_of
from storage.sql import SqlStore
from tests.contracts.backends import Backend
from tests.contracts.conftest import POOLED

BACKENDS = ["sqlite", "postgres", *POOLED]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    made: Backend = request.getfixturevalue(f"{request.param}_backend")
    return made


@pytest.fixture
def both_backends(request: pytest.FixtureRequest) -> list[Backend]:
    return [request.getfixturevalue(f"{name}_backend") for name in ("sqlite", "postgres")]


@pytest.fixture
async def catalogue(backend: Backend) -> Catalogue:
    return await opened(backend)


async def opened(backend: Backend) -> Catalogue:
    store = await backend.open()
    assert isinstance(store, SqlStore)
    return store.catalogue


def track(title: str, artists: Sequence[str] = ("Ada",), album: str = "", name: str = "") -> TrackRow:
    """A track whose id is made of `name`, or of what is known of it."""
    name = name or f"{title} {artists} {album}"
    return TrackRow(
        id=sha256(name.encode()).hexdigest()[:22],
        path=f"{name}.ogg",
        size_bytes=1_000,
        mtime_ns=2**60,
        title=title,
        artists=tuple(artists),
        album=album,
        duration_ms=200_000,
        isrc="DEABC2600001",
        recording_id="",
        tempo=12_050,
        key="8A",
        energy=None,
        media_type="audio/ogg",
        artwork="",
        added_ms=1_700_000_000_000,
    )


async def titles(catalogue: Catalogue, query: str, limit: int = 50) -> list[str]:
    return [row.title for row in (await catalogue.search(query, limit)).rows]


# -- rows -----------------------------------------------------------------------------------------------


async def test_an_empty_catalogue(catalogue: Catalogue) -> None:
    assert await catalogue.known() == {}
    assert await catalogue.track_ids() == set()
    assert await catalogue.count() == 0
    assert await catalogue.track("none") is None
    assert await catalogue.tracks([]) == {}
    assert await catalogue.with_artwork("0" * 32) is None
    found = await catalogue.search("a", 20)
    assert (found.rows, found.total) == ((), 0)


async def test_tracks_by_what_identifies_them(catalogue: Catalogue) -> None:
    mine = replace(track("A"), isrc="DEABC2600002", recording_id="85701f84-c37f-4857-89d3-29625f02d943")
    other = replace(track("B"), isrc="", recording_id="")
    both = replace(track("C"), isrc="DEABC2600002")
    await catalogue.put([mine, other, both])
    assert await catalogue.identified([], []) == []
    by_isrc = await catalogue.identified({"DEABC2600002", "DEABC2699999"}, set())
    assert by_isrc == sorted((mine, both), key=lambda row: row.id)
    assert await catalogue.identified((), [mine.recording_id]) == [mine]
    assert len(await catalogue.identified([f"DE{n:010}" for n in range(11_000)], [mine.recording_id])) == 1


async def test_tracks_by_the_words_of_their_titles(catalogue: Catalogue) -> None:
    song, live = track("Don't Stop (Remastered 2011)"), track("Don't Stop - Live")
    others = [track("Stop, don't (live)", [name]) for name in ("A", "B", "C")]
    many = [track(f"Song {number}") for number in range(1_500)]
    japanese = track("夜の歌")
    await catalogue.put([song, live, japanese, *others, *many])
    assert await catalogue.titled([]) == {}
    assert await catalogue.titled(["", "…", "Nothing here"]) == {}
    assert await catalogue.titled(["DONT STOP - remastered, 2011"]) == {"2011 dont remastered stop": [song]}
    assert await catalogue.titled(["Don't Stop"]) == {}
    assert await catalogue.titled(["歌の夜"]) == {title_key("夜の歌"): [japanese]}
    alive = sorted((live, *others), key=lambda row: row.id)
    assert await catalogue.titled(["Don't Stop (Live)"]) == {"dont live stop": alive}
    everything = await catalogue.titled([row.title for row in many])
    assert everything == {title_key(row.title): [row] for row in many}


async def test_a_picture_leads_to_a_track_that_has_it(catalogue: Catalogue) -> None:
    one, two = (replace(track(name), artwork="a" * 32) for name in ("One", "Two"))
    await catalogue.put([one, two, track("Three")])
    assert await catalogue.with_artwork("a" * 32) in (one, two)
    assert await catalogue.with_artwork("b" * 32) is None
    await catalogue.remove([one.id])
    assert await catalogue.with_artwork("a" * 32) == two


async def test_a_row_comes_back_as_it_was_put(catalogue: Catalogue) -> None:
    plain = track("Jóga", ["Björk", "Ärzte, Die"], "Homogenic")
    odd = replace(
        track("\";--\\ '%_\t\n\U0001f3b5"),
        path="Ümlaut/caf\udce9/\U0001f3b5.ogg",
        mtime_ns=-1,
        tempo=None,
        key="",
        energy=100,
        artists=(),
    )
    await catalogue.put([plain, odd])
    assert await catalogue.tracks([plain.id, "none", odd.id]) == {plain.id: plain, odd.id: odd}
    assert await catalogue.track(odd.id) == odd
    known = await catalogue.known()
    assert known.keys() == {plain.path, odd.path}
    file = known[odd.path]
    assert (file.id, file.size_bytes, file.mtime_ns) == (odd.id, odd.size_bytes, odd.mtime_ns)
    assert await catalogue.track_ids() == {plain.id, odd.id}
    assert await catalogue.count() == 2


async def test_putting_again_replaces_all_but_the_first_sight(catalogue: Catalogue) -> None:
    before = track("Old name", ["Ada"])
    await catalogue.put([before])
    await catalogue.put([before])
    after = replace(before, title="New title", artists=("Ben",), path="moved.ogg", added_ms=2)
    await catalogue.put([after])
    assert await catalogue.track(before.id) == replace(after, added_ms=before.added_ms)
    assert await titles(catalogue, "old") == []
    assert await titles(catalogue, "ada") == []
    assert await titles(catalogue, "ben new") == ["New title"]


async def test_a_path_leads_to_one_track(catalogue: Catalogue) -> None:
    first, second = track("First"), track("Second")
    await catalogue.put([first, second])
    # Files that change places keep their ids, and a new one takes the place of what was there.
    await catalogue.put([replace(first, path=second.path), replace(second, path=first.path)])
    assert {path: file.id for path, file in (await catalogue.known()).items()} == {
        second.path: first.id,
        first.path: second.id,
    }
    await catalogue.put([replace(track("Third"), path=first.path)])
    assert await catalogue.track(second.id) is None
    assert await titles(catalogue, "second") == []
    assert await catalogue.count() == 2


async def test_removed_tracks_are_not_found(catalogue: Catalogue) -> None:
    kept, gone = track("Kept song"), track("Gone sonata")
    await catalogue.put([kept, gone])
    await catalogue.remove([gone.id, "none"])
    await catalogue.remove([gone.id])
    await catalogue.remove([])
    assert await catalogue.track_ids() == {kept.id}
    assert await titles(catalogue, "so") == ["Kept song"]
    assert await titles(catalogue, "sonatta") == [], "a word that no track has corrects nothing"
    await catalogue.put([gone])
    assert await titles(catalogue, "sonatta") == ["Gone sonata"]


async def test_more_rows_than_a_batch(catalogue: Catalogue) -> None:
    many = [track(f"Number {number}") for number in range(2 * BATCH_MAX + 1)]
    await catalogue.put(many)
    assert await catalogue.count() == len(many)
    assert set(await catalogue.tracks([row.id for row in many])) == {row.id for row in many}
    await catalogue.remove([row.id for row in many[1:]])
    assert await catalogue.track_ids() == {many[0].id}


# -- search ---------------------------------------------------------------------------------------------


async def test_as_somebody_types(catalogue: Catalogue) -> None:
    await catalogue.put([track("Army of Me", ["Björk"], "Post"), track("Hyperballad", ["Björk"], "Post")])
    typed = "Bjork army"
    for length in range(1, len(typed) + 1):
        assert (await titles(catalogue, typed[:length]))[0] == "Army of Me"
    for query in ("BJÖRK ARMY", "army björk", "  of  me ", "bjo\u0308rk, hyper", "post (hyper"):
        assert len(await titles(catalogue, query)) == 1, query


async def test_title_before_artist_before_album(catalogue: Catalogue) -> None:
    rows = [
        track("Zebra", album="Queen"),
        track("Yodel", ["Queen"]),
        track("Killer Queen", ["Ben"]),
        track("Queensland", ["Ben"]),
        track("Queen of Hearts", ["Ben"]),
        track("Xylophone", ["Queens of the Stone Age"]),
        track("Walrus", album="Queenie"),
    ]
    await catalogue.put(rows)
    best = ["Killer Queen", "Queen of Hearts", "Queensland", "Yodel", "Xylophone", "Zebra", "Walrus"]
    assert await titles(catalogue, "queen") == best
    assert await titles(catalogue, "queen", 3) == best[:3]
    assert await titles(catalogue, "queen be") == ["Killer Queen", "Queen of Hearts", "Queensland"]


async def test_pages_go_on_where_the_one_before_ended(catalogue: Catalogue) -> None:
    await catalogue.put([track(f"Song {number:02}", ["Song"][: number % 2]) for number in range(30)])
    whole = await catalogue.search("song", 30)
    assert whole.total == 30
    pages = [await catalogue.search("song", 7, offset) for offset in range(0, 35, 7)]
    assert tuple(row for page in pages for row in page.rows) == whole.rows
    assert {page.total for page in pages} == {30}
    assert (await catalogue.search("song", 7, FOUND_MAX)).rows == ()


async def test_what_too_many_tracks_have_is_counted_so_far(catalogue: Catalogue) -> None:
    await catalogue.put([track(f"Song {number}") for number in range(FOUND_MAX + 50)])
    await catalogue.put([track("Long, and in the end a song"), track("Rare")])
    for query in ("s", "song"):
        found = await catalogue.search(query, 20)
        assert (len(found.rows), found.total) == (20, FOUND_MAX)
        assert found.rows == (await catalogue.search(query, 50)).rows[:20]
        last = await catalogue.search(query, 50, FOUND_MAX - 10)
        assert len({row.id for row in last.rows}) >= 10
    assert (await catalogue.search("a", 1)).rows[0].title == "Long, and in the end a song"
    assert await titles(catalogue, "song long") == ["Long, and in the end a song"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hyperbalad", "Hyperballad"),
        ("hypreballad", "Hyperballad"),
        ("hiperb", "Hyperballad"),
        ("amry of me", "Army of Me"),
        ("arny", "Army of Me"),
        ("bjrok army", "Army of Me"),
        ("teh look", "The Look"),
        ("tha lokk", "The Look"),
    ],
)
async def test_typing_errors(catalogue: Catalogue, typed: str, meant: str) -> None:
    rows = [track("Army of Me", ["Björk"]), track("Hyperballad", ["Björk"]), track("The Look", ["Roxette"])]
    await catalogue.put(rows)
    assert await titles(catalogue, typed) == [meant]


async def test_errors_are_forgiven_only_where_nothing_matches(catalogue: Catalogue) -> None:
    await catalogue.put([track("Help"), track("Hello")])
    assert await titles(catalogue, "help") == ["Help"]
    assert await titles(catalogue, "xylophone") == []
    assert await titles(catalogue, "hx") == []


HOSTILE = [
    *(
        "",
        " ",
        "\t\n",
        "'",
        '"',
        "''",
        '"" ',
        ";",
        "--",
        "/*",
        "\\",
        "\\'",
        "%",
        "_",
        "*",
        "(",
        ")",
        "()",
        "^",
    ),
    *(
        "' OR 1=1 --",
        '" OR "1"="1',
        "'); DROP TABLE tracks; --",
        "love'*",
        'love"*',
        "love)",
        "(love",
        "1love",
    ),
    *("AND", "OR", "NOT", "NEAR", "NEAR(a b)", "love NOT", "a AND", "OR OR OR", "AND AND", "title:love"),
    *(
        "words MATCH 'x'",
        "love & !",
        "love | ",
        "love <-> me",
        "love:*",
        "love:A",
        "'love':*",
        "a\\:*",
        "{a}:b",
    ),
    *("\0", "lo\0ve", "\udc80", "lo\ud800ve", "\ufffd", "\u200b", "\u202elove", "\U0001f3b5", "ﷺ" * 50),
    *("a" * 10_000, "a " * 10_000, "ä" * 3_000, "\u0301" * 500, "𝒶𝓁𝓁", "ＬＯＶＥ", "İı", "ß", "ǅ", "ª", "½"),
    *(
        ":param",
        "%(x)s",
        "$1",
        "?1",
        "{}",
        "{0}",
        "1e999",
        "-1",
        "NaN",
        "null",
        "None",
        "a.b.c.d.",
        "....",
        "①",
    ),
    *("a b c d e f g h i j k l m", "_ _", "x" * 41, "１２３", "²", "!!!", "한국어", "東京", "हिन्दी", "ไทย"),
]


async def test_any_string_gets_an_answer(catalogue: Catalogue) -> None:
    rows = [track("Love"), track("東京 Nights"), track("ﷺ"), track("x" * 60), track("!!!", album="한국어")]
    await catalogue.put(rows)
    for query in HOSTILE:
        found = await catalogue.search(query, 20)
        assert found.total == len(found.rows) <= len(rows), query
    assert await titles(catalogue, "lo\0ve\udc80") == [], "what cannot be typed parts words"
    assert await titles(catalogue, "ＬＯＶＥ") == ["Love"]
    assert await titles(catalogue, "京") == ["東京 Nights"]
    assert await titles(catalogue, "x" * 10_000) == ["x" * 60]
    assert await catalogue.count() == len(rows)


# -- the same on every database -------------------------------------------------------------------------


def ranked(rows: Sequence[TrackRow], query: str) -> list[str]:
    """The ids of what is found, best first, by the port's words alone."""
    typed = query_words(query)

    def found(row: TrackRow) -> tuple[int, int] | None:
        fields = [row.title, " ".join(row.artists), row.album]
        for number in range(3):
            words = {word for field in fields[: number + 1] for word in words_of(field)}
            for rank, whole in enumerate((len(typed), len(typed) - 1, 0)):
                begun = all(any(word.startswith(start) for word in words) for start in typed[whole:])
                if begun and words.issuperset(typed[:whole]):
                    return number, rank
        return None

    keys = [(key, place_of(row.id, row.title), row.id) for row in rows if (key := found(row)) is not None]
    return [track_id for _, _, track_id in sorted(keys)]


async def test_both_databases_find_the_same_in_the_same_order(both_backends: list[Backend]) -> None:
    draw = random.Random(7)
    vocabulary = [
        "a",
        "ab",
        "abba",
        "Bad",
        "bah",
        "cab",
        "Café",
        "da",
        "dada",
        "der",
        "ed",
        "Edda",
        "é",
        "東京",
    ]

    def some(most: int) -> str:
        return " ".join(draw.choices(vocabulary, k=draw.randint(1, most)))

    rows = [track(some(4), [some(2) for _ in range(draw.randint(0, 2))], some(3), str(n)) for n in range(250)]
    queries = {some(3)[: draw.randint(1, 9)] for _ in range(60)}
    errors = {"abbba", "Eda x", "cafw", "dadda", "bah edad"}
    answers: list[list[list[str]]] = []
    for backend in both_backends:
        catalogue = await opened(backend)
        draw.shuffle(rows)
        await catalogue.put([replace(row, title=some(3)) for row in rows[:100]])
        await catalogue.put(rows)
        for query in queries:
            found = await catalogue.search(query, 50)
            expected = ranked(rows, query)
            if expected:
                assert ([row.id for row in found.rows], found.total) == (expected[:50], len(expected)), query
        answers.append([[row.id for row in (await catalogue.search(q, 50)).rows] for q in sorted(errors)])
    assert all(other == answers[0] for other in answers)
    assert any(answers[0])
