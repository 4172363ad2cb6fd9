"""Cases that were kept: each was once the smallest against some algebra, and holds for ours.

A case that `tutti fuzz` writes belongs here under a name that says what was wrong, once it is put right. The
first ones are those against the planted faults.
"""

import json
from pathlib import Path

import pytest

from ot.fuzz.algebra import OURS
from ot.fuzz.case import decode_case
from ot.fuzz.laws import LAWS, failure
from tests.ot.mutants import MUTANTS

FOLDER = Path(__file__).parent / "cases"
KEPT = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_case(path: Path) -> None:
    wire = json.loads(path.read_bytes())
    case = decode_case(wire)
    assert {law.name: failure(law, OURS, case) for law in LAWS} == dict.fromkeys(law.name for law in LAWS)
    for mutant in MUTANTS:
        if mutant.name == wire.get("fault"):
            law = next(law for law in LAWS if law.name == wire["law"])
            assert failure(law, mutant.algebra, case) is not None


def test_there_is_one_against_each_planted_fault() -> None:
    faults = {json.loads(path.read_bytes()).get("fault") for path in KEPT}
    assert {mutant.name for mutant in MUTANTS} <= faults
