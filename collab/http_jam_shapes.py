"""How Jams look in JSON. Pure: values in, maps out; what is large stays as it is until it is written."""

from msgspec import structs

from collab.http_shapes import Json, user_json
from collab.jam_ports import JamView
from jam.recap import Recap
from jam.state import role_of
from jam.waiting import estimates
from storage.store import User


def jam_url(base: str, document: str) -> str:
    return f"{base}v1/jams/{document}"


def jam_json(base: str, view: JamView, user: str, host: User | None) -> Json:
    """A Jam as it stands in lists; `user` is who asks."""
    jam = view.jam
    playing = jam.entries.get(jam.timeline.entry)
    return {
        "id": view.head.document,
        "href": jam_url(base, view.head.document),
        "name": jam.settings.name,
        "status": jam.status,
        "host": user_json(jam.host, host),
        "role": role_of(jam, user),
        "started_at": jam.started_at,
        "people": len(jam.members),
        "songs": len(jam.entries),
        "playing": None if playing is None else playing.track,
        "epoch": view.head.epoch,
        "version": view.head.version,
    }


def whole_jam_json(base: str, view: JamView, user: str, host: User | None, now_ms: int) -> Json:
    """A Jam with its state, as a socket gets it, and what follows from it at room time `now_ms`."""
    return {
        **jam_json(base, view, user, host),
        "now": now_ms,
        "state": view.jam,
        "order": list(view.order),
        "starts_in_ms": estimates(view.jam, now_ms),
    }


def recap_json(document: str, recap: Recap) -> Json:
    return {"jam": document, **structs.asdict(recap)}
