"""The picture of a recap: well-formed whatever people wrote, and never larger than it has to be."""

from xml.etree import ElementTree

from msgspec.structs import replace

from collab.recap_picture import recap_picture
from collab.recap_text import length, milliseconds, recap_lines
from jam import commands as c
from jam.recap import Play, Recap, Recapping, Sync
from jam.settings import Settings
from jam.state import new_jam
from tests.jam.party import START, Party

SVG = "{http://www.w3.org/2000/svg}"


def evening(**fields: object) -> Recap:
    settings = Settings(mode="queue", name="Friday & <friends>")
    party = Party(settings, "ben")
    first = party.add("ann", "a", 60, **fields)
    party.add("ben", "b", 60)
    party.do("ben", c.Vote(first, 1))
    party.steer("ann", c.Play)
    party.passes(90_000)
    recapping = Recapping(new_jam("ann", "Ann", START, settings))
    recapping.fold(party.events)
    return recapping.recap()


def texts(recap: Recap) -> list[str]:
    root = ElementTree.fromstring(recap_picture(recap))
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def strokes(recap: Recap) -> list[str]:
    root = ElementTree.fromstring(recap_picture(recap))
    return [line.get("stroke", "") for line in root.iter(f"{SVG}line") if line.get("stroke-linecap")]


def test_the_evening_at_a_glance() -> None:
    shown = texts(evening(artists=["Massive Attack"]))
    assert {"Friday & <friends>", "2 songs  ·  1 min of music  ·  2 people"} <= set(shown)
    assert {"a", "Massive Attack  ·  from Ann", "+2", "Ann & Ben", "alike on 1 song"} <= set(shown)
    assert "1 JANUARY 1970" in shown


def test_an_evening_without_music_is_a_picture_too() -> None:
    recapping = Recapping(new_jam("ann", "Ann", START, Settings()))
    shown = texts(recapping.recap())
    assert "No music yet  ·  1 person" in shown
    assert "Nothing yet." in shown
    assert strokes(recapping.recap()) == []


def test_what_people_write_stays_text_and_in_its_place() -> None:
    recap = evening(artists=["<script>alert(1)</script>"])
    bad = '\u202e"/>\x00\ud800 & ' + "W" * 200
    hostile = replace(recap, name=bad, people=tuple(replace(person, name=bad) for person in recap.people))
    picture = recap_picture(hostile)
    assert "<script" not in picture
    assert "\u202e" not in picture
    picture.encode()
    assert max(map(len, texts(hostile))) < 70


def test_a_long_evening_needs_no_more_strokes_than_there_is_room_for() -> None:
    recap = evening()
    plays = [_numbered(recap.played[0], number) for number in range(1_000)]
    long = replace(recap, played=tuple(plays), liked=(0,))
    drawn = strokes(long)
    assert 200 < len(drawn) <= 264
    assert len(set(drawn)) == 2, "the most liked song has a colour of its own"


def _numbered(play: Play, number: int) -> Play:
    return replace(play, play=number, up=5 if number == 0 else 2)


def test_the_same_in_a_terminal() -> None:
    recap = replace(evening(artists=["\x1b[31mred"]), sync=Sync(300, 380, 12_400))
    assert list(recap_lines(recap)) == [
        "Friday & <friends>: 1 min with 2 people, 2 of them at once, live",
        "songs: 2 played, 0 skipped, 0 unplayable; 1 min of music",
        "liked: a — �[31mred  +2, from Ann",
        "liked: b  +1, from Ben",
        "closest: Ann and Ben, alike on 1 song",
        "longest: Ann, 1 min",
        "in step: half of 300 readings within 0.4 ms, 95 % within 12 ms",
    ]


def test_lengths_and_milliseconds() -> None:
    assert [length(ms) for ms in (0, 59_999, 60_000, 3_599_999, 11_520_000)] == [
        "0 s",
        "59 s",
        "1 min",
        "59 min",
        "3 h 12 min",
    ]
    assert [milliseconds(us) for us in (0, 49, 50, 999, 9_949, 9_950, 60_000_000)] == [
        "0.0 ms",
        "0.0 ms",
        "0.1 ms",
        "1.0 ms",
        "9.9 ms",
        "10 ms",
        "60000 ms",
    ]
