"""How a playlist's past looks in JSON.

Entries and ops stand as they do on the wire, people as everywhere in HTTP. Pure: values in, maps out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from collab.history import Change, Step
from collab.http_shapes import Json, playlist_url, snapshot_id, user_json
from collab.past import Difference, Life, State
from ot.op import encode
from storage.rows import Head
from storage.store import User

# Of each version in a list: an import of ten thousand entries is one version.
CHANGES_SHOWN: Final = 20

People = Mapping[str, User]


def change_json(change: Change) -> Json:
    return {
        "change": change.deed,
        "entry": change.entry,
        "from": change.before,
        "to": change.after,
        "fields": change.fields,
    }


def step_json(step: Step, people: People) -> Json:
    return {
        "version": step.version,
        "at": step.at_ms,
        "author": user_json(step.author, people.get(step.author)),
        "by_server": step.by_server,
    }


def happened_json(head: Head, step: Step, changes: Sequence[Change], people: People) -> Json:
    """One version in a list: all its changes are counted, the first of them shown."""
    return {
        **step_json(step, people),
        "snapshot_id": snapshot_id(head, step.version),
        "counts": counts_json(changes),
        "changes": [change_json(change) for change in changes[:CHANGES_SHOWN]],
        "attributes": step.op.attributes,
    }


def counts_json(changes: Sequence[Change]) -> Json:
    counted = Counter(change.deed for change in changes)
    return {deed: counted[deed] for deed in ("added", "removed", "moved", "edited")}


def history_json(base: str, head: Head, items: list[Json], limit: int, after: int) -> Json:
    """A page, the newest version first. `after` is the version below its last one."""
    href = f"{playlist_url(base, head.document)}/history"
    following = f"{href}?{urlencode({'before': after + 1, 'limit': limit})}"
    return {
        "items": items,
        "limit": limit,
        "next": following if after > head.horizon else None,
        "version": head.version,
        "horizon": head.horizon,
    }


def life_json(uid: str, life: Life, people: People) -> Json:
    return {
        "uid": uid,
        "since": life.since,
        "items": [{**step_json(step, people), **change_json(change)} for step, change in life.events],
    }


def state_json(state: State, people: People) -> Json:
    step = state.step
    return {
        "version": state.version,
        "snapshot_id": snapshot_id(state.head, state.version),
        "at": step.at_ms if step is not None else None,
        "author": user_json(step.author, people.get(step.author)) if step is not None else None,
        "by_server": step is not None and step.by_server,
        "attributes": state.document.attributes,
        "entries": state.document.entries,
    }


def difference_json(from_version: int, to_version: int, difference: Difference) -> Json:
    return {
        "from": from_version,
        "to": to_version,
        "op": encode(difference.op),
        "counts": counts_json(difference.changes),
        "changes": [change_json(change) for change in difference.changes],
        "attributes": difference.op.attributes,
    }
