from jam.probes import ProbePlan, ProbeTunables


def burst(
    plan: ProbePlan, now_ms: float, rtt_ms: float, *, is_noisy: bool = False
) -> tuple[list[float], float]:
    """Sends and answers one burst; when its probes were sent, and when its last answer came."""
    sent: list[float] = []
    while True:
        now_ms = max(now_ms, plan.get_timer())
        assert plan.is_due(now_ms)
        sent.append(now_ms)
        now_ms += rtt_ms
        if plan.receive(now_ms):
            plan.rest(now_ms, is_noisy=is_noisy, at_once=False)
            return sent, now_ms


def test_twelve_at_first_25_ms_apart() -> None:
    sent, _ = burst(ProbePlan(1_000, ProbeTunables()), 1_000, rtt_ms=2)
    assert sent == [1_000 + 25 * number for number in range(12)]


def test_one_after_another_where_the_way_is_long() -> None:
    sent, _ = burst(ProbePlan(0, ProbeTunables()), 0, rtt_ms=100)
    assert sent == [100 * number for number in range(12)]


def test_four_every_two_seconds_for_ten_then_every_ten() -> None:
    plan, now_ms, began = ProbePlan(0, ProbeTunables()), 0.0, []
    for _ in range(9):
        sent, now_ms = burst(plan, now_ms, rtt_ms=2)
        began.append((sent[0], len(sent)))
    early = [(2_000 * number, 4) for number in range(1, 6)]
    assert began == [(0, 12), *early, (20_000, 4), (30_000, 4), (40_000, 4)]


def test_eight_after_a_noisy_burst() -> None:
    plan = ProbePlan(0, ProbeTunables())
    _, now_ms = burst(plan, 0, rtt_ms=2, is_noisy=True)
    sent, now_ms = burst(plan, now_ms, rtt_ms=2)
    assert len(sent) == 8
    sent, _ = burst(plan, now_ms, rtt_ms=2)
    assert len(sent) == 4


def test_once_a_minute_while_hidden_and_at_once_when_seen_again() -> None:
    plan = ProbePlan(0, ProbeTunables())
    plan.set_hidden(True, 0)
    burst(plan, 0, rtt_ms=2)
    assert plan.get_timer() == 60_000
    plan.set_hidden(False, 45_000)
    assert plan.get_timer() == 45_000


def test_seen_again_soon_it_waits_for_the_usual_time() -> None:
    plan = ProbePlan(0, ProbeTunables())
    burst(plan, 0, rtt_ms=2)
    plan.set_hidden(True, 500)
    plan.set_hidden(False, 700)
    assert plan.get_timer() == 2_000


def test_a_probe_without_an_answer_ends_the_burst() -> None:
    plan = ProbePlan(0, ProbeTunables())
    assert plan.is_due(0)
    assert plan.get_timer() == 2_000
    assert not plan.is_given_up(1_999)
    assert not plan.is_due(1_999)
    assert plan.is_given_up(2_000)
    plan.rest(2_000, is_noisy=False, at_once=False)
    assert plan.get_timer() == 2_000
    assert not plan.is_awaited(0)


def test_at_once_means_after_the_spacing() -> None:
    plan = ProbePlan(0, ProbeTunables(join_probes=1))
    assert plan.is_due(0)
    assert plan.receive(2)
    plan.rest(2, is_noisy=False, at_once=True)
    assert plan.get_timer() == 25


def test_an_answer_to_an_older_probe_is_not_awaited() -> None:
    plan = ProbePlan(0, ProbeTunables())
    plan.is_due(0)
    plan.rest(2_000, is_noisy=False, at_once=False)
    assert plan.is_due(2_000)
    assert not plan.is_awaited(0)
    assert plan.is_awaited(2_000.4)


def test_a_new_connection_starts_over() -> None:
    plan = ProbePlan(0, ProbeTunables())
    burst(plan, 0, rtt_ms=2)
    plan.join(1_500)
    sent, _ = burst(plan, 1_500, rtt_ms=2)
    assert (sent[0], len(sent)) == (1_500, 12)
