"""Swing: a walking bass, a ride cymbal, and a vibraphone that has the tune."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Chord, Key, above, chords, nearest, progression, stepped
from collab.music.pieces.rhythm import hits
from collab.music.pieces.score import TICKS, Line, Note, Score, Space
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_KEY = Key("Bb", "major")
_INTRO = chords("Bb6 Gm7 Cm7 F7")
_A = chords("Bb6 Gm7 Cm7 F7 Dm7 Gm7 Cm7 Bb6")
_B = chords("Ebmaj7 Ebmaj7 Dm7 Gm7 Cm7 Cm7 F7 F7")
_END = chords("Cm7 F7 Bb6")
_FORM = (*_INTRO, *_A, *_A, *_B, *_A, *_END)
_MOTIFS = {
    "a": "x-x- ..x- x--- ..o-",
    "b": "..x- x-x- ..x- x---",
    "c": "x-x- x-x- x-x- ..x-",
    "e": "x-x- ..x- ---- ....",
}


def compose() -> Score:
    dice = Dice(184)
    bass, piano = Line("double_bass", 0, room=12), Line("piano", -9, room=20)
    ride, brush = Line("ride", -6, room=18, loose=4), Line("brush", -9, room=18)
    vibes, foot = Line("vibraphone", -7, room=24), Line("hat", -14, room=10, loose=4)
    last = len(_FORM) - 1
    walking = 46
    for number, (chord, voicing) in enumerate(
        zip(_FORM, progression(_FORM, 53, 77, slice(1, None)), strict=True)
    ):
        start = number * _BAR
        if number == last:
            piano.chord(start, _BAR, voicing, 84, spread=30)
            bass.add(start, 2 * TICKS, above(chord.root, 34), 100)
            ride.add(start, TICKS, 60, 110)
            break
        walking = _walk(dice, bass, start, chord, _FORM[number + 1], walking)
        for beat in range(4):
            ride.add(start + beat * TICKS, TICKS, 60, 100 if beat % 2 else 88)
            if beat % 2:
                ride.add(start + beat * TICKS + 2 * TICKS // 3, TICKS // 3, 60, 74)
                foot.add(start + beat * TICKS, TICKS, 60, 100)
            brush.add(start + beat * TICKS, TICKS, 60, 92 if beat % 2 else 64)
        if number >= 2:
            for hit in hits("x-.. ..x- .... ...." if number % 2 else ".... ..x- .... ..x-", start):
                piano.chord(_swung(hit.at), min(hit.length, TICKS // 2), voicing, hit.velocity - 8)
    singer = Singer(_KEY.scale, 65, 84)
    theme = [_lazily(note) for note in tune(dice, singer, _A, _MOTIFS, "abaeabce")]
    bridge = [_lazily(note) for note in tune(dice, singer, _B, _MOTIFS, "cbcecbae")]
    vibes.lay(theme, 4 * _BAR)
    vibes.lay(ornamented(dice, singer, theme, 30), 12 * _BAR)
    vibes.lay(bridge, 20 * _BAR)
    vibes.lay(ornamented(dice, singer, theme, 50), 28 * _BAR)
    vibes.chord(last * _BAR, _BAR, (70, 74, 77, 79), 80, spread=40)
    return Score(
        name="elevator-to-the-roof",
        title="Elevator to the Roof",
        artist="Dorrit Lindqvist Quartet",
        genre="Swing",
        key=_KEY,
        tempo=18_400,
        seed=10,
        space=Space(room_ms=1_000, high_hz=13_000),
        parts=tuple(line.played(dice) for line in (bass, piano, ride, brush, vibes, foot)),
    )


def _swung(tick: int) -> int:
    """An eighth between two beats comes at the last third."""
    return tick + TICKS // 6 if tick % TICKS == TICKS // 2 else tick


def _lazily(note: Note) -> Note:
    return note._replace(start=_swung(note.start))


def _walk(dice: Dice, bass: Line, start: int, chord: Chord, coming: Chord, before: int) -> int:
    """The root, two tones of the chord, and a neighbour of the next root. Returns the last pitch."""
    root = nearest((chord.root,), before)
    root += 12 if root < 34 else -12 if root > 52 else 0
    second = nearest((chord.tones[dice.choice((1, 2))],), root + 3)
    third = nearest((chord.tones[dice.choice((2, 0, 1))],), second + dice.choice((-3, 3)))
    target = nearest((coming.root,), third)
    neighbour = target - 1 if dice.chance(25) else stepped(_KEY.scale, target, dice.choice((-1, 1)))
    for beat, pitch in enumerate((root, second, third, neighbour)):
        bass.add(start + beat * TICKS, TICKS - 40, pitch, 104 if beat == 0 else 94)
    return third
