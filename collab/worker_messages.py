"""What a supervisor and its workers say to each other.

One JSON object on a line each, over a socket that nobody else holds. A worker may be of a newer version of
the program than its supervisor, so a name, once given, stays, and what is not known is passed over. Does
not know processes.
"""

from msgspec import Struct
from msgspec.json import Decoder, Encoder

# A worker's metrics are some 50 KiB.
LINE_BYTES_MAX = 16 * 1024 * 1024


class _ToWorker(Struct, frozen=True, tag_field="say"):
    pass


class _FromWorker(Struct, frozen=True, tag_field="say"):
    pass


class Stop(_ToWorker, frozen=True, tag="stop"):
    """All of us stop: fail readiness, wait for the balancer, drain."""


class Retire(_ToWorker, frozen=True, tag="retire"):
    """Another worker serves your socket: close it, and drain."""


class Hurry(_ToWorker, frozen=True, tag="hurry"):
    """Do not wait for clients any longer."""


class Report(_ToWorker, frozen=True, tag="report"):
    """How are you? Answer with `Reported` and this number."""

    number: int


class AllMetrics(_ToWorker, frozen=True, tag="all_metrics"):
    """The answer to `AskAllMetrics`: the metrics of all workers, as Prometheus reads them."""

    text: str


class Ready(_FromWorker, frozen=True, tag="ready"):
    """The worker serves."""


class Reported(_FromWorker, frozen=True, tag="reported"):
    """Its readiness checks, by name, and its metrics, as Prometheus reads them."""

    number: int
    checks: dict[str, str]
    metrics: str


class AskAllMetrics(_FromWorker, frozen=True, tag="ask_all_metrics"):
    """Somebody on this machine asked a worker, and means all of them."""


ToWorker = Stop | Retire | Hurry | Report | AllMetrics
FromWorker = Ready | Reported | AskAllMetrics

_ENCODER = Encoder()
TO_WORKER: Decoder[ToWorker] = Decoder(ToWorker)
FROM_WORKER: Decoder[FromWorker] = Decoder(FromWorker)


def line(message: ToWorker | FromWorker) -> bytes:
    """Ready to be written."""
    return _ENCODER.encode(message) + b"\n"
