"""`make pieces`: renders all of the sample pieces as a server does, and judges each from first to last.

Prints a table, and exits 1 if a piece has a fault, is too large, or took too long. `--keep FOLDER` leaves
them there, for whoever wants to hear them. What is judged is what was decoded from the files.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import soundfile

from collab.logs import configure_logs
from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.loudness import loudness
from collab.music.pieces.renderer import render_pieces
from tests.collab.music.pieces.judging import DIFFERENCE_MIN, difference, faults_of
from tests.collab.music.pieces.listening import RATE, Sound, first_impression, heard

FILE_KB_MAX = 1_000
FIRST_S_MAX = 5.0
CPU_S_MAX = 60.0
_ROW = "{:>6} {:4}{:>4}{:>5}{:>7}{:>6}{:>6}{:>7}{:>7}"


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--keep", type=Path, metavar="FOLDER")
    configure_logs("info", "console")
    with _folder(arguments.parse_args().keep) as folder:
        began, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        asyncio.run(render_pieces(folder))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        faults = _judged(folder)
        first_s = min(path.stat().st_mtime for path in folder.glob("*.ogg")) - began
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        _say(
            f"\nfirst after {first_s:.1f} s, all took {cpu_s:.1f} s of one core, {after.ru_maxrss >> 10} MiB"
        )
    if first_s > FIRST_S_MAX:
        faults.append(f"The first is there after {first_s:.1f} s, which is later than {FIRST_S_MAX} s.")
    if cpu_s > CPU_S_MAX:
        faults.append(f"All take {cpu_s:.1f} s, which is longer than {CPU_S_MAX} s.")
    for fault in faults:
        _say(fault)
    return 1 if faults else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="tutti-pieces-") as name:
        yield Path(name)


def _judged(folder: Path) -> list[str]:
    faults = []
    beginnings: dict[str, Sound] = {}
    _say(" " * 26 + _ROW.format("bpm", "key", "s", "kB", "LUFS", "peak", "crest", "centre", "onsets"))
    for compose in COMPOSITIONS:
        score = compose()
        path = folder / f"{score.name}.ogg"
        sound, _ = soundfile.read(path, dtype="float32")
        found, kilobytes = heard(sound), path.stat().st_size // 1000
        _say(
            f"{score.name:26}"
            + _ROW.format(
                f"{score.tempo / 100:g}",
                score.key.name,
                f"{len(sound) / RATE:.0f}",
                kilobytes,
                f"{loudness(sound):.1f}",
                f"{found.peak:.2f}",
                f"{found.crest:.1f}",
                f"{found.centroid:.0f}",
                f"{found.onsets:.1f}",
            )
        )
        faults += [f"{score.name}: {fault}" for fault in faults_of(score, sound)]
        if kilobytes > FILE_KB_MAX:
            faults.append(f"{score.name}: It has {kilobytes} kB.")
        beginnings[score.name] = sound[: 2 * RATE]
    impressions = {name: first_impression(sound) for name, sound in beginnings.items()}
    nearest = min(
        combinations(impressions, 2), key=lambda pair: difference(*(impressions[name] for name in pair))
    )
    apart = difference(*(impressions[name] for name in nearest))
    _say(f"\nthe two most alike in their first two seconds: {' and '.join(nearest)}, {apart:.1f} dB apart")
    if apart < DIFFERENCE_MIN:
        faults.append(f"{' and '.join(nearest)} sound alike.")
    return faults


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
