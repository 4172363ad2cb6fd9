"""The filter answers what it is asked, refuses what makes no sense, and goes on."""

import json
import subprocess
import sys
from io import BytesIO
from random import Random
from typing import Any

import pytest

from ot import conformance
from ot.conformance import RequestError, answer, decode_document, encode_document, filter_lines
from ot.document import Document
from ot.fuzz.case import draw
from ot.op import encode

DOC = {"entries": [{"uid": "a"}, {"uid": "b", "note": "n"}], "attributes": {"name": "list"}}
REMOVE = {"l": [["r", 1], ["k", 1]]}
INSERT = {"l": [["k", 2], ["i", [{"uid": "x"}]]]}


def said(line: str) -> dict[str, Any]:
    return answer(line.encode())


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            {"fn": "transform", "a": INSERT, "b": REMOVE, "side": "left"},
            {"op": {"l": [["k", 1], *INSERT["l"][1:]]}},
        ),
        ({"fn": "transform", "a": {}, "b": {}, "side": "right"}, {"op": {}}),
        (
            {"fn": "compose", "a": REMOVE, "b": {"l": [["i", [{"uid": "x"}]], ["k", 1]]}},
            {"op": {"l": [["i", [{"uid": "x"}]], ["r", 1], ["k", 1]]}},
        ),
        (
            {"fn": "apply", "doc": DOC, "op": REMOVE},
            {"doc": {"entries": DOC["entries"][1:], "attributes": {"name": "list"}}},
        ),
        (
            {"fn": "invert", "doc": DOC, "op": REMOVE},
            {"op": {"l": [["i", [{"uid": "a"}]], ["k", 1]]}},
        ),
        ({"fn": "digest", "doc": {"entries": [], "attributes": {}}}, {"digest": "b436b9433c72e89f"}),
        ({"fn": "digest", "doc": {"entries": []}, "note": "ignored"}, {"digest": "b436b9433c72e89f"}),
    ],
)
def test_answers(request_: dict[str, Any], expected: dict[str, Any]) -> None:
    assert said(json.dumps(request_)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "no JSON",
        "null",
        "1",
        '"transform"',
        '{"fn": ["transform"]}',
        '{"fn": "digest", "fn": "digest", "doc": {"entries": []}}',
        '{"fn": "digest", "doc": {"entries": [{"uid": "a", "x": 1.0}]}}',
        '{"fn": "digest", "doc": {"entries": [{"uid": "a", "x": 1e3}]}}',
        '{"fn": "digest", "doc": {"entries": [{"uid": "a", "x": NaN}]}}',
        '{"fn": "digest", "doc": {"entries": [{"uid": "a", "x": ' + "9" * 5000 + "}]}}",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_request(line: str) -> None:
    error = said(line)["error"]
    assert error["code"] == "request_malformed"
    assert error["message"].endswith(".")


def test_half_a_surrogate_is_no_text() -> None:
    line = '{"fn": "digest", "doc": {"entries": [{"uid": "a", "x": "\\ud834"}]}}'
    assert said(line)["error"]["code"] == "document_malformed"
    assert answer(b'{"fn": "\xff"}')["error"]["code"] == "request_malformed"  # type: ignore[index]


def test_documents_there_and_back() -> None:
    document = Document([{"uid": "a", "n": [1, None]}], {"public": True})
    assert decode_document(encode_document(document)) == document
    with pytest.raises(RequestError, match="uid"):
        decode_document({"entries": [{"uid": ""}]})


def test_a_line_too_long_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "LINE_BYTES_MAX", 64)
    good = b'{"fn": "digest", "doc": {"entries": []}}\n'
    source = BytesIO(
        good + b"x" * 500 + b"\n" + good + b"y" * 64 + b"\n" + b"z" * 63 + b"\n" + good + b"x" * 100
    )
    sink = BytesIO()
    filter_lines(source, sink)
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert ["digest" if "digest" in one else one["error"]["code"] for one in answers] == [
        "digest",
        "request_malformed",
        "digest",
        "request_malformed",
        "request_malformed",
        "digest",
        "request_malformed",
    ]


def requests(random: Random, count: int) -> list[bytes]:
    """Lines at random, a tenth of them damaged."""
    lines = []
    for number in range(count):
        case = draw(random, 6)
        a, b, doc = encode(case.a), encode(case.b), encode_document(case.document)
        request = random.choice(
            (
                {"fn": "transform", "a": a, "b": b, "side": case.side},
                {"fn": "compose", "a": a, "b": encode(case.a2)},
                {"fn": "apply", "doc": doc, "op": a},
                {"fn": "invert", "doc": doc, "op": b},
                {"fn": "digest", "doc": doc},
            )
        )
        line = json.dumps(request).encode()
        if number % 10 == 9:
            at = random.randrange(len(line))
            line = line[:at] + random.choice((b"", b"\xff", b"{", b'"', b"[[[")) + line[at + 1 + number % 7 :]
        lines.append(line)
    return lines


def test_goes_on_after_any_line() -> None:
    lines = requests(Random(1), 1000)
    filtered = subprocess.run(
        [sys.executable, "-m", "ot.conformance"],
        input=b"\n".join(lines) + b"\n",
        stdout=subprocess.PIPE,
        check=True,
    )
    answers = [json.loads(line) for line in filtered.stdout.splitlines()]
    assert len(answers) == len(lines)
    for number, one in enumerate(answers):
        assert len(one) == 1
        assert number % 10 == 9 or "error" not in one
    assert sum("error" in one for one in answers) > 50
