"""What must be true of a playlist.

Adds to the oracle what only playlists promise: an op fits the list that it is applied to, an edit takes
effect once, wherever it went, and nobody edits who may not.
"""

from typing import Any

from collab.messages import Body, Row
from collab.playlist import ADDED_AT_LEEWAY_MS, PlaylistState
from collab.roles import allowed
from collab.room import Room
from ot.apply import apply, inserted
from ot.check import check
from ot.digest import digest
from ot.document import Document
from ot.op import decode
from storage.rows import OpRow
from tests.sim.oracle import ABOUT_THE_SEQ, History, Oracle, expect


class PlaylistHistory(History[Document]):
    """With the tracks and uids that were ever inserted."""

    def __init__(
        self,
        states: list[Document],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> None:
        super().__init__(states, rows, op_ids, settled)
        self.tracks: set[str] = set()
        self.uids: set[str] = set()


class PlaylistOracle(Oracle[Document, PlaylistHistory]):
    """The judge of one playlist."""

    # The hand of this world makes some mistakes (an unknown attribute), roles change, and histories are
    # compacted; but it knows its list, its uids and its versions.
    mistakes = ABOUT_THE_SEQ | {
        "op_malformed", "op_length", "op_drops", "base_ahead", "uid_taken", "uid_foreign"
    }  # fmt: skip

    def _new_history(
        self,
        states: list[Document],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> PlaylistHistory:
        return PlaylistHistory(states, rows, op_ids, settled)

    def _step(self, history: PlaylistHistory, row: OpRow, body: Body, members: dict[str, str]) -> Document:
        is_editor = allowed("submit", members.get(row.author))
        expect(is_editor, f"an op of {row.author} was accepted after revocation")
        op = decode(body)
        before = history.state
        check(op, len(before.entries))
        after = apply(before, op)
        uids = {entry["uid"] for entry in after.entries}
        expect(len(uids) == len(after.entries), "a uid stands twice in the list")
        for entry in inserted(op):
            track, uid = str(entry["track"]), str(entry["uid"])
            # What an undo brings back was there before; it is new by its uid.
            is_new = uid not in history.uids and (track not in history.tracks or "was" in entry)
            is_new = is_new or track.rpartition(":")[0] in self.confused
            expect(is_new, f"the edit that inserts {track} took effect twice")
            added_at = entry["added_at"]
            assert isinstance(added_at, int), "the playlist checks it"
            was_then = "was" in entry or added_at <= row.at_ms + ADDED_AT_LEEWAY_MS
            expect(was_then, f"{track} was added in the future")
            history.tracks.add(track)
            history.uids.add(uid)
        self.trace(f"committed {row.version}: {row.client_id[:4]} {row.seq}")
        return after

    def _view(self, state: Document) -> Body:
        return {"entries": state.entries, "attributes": state.attributes}

    def _digest(self, state: Document) -> str:
        return digest(state)

    def _check_composed(self, before: Document, row: Row, after: Document) -> None:
        is_fold = apply(before, decode(row.op)) == after
        expect(is_fold, f"the ops composed up to {row.version} are not their fold")

    def _holds(self, room: Room[Any], history: PlaylistHistory) -> bool:
        state = room.state
        assert isinstance(state, PlaylistState), "the rooms of this world are playlists"
        return state.document == history.states[room.head.version]

    def check_client(self, epoch: str, version: int, acked: Document) -> None:
        history = self._known(epoch)
        expect(version <= history.version, "a client ran ahead of the store")
        expect(acked == history.states[version], f"a client's state at {version} is not the fold")
