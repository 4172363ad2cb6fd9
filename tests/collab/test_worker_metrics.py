"""Several processes' metrics on one page."""

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from collab.metrics import Metrics
from collab.worker_metrics import merged


def test_each_sample_says_whose_it_is() -> None:
    pages = {}
    for number, ops in ((1, 3), (2, 4)):
        metrics = Metrics()
        metrics.ops.inc(ops)
        metrics.closes.labels(code="4201").inc()
        metrics.ack_seconds.observe(0.01)
        pages[number] = metrics.render().decode()
    own = CollectorRegistry()
    Gauge("tutti_workers_ready", "Workers that serve", registry=own).set(2)

    families = list(text_string_to_metric_families(merged(pages, own).decode()))
    assert len({family.name for family in families}) == len(families), "a name stands once"
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }
    assert samples[("tutti_workers_ready",)] == 2
    assert samples["tutti_ops_total", ("worker", "1")] == 3
    assert samples["tutti_ops_total", ("worker", "2")] == 4
    assert samples["tutti_closes_total", ("code", "4201"), ("worker", "1")] == 1
    assert samples["tutti_ack_seconds_bucket", ("le", "+Inf"), ("worker", "2")] == 1


def test_nobody_who_answers_leaves_our_own() -> None:
    own = CollectorRegistry()
    Gauge("tutti_workers_ready", "Workers that serve", registry=own)
    assert b"tutti_workers_ready 0.0" in merged({}, own)
