"""What the server counts about itself, for Prometheus.

One registry per server, so that two servers in one process (a test) do not share numbers. Every name carries
its unit; no label is a user, a room or anything else without a small fixed set of values. Counted at the
edge: cores return effects, and whoever performs them counts.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

METRICS_TYPE: Final = CONTENT_TYPE_LATEST

# An ack is a commit away (a millisecond or less on an SSD); P7 and P9 speak of seconds.
_LATENCY_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_COUNTS: Final = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_BYTES: Final = tuple(1 << power for power in range(8, 24, 2))


class Metrics:
    """`render()` is the text of this process, `report()` what a scraper gets: of a worker that of all."""

    def __init__(self) -> None:
        self.gather: Callable[[], Awaitable[bytes]] | None = None
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

        # edits
        self.ack_seconds = Histogram(
            "tutti_ack_seconds",
            "From a submission's receipt until its outcome is handed to the outbox",
            registry=registry,
            buckets=_LATENCY_S,
        )
        self.commit_seconds = Histogram(
            "tutti_commit_seconds", "One group commit", registry=registry, buckets=_LATENCY_S
        )
        self.commit_documents = Histogram(
            "tutti_commit_documents", "Documents in one group commit", registry=registry, buckets=_COUNTS
        )
        self.transforms_per_op = Histogram(
            "tutti_transforms_per_op",
            "Versions committed between a submission's base and its own",
            registry=registry,
            buckets=_COUNTS,
        )
        self.ops = Counter("tutti_ops", "Committed ops", registry=registry)
        self.commit_retries = Counter(
            "tutti_commit_retries",
            "Commits tried again, by reason: lost a race, or the outcome was unknown",
            ["reason"],
            registry=registry,
        )
        self.refusals = Counter("tutti_refusals", "Refused requests, by code", ["code"], registry=registry)
        self.refused_proposals = Counter(
            "tutti_refused_proposals",
            "What a room wanted of its document for time's or presence's sake in vain, by code",
            ["code"],
            registry=registry,
        )

        # clients
        self.connections = Gauge("tutti_connections", "Open sockets", registry=registry)
        self.rooms = Gauge("tutti_rooms", "Documents in memory", registry=registry)
        self.closes = Counter("tutti_closes", "Sockets that we closed, by code", ["code"], registry=registry)
        self.slow_closes = Counter(
            "tutti_slow_closes", "Sockets closed because they read too slowly", registry=registry
        )
        self.resyncs = Counter(
            "tutti_resyncs", "Rooms opened, by what the client needed", ["reason"], registry=registry
        )
        self.outbox_bytes = Histogram(
            "tutti_outbox_bytes", "Bytes waiting for a client, each second", registry=registry,
            buckets=_BYTES,
        )  # fmt: skip
        self.presence_dropped = Counter(
            "tutti_presence_dropped", "Presence changes not sent to slow clients", registry=registry
        )
        self.unknown_fields = Counter(
            "tutti_unknown_fields", "Fields and message types that were ignored", registry=registry
        )

        self.room_failures = Counter(
            "tutti_room_failures", "Rooms closed because an invariant did not hold", registry=registry
        )

        # the bus
        self.bus_connected = Gauge(
            "tutti_bus_connected", "1 while other nodes are heard, 0 while the bus is away", registry=registry
        )
        self.bus_published = Counter("tutti_bus_published", "Hints to other nodes", registry=registry)
        self.bus_received = Counter("tutti_bus_received", "Hints of other nodes", registry=registry)
        self.bus_refused = Counter(
            "tutti_bus_refused",
            "Messages that were not believed, by reason: size, version, mac, content",
            ["reason"],
            registry=registry,
        )
        self.bus_dropped = Counter(
            "tutti_bus_dropped",
            "Hints that were not sent, by reason: the bus is away, or its queue is full",
            ["reason"],
            registry=registry,
        )
        self.bus_reports_published = Counter(
            "tutti_bus_reports_published", "Reports of who is in a room to other nodes", registry=registry
        )
        self.bus_reports_received = Counter(
            "tutti_bus_reports_received", "Reports of who is in a room on other nodes", registry=registry
        )
        self.bus_lag_seconds = Histogram(
            "tutti_bus_lag_seconds",
            "From a heartbeat's leaving until it is heard",
            registry=registry,
            buckets=_LATENCY_S,
        )

        # too much to do
        self.load_state = Enum(
            "tutti_load_state",
            "normal; strained: no new guests; overloaded: no new sessions",
            states=["normal", "strained", "overloaded"],
            registry=registry,
        )
        self.refused_sessions = Counter(
            "tutti_refused_sessions",
            "Who was not let in, by reason: draining, overloaded, sockets_max, sockets_per_address, guests",
            ["reason"],
            registry=registry,
        )

        # dependencies in trouble
        self.breaker_state = Enum(
            "tutti_breaker_state",
            "What a breaker does: closed (asks), open (spares), half_open (asks once)",
            ["breaker"],
            states=["closed", "open", "half_open"],
            registry=registry,
        )
        self.breaker_rejected = Counter(
            "tutti_breaker_rejected",
            "Questions that were not asked because a breaker was open",
            ["breaker"],
            registry=registry,
        )
        self.retries_held = Counter(
            "tutti_retries_held",
            "Second attempts at the database that had to wait for the retry budget, or were given up",
            registry=registry,
        )

        self.issuer_fetches = Counter(
            "tutti_issuer_fetches",
            "Questions for the token issuer's keys, by outcome: answered, failed",
            ["outcome"],
            registry=registry,
        )

        # certificates
        self.certificate_expiry_seconds = Gauge(
            "tutti_certificate_expiry_seconds",
            "Until the certificate ends, negative when it has; NaN without TLS",
            registry=registry,
        )
        self.certificate_expiry_seconds.set(float("nan"))
        self.certificate_reloads = Counter(
            "tutti_certificate_reloads",
            "Certificates that were found anew, by outcome: loaded, refused",
            ["outcome"],
            registry=registry,
        )

        # the music
        self.music_files = Gauge("tutti_music_files", "Tracks of the catalogue", registry=registry)
        self.music_files_refused = Gauge(
            "tutti_music_files_refused", "Files that cannot be tracks, of the last scan", registry=registry
        )
        self.music_files_to_read = Gauge(
            "tutti_music_files_to_read",
            "Files whose tags the running scan has yet to read",
            registry=registry,
        )
        self.music_scan_seconds = Gauge(
            "tutti_music_scan_seconds", "What the last scan of the music folder took", registry=registry
        )
        self.music_scan_state = Enum(
            "tutti_music_scan_state",
            "idle; walking: looks through the folder; reading: opens what is new",
            states=["idle", "walking", "reading"],
            registry=registry,
        )

        # the clock
        self.clock_machine_offset_seconds = Gauge(
            "tutti_clock_machine_offset_seconds",
            "How far the database's clock is ahead of this machine's, as that was when the node started",
            registry=registry,
        )
        self.clock_correction_left_seconds = Gauge(
            "tutti_clock_correction_left_seconds",
            "How far the database's clock is ahead of what clients are told",
            registry=registry,
        )
        self.clock_error_seconds = Gauge(
            "tutti_clock_error_seconds",
            "By how much the measurement of the database's clock may be wrong",
            registry=registry,
        )

        # the music
        self.audio_listeners = Gauge(
            "tutti_audio_listeners", "Responses that send music now", registry=registry
        )
        self.audio_sent_bytes = Counter(
            "tutti_audio_sent_bytes", "Bytes of music that were sent", registry=registry
        )
        self.audio_read_bytes = Counter(
            "tutti_audio_read_bytes", "Bytes of music that were read from files", registry=registry
        )

        # the process
        self.loop_lag_seconds = Histogram(
            "tutti_loop_lag_seconds",
            "How late the event loop wakes a sleeper",
            registry=registry,
            buckets=_LATENCY_S,
        )
        self.http_seconds = Histogram(
            "tutti_http_seconds",
            "HTTP requests until their answers begin, by status",
            ["status"],
            registry=registry,
            buckets=_LATENCY_S,
        )

    def render(self) -> bytes:
        return generate_latest(self.registry)

    async def report(self) -> bytes:
        return self.render() if self.gather is None else await self.gather()
