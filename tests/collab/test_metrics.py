from prometheus_client.parser import text_string_to_metric_families

from collab.metrics import Metrics

# Values that a label may take are few and known; users, rooms and addresses are not.
LABELS = {
    "le",
    "code",
    "breaker",
    "reason",
    "tutti_breaker_state",
    "tutti_load_state",
    "tutti_music_scan_state",
    "outcome",
    "status",
    "generation",
    "implementation",
    "major",
    "minor",
    "patchlevel",
    "version",
}


def test_two_servers_do_not_share_numbers() -> None:
    one, two = Metrics(), Metrics()
    one.ops.inc()
    assert b"tutti_ops_total 1.0" in one.render()
    assert b"tutti_ops_total 0.0" in two.render()


def test_names_carry_their_unit_and_labels_are_few() -> None:
    metrics = Metrics()
    metrics.closes.labels(code="4200").inc()
    metrics.resyncs.labels(reason="fresh").inc()
    metrics.commit_retries.labels(reason="lost").inc()
    families = list(text_string_to_metric_families(metrics.render().decode()))
    for family in families:
        for sample in family.samples:
            assert LABELS.issuperset(sample.labels), sample
    names = {family.name for family in families if family.name.startswith("tutti_")}
    assert {
        "tutti_ack_seconds",
        "tutti_transforms_per_op",
        "tutti_outbox_bytes",
        "tutti_slow_closes",
    } <= names
