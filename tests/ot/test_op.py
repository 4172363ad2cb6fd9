import pytest
from hypothesis import given
from hypothesis import strategies as st

from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.fuzz.expect import is_normal
from ot.op import (
    COMPONENTS_MAX,
    IDENTITY,
    Builder,
    Drop,
    Insert,
    Keep,
    Op,
    OpError,
    Pick,
    Remove,
    decode,
    encode,
    is_identity,
)
from tests.ot.strategies import cases, law

X, Y = {"uid": "x"}, {"uid": "y"}
HUGE = 2**53 - 1


def test_wire_form_of_each_component() -> None:
    op = Op(
        (Keep(3), Keep(1, {"note": None}), Remove(2), Pick(4), Pick(1, {"n": 1}), Insert((X, Y)), Drop(0, 5)),
        {"name": "n", "image": None},
    )
    wire = {
        "l": [
            ["k", 3],
            ["k", 1, {"note": None}],
            ["r", 2],
            ["p", 4],
            ["p", 1, {"n": 1}],
            ["i", [X, Y]],
            ["d", 0, 5],
        ],
        "a": {"name": "n", "image": None},
    }
    assert encode(op) == wire
    assert decode(wire) == op


@pytest.mark.parametrize(
    "wire", [{}, {"l": []}, {"a": {}}, {"l": [["k", 7]]}, {"l": [["k", 3], ["k", 4, {}]]}]
)
def test_all_forms_of_identity_are_one(wire: dict[str, object]) -> None:
    assert decode(wire) == IDENTITY
    assert is_identity(decode(wire))
    assert encode(decode(wire)) == {}


def test_neighbours_are_merged() -> None:
    wire = [["r", 1], ["r", 2], ["i", [X]], ["i", [Y]], ["p", 1], ["p", 1], ["d", 0, 1], ["d", 1, 1]]
    assert decode({"l": wire}).components == (Remove(3), Insert((X, Y)), Pick(2), Drop(0, 2))


def test_what_is_not_merged() -> None:
    components = (
        Insert((X,)),
        Remove(1),
        Insert((Y,)),
        Drop(1, 1),
        Drop(0, 1),
        Pick(1, {"n": 1}),
        Pick(1),
        Keep(1, {"n": 1}),
        Keep(1, {"n": True}),
    )
    builder = Builder()
    for component in components:
        builder.add(component)
    assert builder.components() == components


def test_moves_that_change_nothing_say_something() -> None:
    assert not is_identity(decode({"l": [["p", 3], ["d", 0, 3]]}))


HOSTILE: list[object] = [
    None,
    [],
    "op",
    7,
    {"x": 1},
    {"l": [], "x": 1},
    {"l": None},
    {"l": {}},
    {"l": "k"},
    {"a": []},
    {"a": {"": 1}},
    {"a": {1: 1}},
    {"a": {"name": 1.5}},
    {"a": {"\ud800": 1}},
    *(
        {"l": [component]}
        for component in (
            None,
            {},
            "k",
            [],
            ["k"],
            ["k", 1, {}, 1],
            ["x", 1],
            [1, 1],
            [["k"], 1],
            ["k", 0],
            ["k", -1],
            ["k", True],
            ["k", 1.0],
            ["k", "1"],
            ["k", None],
            ["k", HUGE + 1],
            ["k", 10**400],
            ["k", 1, []],
            ["k", 1, {"uid": "u"}],
            ["k", 1, {"": 1}],
            ["k", 1, {"n": 1.0}],
            ["k", 1, {"n": [[[[[1]]]]]}],
            ["p", 1, {"uid": None}],
            ["r", 1, {}],
            ["r", False],
            ["d", 0],
            ["d", 0, 0],
            ["d", -1, 1],
            ["d", True, 1],
            ["d", 0, True],
            ["d", HUGE, 1],
            ["d", 0, 1, 1],
            ["d", "0", 1],
            ["i", []],
            ["i", {}],
            ["i", [X], 1],
            ["i", [None]],
            ["i", [{}]],
            ["i", [{"uid": ""}]],
            ["i", [{"uid": 1}]],
            ["i", [{"uid": None}]],
            ["i", [{"uid": "\udc00"}]],
            ["i", [{"uid": "u", "note": None}]],
            ["i", [{"uid": "u", "note": 0.5}]],
            ["i", [{"uid": "u", 1: 1}]],
            ["i", [X, X]],
        )
    ),
    {"l": [["i", [X]], ["r", 1], ["i", [X]]]},
    {"l": [["k", HUGE], ["r", 1]]},
    {"l": [["r", HUGE]] * COMPONENTS_MAX},
]


@pytest.mark.parametrize("wire", HOSTILE, ids=lambda wire: str(wire)[:40])
def test_hostile_ops_are_refused(wire: object) -> None:
    with pytest.raises(OpError) as raised:
        decode(wire)
    assert raised.value.code == "op_malformed"
    assert raised.value.message.endswith(".")
    assert len(raised.value.message) < 120


def test_too_many_components() -> None:
    most = [["k", 1], ["r", 1]] * (COMPONENTS_MAX // 2)
    assert len(decode({"l": most}).components) == COMPONENTS_MAX
    with pytest.raises(OpError) as raised:
        decode({"l": [*most, ["k", 1]]})
    assert raised.value.code == "op_too_large"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(("l", "a", "uid")), inner),
    max_leaves=12,
)
COMPONENT = st.tuples(st.sampled_from("krpidx"), JSON, JSON).map(list)


@law
@given(JSON | st.fixed_dictionaries({"l": st.lists(COMPONENT, max_size=3)}))
def test_anything_is_an_op_or_refused(wire: object) -> None:
    try:
        op = decode(wire)
    except OpError:
        return
    assert is_normal(op)
    assert decode(encode(op)) == op


@law
@given(cases)
def test_normal_form(case: Case) -> None:
    laws.normal_form(OURS, case)
