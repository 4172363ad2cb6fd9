from collab.presence_report import REPORT_BYTES_MAX, Entry, Report, Reporter, Span, size

T = 1_700_000_000_000_000


def ann(n: int = 0, **state: object) -> Entry:
    return Entry("ann's", "ann", "Ann", n, dict(state))


BOB = Entry("bob's", "bob")


def reports(reporter: Reporter, now_us: int = T) -> list[Report]:
    said = []
    while (report := reporter.next(now_us)) is not None:
        said.append(report)
    return said


def test_what_changed_is_said_once_as_it_is_now() -> None:
    reporter = Reporter("r")
    reporter.list(ann(1, at=1))
    reporter.list(BOB)
    reporter.list(ann(2, at=2))
    assert reports(reporter) == [Report("r", T, (ann(2, at=2), BOB))]
    reporter.unlist("bob's")
    reporter.unlist("nobody's")
    assert reports(reporter) == [Report("r", T + 1, left=("bob's",))]
    assert not reporter.has_news


def test_numbers_grow_though_the_clock_stands_and_follow_it_when_it_runs() -> None:
    reporter = Reporter("r")
    for now_us, number in ((T, T), (T, T + 1), (T + 9, T + 9), (T + 9, T + 10)):
        reporter.state_all()
        report = reporter.next(now_us)
        assert report is not None
        assert report.number == number


def test_who_left_and_came_back_between_two_reports_is_there() -> None:
    reporter = Reporter("r")
    reporter.list(ann())
    reports(reporter)
    reporter.unlist("ann's")
    reporter.list(ann())
    assert reports(reporter) == [Report("r", T + 1, (ann(),))]


def test_a_statement_holds_all_news_before_it_and_asks_once() -> None:
    reporter = Reporter("r")
    reporter.unlisted = 3
    reporter.list(ann())
    reporter.list(BOB)
    reporter.unlist("bob's")
    reporter.state_all(asks=True)
    assert reports(reporter) == [Report("r", T, (ann(),), (), Span(), 3, True)]
    reporter.state_all()
    assert reports(reporter)[0].asks is False


def test_a_long_statement_comes_in_pieces_that_leave_no_gap() -> None:
    reporter = Reporter("r")
    for n in range(100):
        reporter.list(Entry(f"{n:03}", "user", "Name", n, {"say": "x" * 1000}))
    reporter.state_all()
    said = reports(reporter)
    assert len(said) > 3
    assert [entry.id for report in said for entry in report.entries] == [f"{n:03}" for n in range(100)]
    for report in said:
        assert sum(map(size, report.entries)) < REPORT_BYTES_MAX + 2048
    spans = [report.span for report in said if report.span is not None]
    assert spans[0].after == ""
    assert spans[-1].through is None
    assert [span.after for span in spans[1:]] == [span.through for span in spans[:-1]]


def test_who_comes_while_a_statement_is_under_way_is_in_it() -> None:
    reporter = Reporter("r")
    for n in range(0, 100, 2):
        reporter.list(Entry(f"{n:03}", "user", "Name", n, {"say": "x" * 1000}))
    reporter.state_all()
    reporter.next(T)
    reporter.list(Entry("099", "user"))
    reporter.unlist("098")
    rest = reports(reporter)
    assert rest[-1].entries[-1].id == "099"
    assert not any(report.left for report in rest)


def test_news_beyond_a_report_come_in_the_next() -> None:
    reporter = Reporter("r")
    for n in range(100):
        reporter.list(Entry(f"{n:03}", "user", "Name", n, {"say": "x" * 1000}))
    said = reports(reporter)
    assert len(said) > 3
    assert sum(len(report.entries) for report in said) == 100
    for n in range(2000):
        reporter.list(Entry(f"{n:022}", "user"))
    reports(reporter)
    for n in range(2000):
        reporter.unlist(f"{n:022}")
    said = reports(reporter)
    assert len(said) > 1
    assert sum(len(report.left) for report in said) == 2000


def test_nobody_needs_the_news_who_is_not_there() -> None:
    reporter = Reporter("r")
    reporter.list(ann())
    reporter.drop_news()
    assert not reporter.has_news
    reporter.state_all()
    reporter.drop_news()
    assert reports(reporter)[0].entries == (ann(),)


def test_a_farewell_speaks_for_all() -> None:
    reporter = Reporter("r")
    reporter.list(ann())
    assert reporter.farewell(T) == Report("r", T, (), (), Span())


def test_a_span_without_another() -> None:
    for span, other, rest in (
        (Span(), Span(), []),
        (Span(), Span("b", "d"), [Span("", "b"), Span("d", None)]),
        (Span("a", "c"), Span("b", "d"), [Span("a", "b")]),
        (Span("b", "d"), Span("a", "c"), [Span("c", "d")]),
        (Span("a", "b"), Span("c", None), [Span("a", "b")]),
        (Span("c", None), Span("a", "b"), [Span("c", None)]),
        (Span("b", "c"), Span("a", "d"), []),
    ):
        assert span.without(other) == rest
    assert "b" in Span("a", "b")
    assert "a" not in Span("a", "b")
