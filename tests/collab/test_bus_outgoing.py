from collab.bus_messages import TOLD_BYTES_MAX
from collab.bus_outgoing import BYTES_MAX, HINTS_MAX, PIPELINE_HINTS_MAX, Outgoing
from collab.effects import Publish
from collab.hints import bare
from storage.rows import OpRow


def hint(document: str, changes: int, body_bytes: int = 10) -> Publish:
    """The commit of one op, the document's `changes`-th."""
    row = OpRow(changes, "c", changes, "ann", 0, bytes(body_bytes))
    return Publish(document, "e1", changes, changes, (row,), (), changes - 1)


def test_hints_of_one_document_leave_as_one() -> None:
    outgoing = Outgoing()
    for changes in (1, 2, 3):
        outgoing.add(hint("a", changes))
    outgoing.add(hint("b", 1))
    first, second = outgoing.take()
    assert (first.document, first.since, first.changes, len(first.rows)) == ("a", 0, 3, 3)
    assert second == hint("b", 1)
    assert outgoing.take() == []


def test_joined_beyond_the_bound_only_the_head_is_told() -> None:
    outgoing = Outgoing()
    for changes in (1, 2):
        outgoing.add(hint("a", changes, TOLD_BYTES_MAX // 2))
    assert outgoing.take() == [bare(hint("a", 2))]


def test_what_goes_is_the_oldest() -> None:
    outgoing = Outgoing()
    dropped = [outgoing.add(hint(str(n), 1)) for n in range(HINTS_MAX + 2)]
    assert (sum(dropped), len(outgoing)) == (2, HINTS_MAX)
    assert outgoing.take()[0].document == "2"


def test_bytes_are_bounded() -> None:
    outgoing = Outgoing()
    body_bytes = TOLD_BYTES_MAX - 100
    count = 2 * BYTES_MAX // TOLD_BYTES_MAX
    for n in range(count):
        outgoing.add(hint(str(n), 1, body_bytes))
    assert len(outgoing) * body_bytes <= BYTES_MAX
    while outgoing.take():
        pass
    assert outgoing.add(hint("a", 1)) == 0


def test_a_pipeline_is_bounded() -> None:
    outgoing = Outgoing()
    for n in range(PIPELINE_HINTS_MAX + 1):
        outgoing.add(hint(str(n), 1))
    assert [len(outgoing.take()) for _ in range(3)] == [PIPELINE_HINTS_MAX, 1, 0]
