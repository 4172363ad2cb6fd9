from hypothesis import given
from hypothesis import strategies as st

from collab.elsewhere import LEASE_MS, NODES_MAX, OLD_MS, STATE_EVERY_MS, Difference, Elsewhere
from collab.presence_report import Entry, Report, Reporter, Span

T = 1_700_000_000_000


def ann(n: int = 0) -> Entry:
    return Entry("ann's", "ann", "Ann", n, {"at": n})


BOB = Entry("bob's", "bob")


def report(number: int, *entries: Entry, left: tuple[str, ...] = (), span: Span | None = None) -> Report:
    return Report("r", T * 1000 + number, entries, left, span)


def there(elsewhere: Elsewhere) -> dict[str, Entry]:
    """Who is on other nodes, by id."""
    return {id: entry for node in elsewhere._nodes.values() for id, entry in node.entries.items()}


def test_they_come_change_and_leave() -> None:
    elsewhere = Elsewhere()
    assert not elsewhere
    assert elsewhere.hear("n", report(1, ann(1), BOB), T) == Difference(came=(ann(1), BOB))
    assert elsewhere.hear("n", report(2, ann(2), BOB), T) == Difference(changed=(ann(2),))
    assert elsewhere.hear("n", report(3, left=("ann's", "nobody's")), T) == Difference(left=(ann(2),))
    assert there(elsewhere) == {"bob's": BOB}
    assert elsewhere.knows("n")


def test_the_later_report_counts_whichever_comes_first() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("n", report(3, ann(3)), T)
    assert not elsewhere.hear("n", report(2, ann(2)), T)
    assert not elsewhere.hear("n", report(3, ann(3)), T)
    elsewhere.hear("n", report(5, left=("ann's",)), T)
    assert not elsewhere.hear("n", report(4, ann(4)), T)
    assert elsewhere.hear("n", report(6, ann(6)), T) == Difference(came=(ann(6),))


def test_a_statement_ends_what_was_not_heard_to_end() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("n", report(1, ann(), BOB), T)
    assert elsewhere.hear("n", report(3, ann(), span=Span()), T) == Difference(left=(BOB,))
    assert not elsewhere.hear("n", report(2, BOB), T), "it is older than the statement"
    assert elsewhere.hear("n", report(4, BOB), T) == Difference(came=(BOB,))
    assert not elsewhere.hear("n", report(3, ann(), span=Span()), T), "what came after it stays"
    assert set(there(elsewhere)) == {"ann's", "bob's"}


def test_a_piece_of_a_statement_speaks_for_its_span() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("n", report(1, ann(), BOB), T)
    assert not elsewhere.hear("n", report(2, ann(), span=Span("", "ann's")), T)
    assert elsewhere.hear("n", report(3, span=Span("ann's", None)), T) == Difference(left=(BOB,))


def test_nodes_speak_for_their_own() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("one", report(1, ann()), T)
    elsewhere.hear("two", report(1, BOB, span=Span()), T)
    assert set(there(elsewhere)) == {"ann's", "bob's"}


def test_a_silent_node_is_gone_with_its_people() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("one", report(1, ann()), T)
    elsewhere.hear("two", report(1, BOB), T)
    assert elsewhere.get_timer() == T + LEASE_MS
    elsewhere.hear("two", report(2), T + STATE_EVERY_MS)
    assert elsewhere.expire(T + LEASE_MS - 1) == ()
    assert elsewhere.expire(T + LEASE_MS) == (ann(),)
    assert elsewhere.get_timer() == T + STATE_EVERY_MS + LEASE_MS
    assert elsewhere.expire(T + STATE_EVERY_MS + LEASE_MS) == (BOB,)
    assert elsewhere.get_timer() is None
    assert not elsewhere


def test_who_is_not_named_is_counted() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("one", Report("r", T * 1000 + 2, unlisted=300), T)
    elsewhere.hear("one", Report("r", T * 1000 + 1, unlisted=200), T)
    elsewhere.hear("two", Report("r", T * 1000, unlisted=50), T)
    assert elsewhere.unlisted == 350
    elsewhere.expire(T + LEASE_MS)
    assert elsewhere.unlisted == 0


def test_nobody_returns_by_an_old_report_that_somebody_repeats() -> None:
    elsewhere = Elsewhere()
    first = report(0, ann(), span=Span())
    elsewhere.hear("n", first, T)
    elsewhere.expire(T + LEASE_MS)
    assert not elsewhere.hear("n", first, T + OLD_MS + 1)
    assert not elsewhere


def test_made_up_nodes_are_bounded() -> None:
    elsewhere = Elsewhere()
    for n in range(NODES_MAX + 5):
        elsewhere.hear(f"n{n}", report(1, Entry(f"e{n}", "u")), T)
    assert len(there(elsewhere)) == NODES_MAX


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("list"), st.integers(0, 5), st.integers(0, 9)),
        st.tuples(st.just("unlist"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("state"), st.just(0), st.just(0)),
        st.tuples(st.just("say"), st.just(0), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS, st.data())
def test_whatever_the_bus_does_a_quiet_statement_makes_all_agree(
    steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    """Reports are lost, repeated and reordered at will; what remains after one statement is the truth."""
    reporter, truth, said = Reporter("r"), dict[str, Entry](), list[Report]()
    for number, (what, who, shown) in enumerate(steps):
        id = f"{who}"
        match what:
            case "list":
                # Long enough that a statement takes several pieces.
                truth[id] = Entry(id, f"user {who}", "Name", shown, {"say": f"{shown}" * 12_000})
                reporter.list(truth[id])
            case "unlist":
                truth.pop(id, None)
                reporter.unlist(id)
            case "state":
                reporter.state_all()
            case "say" if (next_report := reporter.next(T * 1000 + number)) is not None:
                said.append(next_report)
    lossy = data.draw(st.lists(st.sampled_from(said), max_size=2 * len(said))) if said else []
    reporter.state_all()
    last = []
    while (piece := reporter.next(T * 1000 + len(steps))) is not None:
        last.append(piece)
    elsewhere = Elsewhere()
    for heard in lossy:
        elsewhere.hear("n", heard, T)
    late = data.draw(st.lists(st.sampled_from(said), max_size=5)) if said else []
    for heard in data.draw(st.permutations([*last, *late])):
        elsewhere.hear("n", heard, T)
    assert there(elsewhere) == truth
    assert len(elsewhere._nodes["n"].spans) <= len(last), "nothing of old statements remains"
    assert elsewhere._nodes["n"].told.keys() == truth.keys(), "nor of who left"
