"""What requests at random are about: real people, playlists and a Jam, made anew when a request deletes them.

Loaded by schemathesis, in a process of its own. An id that it made up is mostly replaced by one that there
is, so that requests get past the door; what it means to be wrong stays wrong.
"""

import os
import re
import zlib
from itertools import count
from typing import Any

import httpx
import schemathesis
from schemathesis.generation.modes import GenerationMode

from collab.http_writes import KEY_HEADER
from tests.documents.bounds import ID_PATTERN

Json = dict[str, Any]

# Of as many made-up ids one stays.
KEPT_OF = 8
# Sessions live for 15 minutes.
REFRESH_AFTER_REQUESTS = 5_000


class People:
    """Two guests, what they own, and everything that is theirs by the name under which a request says it."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self.ada, self.mia = self.guest("Ada"), self.guest("Mia")
        self._asked = 0
        [song] = self._get("/v1/search?q=song&limit=1")["tracks"]["items"]
        self.things: dict[str, list[str]] = {
            "user": [self.ada["user"]["id"], self.mia["user"]["id"]],
            "track": [song["id"]],
            "ids": [song["id"]],
            "artwork": [re.findall(r"/artwork/(\w+)", song["album"]["images"][0]["url"])[0]],
            "version": ["0", "1", "2"],
        }
        self._song = {"track": f"tutti:track:{song['id']}"}
        self.refill("jam")
        self.refill("playlist")

    def guest(self, name: str) -> Json:
        session: Json = self._client.post("/v1/guest", json={"name": name}).raise_for_status().json()
        return session

    def token(self) -> str:
        self._asked += 1
        if self._asked % REFRESH_AFTER_REQUESTS == 0:
            body = {"refresh_token": self.ada["refresh_token"]}
            self.ada = self._client.post("/v1/token", json=body).raise_for_status().json()
        token: str = self.ada["token"]
        return token

    def refill(self, name: str) -> None:
        if name == "jam":
            jam = self._post("/v1/jams", {"name": "Friday", "mode": "votes"})
            add = {"command": {"do": "add", "track": self._song}}
            self._post(f"/v1/jams/{jam['id']}/commands", add)
            self._post(f"/v1/jams/{jam['id']}/commands", {"command": {"do": "play", "reign": 1}})
            invite = self._post(f"/v1/jams/{jam['id']}/invites", {"role": "guest"})
            self.things |= {"jam": [jam["id"]], "code": [jam["code"]["code"]], "invite": [invite["id"]]}
        if name == "playlist":
            saved = self._post(f"/v1/jams/{self.things['jam'][0]}/playlist", {"name": "Saved"})["playlist"]
            public = self._post("/v1/me/playlists", {"name": "Public", "public": True})["id"]
            theirs = self._post("/v1/me/playlists", {"name": "Hers", "collaborative": True}, self.mia)["id"]
            invite = self._post(f"/v1/playlists/{saved}/invites", {"role": "viewer"})
            entry = self._get(f"/v1/playlists/{saved}/versions/1")["entries"][0]["uid"]
            self.things |= {
                "playlist": [saved, saved, public, theirs],
                "invite": [*self.things["invite"][:1], invite["id"]],
                "secret": [invite["secret"]],
                "uid": [entry],
            }

    def _get(self, path: str) -> Json:
        answer = self._client.get(path, headers={"Authorization": f"Bearer {self.token()}"})
        assert answer.is_success, answer.text
        got: Json = answer.json()
        return got

    def _post(self, path: str, body: Json, who: Json | None = None) -> Json:
        token = self.token() if who is None else who["token"]
        answer = self._client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.is_success, answer.text
        got: Json = answer.json()
        return got


_people: People | None = None
_count = count()


def people() -> People:
    """Made when the first request is sent: the hooks are loaded before."""
    global _people
    if _people is None:
        _people = People(os.environ["TUTTI_ASKED_URL"])
    return _people


@schemathesis.hook
def before_call(context: Any, case: Any, **_: Any) -> None:
    who = people()
    is_positive = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
    for parameters in (case.path_parameters, case.query, case.body):
        if isinstance(parameters, dict):
            for name, value in parameters.items():
                if is_positive or (isinstance(value, str) and re.fullmatch(ID_PATTERN, value)):
                    parameters[name] = real(who, name, value)
    if KEY_HEADER in case.headers:
        # A key that came before is refused for that alone.
        case.headers[KEY_HEADER] = f"{case.headers[KEY_HEADER]}{next(_count)}"
    forgets = case.method == "DELETE" and case.path == "/v1/me"
    token = who.guest("Eve")["token"] if forgets else who.token()
    case.headers["Authorization"] = f"Bearer {token}"


def real(who: People, name: str, value: Any) -> Any:
    drawn = zlib.crc32(f"{name} {value}".encode(errors="replace"))
    if name not in who.things or drawn % KEPT_OF == 0:
        return value
    known = who.things[name]
    chosen = known[drawn // KEPT_OF % len(known)]
    return type(value)(chosen) if isinstance(value, int) else chosen


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """What a request deleted is there again for the next."""
    if case.method == "DELETE" and response.status_code < 300:
        if case.path.startswith("/v1/jams/"):
            people().refill("jam")
        people().refill("playlist")
