"""The metrics of several processes as one page.

Each sample gets a label `worker`, so sums and outliers are both to be had; nothing is added up here. Knows
the text that Prometheus reads. Does not know what is counted.
"""

from collections.abc import Iterable, Mapping

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

LABEL = "worker"


def merged(pages: Mapping[int, str], own: CollectorRegistry) -> bytes:
    """The pages of workers, by their number, behind the supervisor's own metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Pages(pages))
    return generate_latest(own) + generate_latest(registry)


class _Pages(Collector):
    def __init__(self, pages: Mapping[int, str]) -> None:
        self._pages = pages

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for number, page in self._pages.items():
            for family in text_string_to_metric_families(page):
                known = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    known.add_sample(
                        sample.name, {**sample.labels, LABEL: str(number)}, sample.value, sample.timestamp
                    )
        return families.values()
