"""Where everything is put together.

The one place that chooses implementations: which database, which bus, which kinds of document. Builds the
parts from the settings, in the order in which they need each other, and takes them down in reverse.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp

from collab.ambient import real_ambient
from collab.api_lookup import ApiLookup
from collab.auth import Tokens
from collab.bans import Bans, twice_a_second
from collab.breakers import Breaker
from collab.bus import Bus
from collab.bus_memory import MemoryBus
from collab.bus_redis import RedisBus
from collab.certificates import Certificates, every_few_seconds, open_certificates
from collab.client_owners import ClientOwners
from collab.clock import Clock
from collab.cluster_clock import ClusterClock
from collab.compaction import Compaction, hourly
from collab.config import Settings
from collab.connection import Node
from collab.database import open_database
from collab.documents import HubDocuments
from collab.forgetting import hourly_or_soon
from collab.house import no_songs
from collab.http_app import admin_app, public_app
from collab.hub import DRAIN_GRACE_S, Hub
from collab.issuer import open_issuer
from collab.jam_rooms import HubJamRooms
from collab.kinds import all_kinds
from collab.load_watch import LoadWatch, capacity_of
from collab.metrics import Metrics
from collab.music.library import Library
from collab.music.opening import open_music
from collab.readiness import Readiness
from collab.secret import server_secret
from collab.services import build_services
from collab.socket import PATH, SocketEndpoint
from collab.socket_auth import SocketAuth
from collab.songs import Admission
from collab.stale_keys import keep_forgetting
from collab.suggestions import breath
from collab.web_app import web_app_folder
from storage.administered import Administered
from storage.store import Store


@dataclass(slots=True)
class Server:
    """A node that runs; `collab.serve` carries its traffic. `hub` is for those who look inside."""

    app: ASGIApp
    admin: ASGIApp
    readiness: Readiness
    hub: Hub
    metrics: Metrics
    load_watch: LoadWatch
    certificates: Certificates | None = None
    # Whether clients that have to leave can go to another node of the same database.
    has_neighbours: bool = False

    @property
    def tls(self) -> ssl.SSLContext | None:
        return None if self.certificates is None else self.certificates.context

    async def drain(self) -> None:
        """Moves every client elsewhere; returns when none is left."""
        await self.hub.drain(grace_s=DRAIN_GRACE_S if self.has_neighbours else 0)


@asynccontextmanager
async def open_node(settings: Settings, *, keeps_music: bool = True) -> AsyncIterator[Server]:
    """A node with the database that the settings name. `keeps_music`: of several workers, one looks after the
    music folder. Raises CannotStart or StoreError."""
    clock = Clock()
    secret = server_secret(settings, real_ambient(clock).entropy)
    store = await open_database(settings)
    try:
        metrics = Metrics()
        cluster_clock = ClusterClock(store.clock_us, clock, metrics)
        await cluster_clock.begin()
        async with (
            open_bus(settings, secret, metrics, clock) as bus,
            open_music(settings, store.catalogue, metrics, clock.now_ms, keeps=keeps_music) as library,
            build_server(
                settings, store, store, bus, secret, clock, metrics, cluster_clock, library
            ) as server,
        ):
            yield server
    finally:
        await store.close()


@asynccontextmanager
async def open_bus(settings: Settings, secret: bytes, metrics: Metrics, clock: Clock) -> AsyncIterator[Bus]:
    """Redis where the settings name it, there or not: the node does not wait for it. Raises CannotStart."""
    if settings.redis_url is None:
        metrics.bus_connected.set(1)
        yield MemoryBus()
    else:
        bus = RedisBus(settings.redis_url, secret, metrics, clock, real_ambient(clock).entropy)
        async with bus.running():
            yield bus


@asynccontextmanager
async def build_server(
    settings: Settings,
    store: Store,
    people: Administered,
    bus: Bus,
    secret: bytes,
    clock: Clock,
    metrics: Metrics | None = None,
    cluster_clock: ClusterClock | None = None,
    library: Library | None = None,
) -> AsyncIterator[Server]:
    """A node on parts that are already there. `cluster_clock` keeps `clock` from then on."""
    ambient = real_ambient(clock)
    metrics = metrics or Metrics()
    kinds = all_kinds(settings.limits.entries_max, _admission(library))
    hub = Hub(kinds, store, bus, clock, metrics, no_songs if library is None else library.songs)
    lookup = ApiLookup(people, Breaker("authorisation", metrics, clock.now_ms), clock.now_ms)
    owners = ClientOwners(store, Breaker("client_ids", metrics, clock.now_ms))
    bans = Bans()
    issuer = open_issuer(settings, people, metrics, clock.now_ms, bans.check)
    tokens = Tokens(secret, people, ambient, lookup, issuer)
    certificates = open_certificates(settings, metrics, clock.now_ms)
    # A file has one server; its clients have nowhere to go while it stops.
    has_neighbours = settings.database_url is not None
    documents = HubDocuments(hub, store, kinds, clock, has_neighbours=has_neighbours)

    services = build_services(
        settings,
        store,
        people,
        documents,
        hub,
        HubJamRooms(hub, store, documents),
        tokens,
        bans,
        metrics,
        Readiness(store, ambient),
        ambient,
        library,
    )
    async with hub.running() as tasks:
        endpoint = SocketEndpoint(
            hub=hub,
            admission=services.admission,
            node=Node(hub, bans.guard(SocketAuth(tokens, owners, ambient)), clock, metrics, tasks),
            clock=clock,
            limits=settings.limits,
            origins=services.origins,
            server_name=f"tutti {version('tutti-collab')}",
        )
        app = public_app(services, [WebSocketRoute(PATH, endpoint)], web_app_folder())
        watch = LoadWatch(hub, capacity_of(settings), services.admission)
        working = {
            "compact": Compaction(store, settings.retention, clock.now_ms).keep_running(hourly),
            "forget": services.forgetting.keep_running(hourly_or_soon),
            "forget keys": keep_forgetting(store, clock.now_ms, hourly),
            "suggest": services.suggestions.keep_running(breath),
            "read bans": bans.keep_running(people, hub.everybody, twice_a_second),
            "watch load": watch.keep_running(),
        }
        if issuer is not None:
            working["fetch issuer's keys"] = issuer.keys.keep_running()
        if certificates is not None:
            working["watch certificates"] = certificates.keep_running(every_few_seconds)
        if cluster_clock is not None:
            working["keep the clock"] = cluster_clock.keep_running()
        companions = [tasks.create_task(work, name=name) for name, work in working.items()]
        try:
            yield Server(
                app,
                admin_app(services.readiness, metrics),
                services.readiness,
                hub,
                metrics,
                watch,
                certificates,
                has_neighbours,
            )
        finally:
            for companion in companions:
                companion.cancel()


def _admission(library: Library | None) -> Admission:
    if library is None:
        return Admission.ANY
    return Admission.CLOSED if library.is_closed else Admission.OPEN
