"""Waiting times of acks are measured, and what never becomes an op does not fill the memory."""

from prometheus_client import CollectorRegistry, Histogram

from collab.ack_times import REMEMBERED_MAX, AckTimes
from collab.messages import Row


def test_the_newest_are_measured_after_any_number_of_refusals() -> None:
    registry = CollectorRegistry()
    times = AckTimes(Histogram("ack_seconds", "", registry=registry))
    for seq in range(2 * REMEMBERED_MAX):
        times.received("refused", seq, now_us=0)
    times.received("client", 1, now_us=1_000_000)
    row = Row(1, "client", 1, "user", {})
    times.told([row, Row(2, "another node's", 1, "user", {})], now_us=3_500_000)
    times.told([row], now_us=9_000_000)
    assert registry.get_sample_value("ack_seconds_count") == 1
    assert registry.get_sample_value("ack_seconds_sum") == 2.5


def test_what_is_refused_is_not_remembered() -> None:
    registry = CollectorRegistry()
    times = AckTimes(Histogram("ack_seconds", "", registry=registry))
    times.received("client", 1, now_us=0)
    times.refused("client", 1)
    times.refused("client", 2)
    times.told([Row(1, "client", 1, "user", {})], now_us=1)
    assert registry.get_sample_value("ack_seconds_count") == 0
