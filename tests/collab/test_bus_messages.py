from dataclasses import replace

import pytest

from collab.bus_messages import (
    MESSAGE_BYTES_MAX,
    TOLD_BYTES_MAX,
    BusMessages,
    Reported,
    Unreadable,
    told_bytes,
)
from collab.effects import Publish
from collab.hints import bare
from collab.messages import PRESENCE_BYTES_MAX
from collab.presence_report import Entry, Report, Reporter, Span
from storage.rows import OpRow, Settled

SECRET = b"the cluster's secret, the same on every node"
HERE, THERE, STRANGER = (
    BusMessages(SECRET, b"here    "),
    BusMessages(SECRET, b"there   "),
    BusMessages(b"another secret, of somebody who knows the format", b"stranger"),
)
HINT = Publish(
    "P" * 22,
    "e1",
    8,
    10,
    (OpRow(8, "c" * 22, 3, "ann", 1_700_000_000_000, b"\x93\x01\x02\x03"),),
    (
        Settled("c" * 22, "ann", 3, b"h" * 32, 8, "", 10),
        Settled("d" * 22, "bob", 1, b"i" * 32, None, "x", 10),
    ),
    9,
)

REPORT = Report(
    "P" * 22, 7, (Entry("a", "ann", "Ann", 2, {"at": 3}), Entry("b", "bob")), (), Span("a", "c"), 0, True
)


def reason(message: bytes, document: str = HINT.document) -> str:
    with pytest.raises(Unreadable) as caught:
        HERE.read(document, message)
    return caught.value.reason


@pytest.mark.parametrize("hint", [HINT, bare(HINT), replace(HINT, rows=(), settled=())])
def test_what_is_written_is_read(hint: Publish) -> None:
    assert HERE.read(hint.document, THERE.write_hint(hint)) == hint


@pytest.mark.parametrize(
    "report",
    [
        REPORT,
        Report("P" * 22, 8, left=("a", "b"), unlisted=3),
        Report("P" * 22, 9, (Entry("c", "ann"),), span=Span(), asks=True),
    ],
)
def test_what_is_reported_is_read(report: Report) -> None:
    message = THERE.write_report(report)
    assert HERE.read(report.document, message) == Reported(b"there   ".hex(), report)


def test_the_longest_report_fits_a_message() -> None:
    state = {"say": "x" * (PRESENCE_BYTES_MAX - 10)}
    reporter = Reporter("P" * 22)
    for n in range(100):
        reporter.list(Entry(f"{n:022}", "u" * 22, "n" * 40, n, state))
    reporter.state_all()
    while (report := reporter.next(1)) is not None:
        assert len(THERE.write_report(report)) < MESSAGE_BYTES_MAX - 16 * 1024


def test_our_own_words_are_no_news() -> None:
    assert HERE.read(HINT.document, HERE.write_hint(HINT)) is None
    assert HERE.read(REPORT.document, HERE.write_report(REPORT)) is None


def test_what_is_no_report_is_not_believed() -> None:
    said = THERE._write(b"p", REPORT.document, b"\x93\x01\x02\x03")
    assert reason(said) == "content"


def test_a_stranger_is_not_believed() -> None:
    assert reason(STRANGER.write_hint(HINT)) == "mac"


def test_a_hint_is_about_its_document_only() -> None:
    assert reason(THERE.write_hint(HINT), "Q" * 22) == "mac"


def test_no_byte_can_be_changed() -> None:
    message = THERE.write_hint(HINT)
    for index in range(len(message)):
        changed = bytearray(message)
        changed[index] ^= 1
        assert reason(bytes(changed)) == ("version" if index == 0 else "mac")


def test_a_cut_message_is_refused() -> None:
    message = THERE.write_hint(HINT)
    for length in range(len(message)):
        assert reason(message[:length]) in ("version", "mac")


def test_a_newer_nodes_format_is_told_apart() -> None:
    assert reason(b"\x02" + THERE.write_hint(HINT)[1:]) == "version"


def test_an_endless_message_is_refused() -> None:
    assert reason(THERE.write_hint(HINT) + bytes(MESSAGE_BYTES_MAX)) == "size"


def test_a_heartbeat_is_no_hint_and_a_hint_no_heartbeat() -> None:
    assert HERE.read(HINT.document, THERE.write_heartbeat(HINT.document, 3)) is None
    with pytest.raises(Unreadable):
        HERE.read_heartbeat(HINT.document, HERE.write_hint(HINT))


def test_only_our_own_heartbeat_counts() -> None:
    assert HERE.read_heartbeat("beat", HERE.write_heartbeat("beat", 7)) == 7
    for message in (THERE.write_heartbeat("beat", 7), STRANGER.write_heartbeat("beat", 7), b""):
        with pytest.raises(Unreadable):
            HERE.read_heartbeat("beat", message)


def test_a_hint_with_too_much_to_tell_goes_without() -> None:
    row = replace(HINT.rows[0], body=bytes(TOLD_BYTES_MAX))
    long = replace(HINT, rows=(row,))
    message = THERE.write_hint(long)
    assert len(message) < 200
    assert HERE.read(HINT.document, message) == bare(HINT)


def test_the_estimate_is_near_the_truth() -> None:
    written = len(THERE.write_hint(HINT)) - len(THERE.write_hint(bare(HINT)))
    assert written * 0.5 < told_bytes(HINT) < written * 2
