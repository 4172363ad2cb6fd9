"""The committed document in memory: when its state is worth storing, and how much of its past stays."""

import pytest

from collab import ledger as ledger_module
from collab import window as window_module
from collab.codec import pack_body
from collab.ledger import Ledger
from collab.playlist import Playlist
from storage.rows import Head, Loaded, OpRow, Snapshot

EMPTY = {"entries": [], "attributes": {"name": "x"}, "removed": []}


def ledger(state_bytes: int, ops: int) -> Ledger[object]:
    """A playlist whose stored snapshot has about so many bytes, and so many ops after it."""
    body = pack_body({**EMPTY, "attributes": {"name": "x", "description": "d" * state_bytes}})
    tail = tuple(
        OpRow(version, "c" * 22, version, "ann", 0, pack_body({"a": {"name": f"{version}"}}))
        for version in range(1, ops + 1)
    )
    head = Head("d" * 22, "playlist", "e", ops, ops)
    return Ledger(Playlist(), Loaded(head, Snapshot(0, body), tail, {"ann": "owner"}))


@pytest.mark.parametrize(
    ("state_bytes", "ops", "is_due"),
    [(0, 3, False), (0, 4, True), (5000, 4, False), (5000, 5, True), (100_000, 7, False), (100_000, 8, True)],
)
def test_a_large_state_is_stored_more_rarely(
    monkeypatch: pytest.MonkeyPatch, state_bytes: int, ops: int, is_due: bool
) -> None:
    monkeypatch.setattr(ledger_module, "SNAPSHOT_EVERY", 4)
    monkeypatch.setattr(ledger_module, "SNAPSHOT_BYTES_PER_OP", 1000)
    monkeypatch.setattr(ledger_module, "SNAPSHOT_EVERY_MAX", 8)
    assert ledger(state_bytes, ops).snapshot_is_due is is_due


def test_the_clock_of_snapshots_starts_anew_with_each() -> None:
    kept = ledger(0, 600)
    assert kept.snapshot_is_due
    saved = kept.snapshot()
    assert (saved.snapshot.version, kept.snapshot_is_due, kept.snapshot_is_behind) == (600, False, False)


def test_a_past_of_large_ops_is_not_kept_when_it_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "KEEP_BYTES", 40)
    kept = ledger(0, 9)
    size = len(pack_body({"a": {"name": "9"}}))
    assert (kept.window.start, kept.window.end) == (9 - 40 // size, 9)
