"""Lo-fi: an electric piano, drums that drag, and a record that was played often."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.rhythm import beat, hits
from collab.music.pieces.score import TICKS, Line, Score, Space
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_SWING = 22
_KEY = Key("D", "minor")
_A = chords("Dm9 Gm9 Bbmaj9 A7")
_B = chords("Gm9 C9 Fmaj9 Bbmaj9 Gm9 A7 Dm9 A7")
_FORM = (*_A[:2], *_A, *_A, *_B, *_A, *_A[:3], *chords("A7 Dm9"))
_MOTIFS = {
    "a": ".... x-o- x--- ..x-",
    "b": "x--- .... ..x- x-o-",
    "c": "..x- x-x- o--- ....",
    "e": "x--- ---- .... ....",
}


def compose() -> Score:
    dice = Dice(78)
    keys, bass = Line("electric_piano", -3, room=18, loose=10), Line("sub", -7, room=4)
    vibes = Line("vibraphone", -9, room=34, echo=24, loose=10)
    kick, snare = Line("soft_kick", 2, room=6), Line("snare", -8, room=16, loose=10)
    hat, dust = Line("hat", -10, room=8, loose=9), Line("crackle", -15, room=0)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(
        zip(_FORM, progression(_FORM, 52, 77, slice(1, None)), strict=True)
    ):
        start = number * _BAR
        root = above(chord.root, 34)
        if number == last:
            keys.chord(start, _BAR, voicing, 70, spread=40)
            bass.add(start, 2 * TICKS, root, 80)
            break
        for hit in hits("x-------..x---o-" if number % 2 else "x-----x-----..o-", start, _SWING):
            keys.chord(hit.at, hit.length, voicing, hit.velocity - 12, spread=14)
        if number < 2:
            beat(hat, "..x...x...x...x.", start, swing=_SWING, softer=20)
            continue
        for hit in hits("x---..x-x---..o-", start, _SWING):
            bass.add(hit.at, hit.length, root if hit.velocity > 60 else root + 7, hit.velocity)
        beat(kick, "X......x..x....." if number % 2 else "X.........x..o..", start, swing=_SWING)
        beat(snare, "....x.......x..o" if number % 4 == 1 else "....x.......x...", start, swing=_SWING)
        beat(hat, "x.x.x.xox.x.x.x.", start, swing=_SWING, softer=10)
    singer = Singer(_KEY.scale, 69, 86)
    theme = tune(dice, singer, (*_A, *_A), _MOTIFS, "abaeabce")
    vibes.lay(theme, 2 * _BAR)
    vibes.lay(tune(dice, singer, _B, _MOTIFS, "cacecabe"), 10 * _BAR)
    vibes.lay(ornamented(dice, singer, theme[: len(theme) * 7 // 8], 40), 18 * _BAR)
    # Another pitch, which dust has not, is other dust.
    for number in range(0, last, 2):
        dust.add(number * _BAR, 2 * _BAR + TICKS // 4, 60 + number, 100)
    return Score(
        name="second-floor-rain",
        title="Second Floor, Rain",
        artist="Pocket Aquarium",
        genre="Lo-fi",
        key=_KEY,
        tempo=7_800,
        seed=2,
        space=Space(room_ms=900, echo_ticks=3 * TICKS // 4, echo_again=35, high_hz=6_500, drive=30),
        parts=tuple(line.played(dice) for line in (keys, bass, vibes, kick, snare, hat, dust)),
    )
