"""Both versions' SDKs in the same playlists and the same Jam, at the same time.

Makes the documents, brings people in on each of the given nodes with either SDK (`people.py`), and says
whether they ended equal. Knows HTTP and the programs' lines. Does not know which version a node has.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import httpx

from tests.previous.version import PATIENCE_S, Previous, running_here

PLAYLISTS = ("Friday", "Saturday")
# A Jam may go on while one looks.
LOOKS_MAX = 200

Versions = dict[str, int]


class Meeting:
    """Made by `meeting`."""

    def __init__(self, programs: Sequence[subprocess.Popen[str]], jam: str) -> None:
        self.jam = jam
        self._programs = programs
        for program in programs:
            assert int(_answer(program)) > 0

    def edit(self, edits: int) -> Versions:
        """Everybody makes so many edits; where that led, by document."""
        return _newest([versions for answer in self._order({"edit": edits}) for versions in answer])

    def ends_equal(self, versions: Versions) -> Versions:
        """Everybody reaches these versions at least and then holds the same, and nobody ever had to be
        repaired. Which versions those are in the end."""
        for _ in range(LOOKS_MAX):
            answers = self._order({"show": versions})
            assert not any(repairs for answer in answers for repairs in answer["repairs"]), answers
            shown = [person for answer in answers for person in answer["shown"]]
            held: dict[tuple[str, int], set[str]] = defaultdict(set)
            for person in shown:
                for document, (version, digest) in person.items():
                    held[document, version].add(digest)
            assert all(len(digests) == 1 for digests in held.values()), held
            versions = _newest([{id: version for id, (version, _) in person.items()} for person in shown])
            if len(held) == len(versions):
                return versions
        raise AssertionError(f"They did not come to rest in {LOOKS_MAX} looks: {held}")

    def _order(self, order: dict[str, Any]) -> list[Any]:
        for program in self._programs:
            assert program.stdin is not None, "it is a pipe"
            program.stdin.write(json.dumps(order) + "\n")
            program.stdin.flush()
        return [_answer(program) for program in self._programs]


class Owner:
    """Who makes the documents, over HTTP, on one node."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/v1")
        session = self._post("/guest", name="Ada")
        self._http.headers["authorization"] = f"Bearer {session['token']}"
        self.refresh_token = str(session["refresh_token"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def make_playlist(self, name: str) -> tuple[str, str]:
        """Its id, and the secret of an invite."""
        playlist = str(self._post("/me/playlists", name=name)["id"])
        return playlist, str(self._post(f"/playlists/{playlist}/invites", role="editor")["secret"])

    def start_jam(self) -> tuple[str, str]:
        """Its id and its code."""
        jam = self._post("/jams", settings={"mode": "votes"})
        return str(jam["id"]), str(jam["code"]["code"])

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answered = self._http.post(path, json=body)
        made: dict[str, Any] = answered.raise_for_status().json()
        return made


@contextmanager
def meeting(previous: Previous, urls: Sequence[str]) -> Iterator[Meeting]:
    """Of people with either SDK on each of the nodes. Who owns all, and hosts, has the old SDK and is on the
    last node, but came in on the first."""
    with ExitStack() as stack:
        with Owner(urls[0]) as owner:
            made = [owner.make_playlist(name) for name in PLAYLISTS]
            jam, code = owner.start_jam()
        asked = {
            "playlists": [playlist for playlist, _ in made],
            "invites": [secret for _, secret in made],
            "code": code,
            "seed": 1,
        }
        old = [{"name": f"Old {number}", "url": url} for number, url in enumerate(urls)]
        new = [{"name": f"New {number}", "url": url} for number, url in enumerate(urls)]
        old[-1]["refresh_token"] = owner.refresh_token
        programs = [
            stack.enter_context(start("people.py", json.dumps({**asked, "people": people})))
            for start, people in ((previous.running, old), (running_here, new))
        ]
        try:
            yield Meeting(programs, jam)
            for program in programs:
                _, _ = program.communicate(timeout=PATIENCE_S)
                assert program.returncode == 0
        finally:
            for program in programs:
                program.kill()


def _answer(program: subprocess.Popen[str]) -> Any:
    assert program.stdout is not None, "it is a pipe"
    line = program.stdout.readline()
    assert line, "it ended; stderr says why"
    return json.loads(line)


def _newest(versions: Sequence[Versions]) -> Versions:
    return {document: max(each[document] for each in versions) for document in versions[0]}
