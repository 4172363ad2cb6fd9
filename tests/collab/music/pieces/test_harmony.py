import pytest

from collab.music.pieces.harmony import Key, above, chord, chords, nearest, progression, stepped, voiced


@pytest.mark.parametrize(
    ("symbol", "tones"),
    [("C", (0, 4, 7)), ("Ebmaj7", (3, 7, 10, 2)), ("F#7", (6, 10, 1, 4)), ("Bbm7b5", (10, 1, 4, 8))],
)
def test_a_symbol_names_its_tones(symbol: str, tones: tuple[int, ...]) -> None:
    assert chord(symbol).tones == tones


def test_nobody_plays_what_is_no_chord() -> None:
    for symbol in ("H7", "Cfoo", ""):
        with pytest.raises(KeyError):
            chord(symbol)


def test_a_key_has_its_scale_and_its_name() -> None:
    assert Key("G", "major").scale == (7, 9, 11, 0, 2, 4, 6)
    assert Key("F#", "minor").name == "F#m"
    assert Key("Eb", "major").name == "Eb"


def test_chords_move_as_little_as_they_can() -> None:
    c_major = (60, 64, 67)
    assert voiced(chord("Am").tones, c_major, 48, 76) == (60, 64, 69)
    assert voiced(chord("F").tones, c_major, 48, 76) == (60, 65, 69)


def test_voicings_stay_in_their_room_and_have_all_tones() -> None:
    circle = chords("C F Bb Eb Ab Db F# B E A D G C")
    for voicing, each in zip(progression(circle, 52, 76), circle, strict=True):
        assert voicing[0] >= 52
        assert voicing[-1] <= 76
        assert {pitch % 12 for pitch in voicing} == set(each.tones)


def test_steps_go_along_the_scale() -> None:
    c_major = Key("C", "major").scale
    assert [stepped(c_major, 60, steps) for steps in (-2, -1, 0, 1, 7)] == [57, 59, 60, 62, 72]
    assert stepped(c_major, 61, 1) == 62


def test_the_nearest_and_the_lowest() -> None:
    assert nearest((0, 7), 65) == 67
    assert nearest((0,), 66) == 60
    assert above(0, 60) == 60
    assert above(11, 60) == 71
