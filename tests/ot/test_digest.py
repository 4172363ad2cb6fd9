from hashlib import sha256
from random import Random

import pytest

from ot.apply import apply
from ot.build import insert_at, set_field
from ot.digest import Digester, canonical_json, digest
from ot.document import EMPTY, Document
from ot.fuzz import generate
from ot.value import Value

CANONICAL: list[tuple[Value, str]] = [
    ({"b": 1, "a": [True, False, None, -7]}, '{"a":[true,false,null,-7],"b":1}'),
    ({"a": {"z": 1, "y": {}}, "B": []}, '{"B":[],"a":{"y":{},"z":1}}'),
    ('"\\/', '"\\"\\\\/"'),
    ("\n\t\x00\x1f\x7f", '"\\u000a\\u0009\\u0000\\u001f\x7f"'),
    ("ü\u2028e\u0301", '"ü\u2028e\u0301"'),
    # By code point, not by UTF-16 unit: U+FF5E comes before U+1F3B5.
    ({"🎵": 1, "～": 2}, '{"～":2,"🎵":1}'),
    (2**53 - 1, "9007199254740991"),
    (-(2**53 - 1), "-9007199254740991"),
]


@pytest.mark.parametrize(("value", "text"), CANONICAL)
def test_canonical_json(value: Value, text: str) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize(("value", "text"), CANONICAL)
def test_what_is_hashed_is_canonical(value: Value, text: str) -> None:
    hashed = (sha256(part.encode()).digest()[:8] for part in ('{"uid":"u"}', f'{{"a":1,"v":{text}}}'))
    assert digest(Document([{"uid": "u"}], {"v": value, "a": 1})) == sha256(b"".join(hashed)).hexdigest()[:16]


def test_digest_is_a_hash_of_hashes() -> None:
    document = Document([{"uid": "u1", "track": "t"}, {"uid": "u2"}], {"name": "n"})
    parts = ['{"track":"t","uid":"u1"}', '{"uid":"u2"}', '{"name":"n"}']
    joined = b"".join(sha256(part.encode()).digest()[:8] for part in parts)
    assert digest(document) == sha256(joined).hexdigest()[:16]


def test_digests_never_change() -> None:
    """Written down once: replicas in other languages and older versions compute the same."""
    document = Document(
        [{"uid": "c.1", "track": "spotify:track:1", "artists": ["Ä", "\n"]}], {"public": True}
    )
    assert digest(EMPTY) == "b436b9433c72e89f"
    assert digest(document) == "507fb751372d4c1f"


def test_order_types_and_every_member_count() -> None:
    documents = [
        Document([{"uid": "a"}, {"uid": "b"}], {}),
        Document([{"uid": "b"}, {"uid": "a"}], {}),
        Document([{"uid": "a"}], {"uid": "b"}),
        Document([{"uid": "a", "n": 1}, {"uid": "b"}], {}),
        Document([{"uid": "a", "n": True}, {"uid": "b"}], {}),
    ]
    assert len(set(map(digest, documents))) == len(documents)


def test_remembered_digests_equal_fresh_ones() -> None:
    random, uids, digester = Random(1), generate.Uids(), Digester()
    document = generate.document(random, uids, 5)
    for _ in range(300):
        assert digester.digest(document) == digest(document)
        assert digester.digest(document) == digest(document)
        _, document = generate.op(random, uids, document)


def test_an_edit_is_noticed_and_taking_it_back_too() -> None:
    digester = Digester()
    before = apply(EMPTY, insert_at(0, 0, [{"uid": str(n)} for n in range(9)]))
    first = digester.digest(before)
    after = apply(before, set_field(9, 4, "note", "n"))
    assert digester.digest(after) != first
    assert digester.digest(apply(after, set_field(9, 4, "note", None))) == first
