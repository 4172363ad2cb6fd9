"""PROTOCOL.md says enough of the Jam to follow it, and says it right."""

import copy
import json
import re
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest

from collab.ledger import DECIDED_ROWS_MAX
from jam import events as e
from jam.clock import ClockTunables
from jam.drift import INTERVAL_MS, DriftTunables
from jam.due_music import SPEAKER_DRIFT_MS
from jam.due_people import LEFT_GRACE_MS
from jam.events import encode_event
from jam.probes import ProbeTunables
from jam.quorum import needed
from jam.reduce import ACTIVE_EVERY_MS
from jam.settings import Settings
from jam.state import NORMAL_RATE_PPM, dump, new_jam
from jam.step import Decided
from jam.sync import READY_MAX_MS, RTT_MAX_MS
from jam.timeline import LEAD_BASE_MS, LEAD_MAX_MS, LEAD_MIN_MS, POSITION_MAX_MS, READY_WAIT_MAX_MS
from tests.documents import page_jam, page_jam_words
from tests.documents.files import PROTOCOL, ROOT
from tests.documents.jam_tables import jam_tables, tag
from tests.documents.markdown import first_table, section
from tests.jam.lives import life
from tests.jam.plain import plain_digest, plain_order
from tests.vectors.files import read
from tutti_client.showing import REACTION_CODE_POINTS_MAX

PAGE = PROTOCOL.read_text()
LIVES = 200
COMMANDS = 80

Json = dict[str, Any]


def travelled(value: Any) -> Any:
    """As it comes out of a frame, and nobody else's."""
    return json.loads(json.dumps(value))


def test_who_follows_by_the_page_ends_where_the_code_does() -> None:
    for seed in range(LIVES):
        for moment in life(Random(seed), COMMANDS):
            if isinstance(moment.outcome, Decided):
                jam, event = travelled(dump(moment.before.jam)), travelled(encode_event(moment.outcome.event))
                page_jam.follow(jam, event)
                assert jam == travelled(dump(moment.outcome.jam)), (seed, event)
                assert page_jam_words.order(jam) == plain_order(jam), (seed, event)


def test_who_follows_by_the_page_agrees_with_the_vectors() -> None:
    told = set()
    for vector in read("jam.jsonl"):
        jam, expected = copy.deepcopy(vector["given"]["state"]), vector["expected"]
        if "event" in expected:
            page_jam.follow(jam, expected["event"])
            told.add(expected["event"]["event"])
        if "order" in expected:
            assert page_jam_words.order(jam) == expected["order"], vector["name"]
            assert plain_digest(jam) == expected["digest"], vector["name"]
    assert told == {tag(event) for event in get_args(e.AnyEvent)}


def test_the_example_of_an_order() -> None:
    text = section(PAGE, "The queue's order")
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    jam = _whole(json.loads(found[1]))
    table = {row[0]: row[1] for row in first_table(text[found.end() :])}
    assert list(table) == page_jam_words.order(jam) == plain_order(jam)
    for id, key in table.items():
        assert key == str(page_jam_words.key(jam, id)).replace("-", "−")
    assert f"is `{plain_digest(list(table))}`" in text


def _whole(said: Json) -> Json:
    """A Jam of which only this was said."""
    jam = dump(new_jam("ann", "Ann", 0, Settings()))
    for name, value in said.items():
        jam[name] = {**jam[name], **value} if isinstance(value, dict) else value
    for id, entry in jam["entries"].items():
        jam["entries"][id] = {"id": id, "pin": 0, "fallback": False, **entry}
    return jam


@pytest.mark.parametrize("name", jam_tables())
def test_every_table_is_there_and_every_cell_is_filled(name: str) -> None:
    found = re.search(rf"<!-- made by [^>]*: {name} -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found is not None
    head = [cell.strip() for cell in found[1].splitlines()[0].strip("|").split("|")]
    for row in first_table(found[1]):
        empty = {name for name, cell in zip(head, row, strict=True) if not cell}
        assert empty <= {"members", "default"}, row


def test_every_code_of_the_jam_has_its_advice() -> None:
    sources = [*(ROOT / "jam").glob("*.py"), ROOT / "collab/jam_kind.py", ROOT / "collab/fields.py"]
    raised = {code for path in sources for code in _raised(path)} - {"attribute_invalid"}
    told = [row[0] for row in first_table(section(PAGE, "What to do on each code"))]
    assert sorted(told) == sorted(raised)


def _raised(path: Path) -> list[str]:
    return re.findall(r'Refusal\(\s*"(\w+)"', path.read_text())


def test_numbers_in_the_text() -> None:
    words = " ".join(PAGE[PAGE.index("## 15. The Jam") :].split())
    clock, probes, drift = ClockTunables(), ProbeTunables(), DriftTunables()
    crowds = (1, 2, 5, 10, 32, 161)
    for said in (
        f"more than {DECIDED_ROWS_MAX} events",
        f"`active_at` is {ACTIVE_EVERY_MS:,} or more before",
        ", ".join(f"{needed(n)} of {n}" for n in crowds),
        f"`rate_ppm` {NORMAL_RATE_PPM:,}",
        f"plus {LEAD_BASE_MS} ms, at least {LEAD_MIN_MS} ms and at most {LEAD_MAX_MS:,}",
        f"at most {READY_WAIT_MAX_MS:,} ms, if that is more",
        f"are {SPEAKER_DRIFT_MS} ms or more apart",
        f"cut to {max(RTT_MAX_MS, READY_MAX_MS):,} ms",
        f"at most {REACTION_CODE_POINTS_MAX} characters, n growing",
        f"{LEFT_GRACE_MS // 1000} s after somebody's last connection",
        f"send {probes.join_probes} probes",
        f"at least {probes.spacing_ms:g} ms after",
        f"{probes.probes} every {probes.early_every_ms / 1000:g} seconds for {probes.early_for_ms / 1000:g}",
        f"every {probes.every_ms / 1000:g} seconds, every {probes.hidden_every_ms / 1000:g} in a hidden page",
        f"by more than {clock.noisy_ms:g} ms, the next has {probes.noisy_probes}",
        f"answer for {probes.answer_within_ms / 1000:g} seconds",
        f"sd = {clock.floor_sd_ms:g} ms",
        f"the last {clock.least_within_ms / 60_000:g} minutes",
        f"than {clock.gate_sds:g} standard deviations (of both) and {clock.gate_ms:g} ms",
        f"r below −{clock.backwards_ms:g} ms",
        f"Every {INTERVAL_MS} ms compare",
        f"last {drift.window} errors and smooth it with weight {drift.weight:g}",
        f"locked | < {drift.lock_below_ms:g} ms | > {drift.unlock_above_ms:g} ms",
        f"error / {drift.locked_within_ms / 1000:g} s, at most {drift.locked_most * 100:g} %",
        f"own drift, at most {drift.base_most * 100:g} %",
        f"error / {drift.nudge_within_ms / 1000:g} s, at most {drift.nudge_most * 100:g} %",
        f"> {drift.splice_above_ms:g} ms three times running, or a median > {drift.splice_at_once_ms:g} ms",
        f"not twice within {drift.splice_apart_ms / 1000:g} s",
        f"beyond {drift.seek_above_ms:g} ms twice running",
    ):
        assert said in words, said
    assert (drift.splice_times, drift.seek_times, clock.odd_in_a_row, clock.slew) == (3, 2, 3, 0.001)
    assert POSITION_MAX_MS == 24 * 3600 * 1000
