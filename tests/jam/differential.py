"""Random lives of Jams, asked of another implementation line by line: `python -m tests.jam.differential`.

The other one is a filter that answers as `tests/jam/answering.py` does. Every command that a client gave it
has to foresee; every event it has to follow, and a whole life's, one after the other, from its beginning.
Nothing is printed if there is no difference.
"""

import argparse
import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from jam.rules import Source
from jam.scene import Scene
from jam.settings import Limits
from jam.state import dump
from jam.step import Decided
from tests.clients.javascript import CONFORMANCE
from tests.jam.lives import LIMITS, Moment, life
from tests.vectors.jam import decide_vector

Question = dict[str, Any]

COMMANDS = 60
ROOMY = Limits(adds=500, waiting=500, votes=500, chats=50)
SHOWN_MAX = 2_000


def differences(other: Sequence[str], seed: int, lives: int) -> Iterator[str]:
    """What the other implementation says otherwise, as text."""
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(lives):
            for given, expected in questions(Random(f"{seed} {number}")):
                process.stdin.write(json.dumps(given) + "\n")
                process.stdin.flush()
                said = json.loads(process.stdout.readline() or "null")
                if said != json.loads(json.dumps(expected)):
                    yield f"life {number}: {json.dumps(given)[:SHOWN_MAX]}\n is {expected}\n not {said}"
        process.stdin.close()


def questions(random: Random) -> Iterator[tuple[Question, Question]]:
    """Of one life, each with its answer."""
    events: list[Any] = []
    begin: Any = None
    last: Question = {}
    for moment in life(random, COMMANDS, limits=random.choice((LIMITS, ROOMY))):
        begin = begin or dump(moment.before.jam)
        vector = decide_vector("", moment)
        given, expected = vector["given"], vector["expected"]
        if _is_foreseen(moment):
            yield given, expected
        if isinstance(moment.outcome, Decided):
            events.append(expected["event"])
            last = {name: expected[name] for name in ("order", "digest")}
            yield {"fn": "follow", "state": given["state"], "events": events[-1:]}, last
    if events:
        yield {"fn": "follow", "state": begin, "events": events}, last


def _is_foreseen(moment: Moment) -> bool:
    """What devices show of themselves only the server knows."""
    return moment.by.source is Source.CLIENT and moment.by.scene == Scene()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", default=f"node {shlex.quote(str(CONFORMANCE))}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lives", type=int, default=2_000)
    options = parser.parse_args()
    found = next(differences(shlex.split(options.against), options.seed, options.lives), None)
    if found is not None:
        raise SystemExit(found)


if __name__ == "__main__":
    main()
