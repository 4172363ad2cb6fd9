"""`tutti serve`: the server."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from collab.allocator import give_large_buffers_back
from collab.binding import lan_address, listen, port_of, url_of
from collab.certificates import check_certificate
from collab.cli_options import Data, DatabaseUrl, KeepDays, KeepVersions, Secret
from collab.collector import spare_collector
from collab.config import (
    DEFAULT_PORT,
    WORKERS_MAX,
    Limits,
    LogFormat,
    LogLevel,
    Retention,
    Settings,
    own_issuer,
)
from collab.greeting import can_draw, greeting
from collab.logs import configure_logs
from collab.serve import StopSignal
from collab.serve import serve as serve_node
from collab.serve_workers import serve_as_worker, supervise
from collab.server import open_node
from collab.worker import Place

_LIMITS = "Limits"
_LOGS = "Logs"
_PROCESSES = "Processes"
_ISSUER = "Issuer"
_MUSIC = "Music"
_DEFAULTS = Limits()


def serve(
    data: Data = Path("data"),
    host: Annotated[str, typer.Option(envvar="TUTTI_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="TUTTI_PORT", min=0, max=65535)] = DEFAULT_PORT,
    database_url: DatabaseUrl = None,
    redis_url: Annotated[
        str | None,
        typer.Option(
            envvar="TUTTI_REDIS_URL",
            help="Redis or Valkey, through which several nodes tell each other what moved: "
            "redis://user:password@host:6379, rediss:// for TLS, unix:///path. Nothing is kept there.",
        ),
    ] = None,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan",
            envvar="TUTTI_LAN",
            help="Let the local network in: every address. A terminal shows a code that phones scan.",
        ),
    ] = False,
    tls_cert: Annotated[
        Path | None, typer.Option(envvar="TUTTI_TLS_CERT", help="Certificate chain (PEM); then HTTPS.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="TUTTI_TLS_KEY", help="Its private key (PEM).")
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="TUTTI_ALLOW_ORIGIN",
            metavar="ORIGIN",
            help="A web app's origin that may use this server, such as https://app.example.com; repeatable.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            envvar="TUTTI_ALLOW_HOST",
            metavar="NAME",
            help="A host name that people reach this server by; repeatable. Addresses, localhost and this "
            "machine's own name need no mention.",
        ),
    ] = None,
    admin_port: Annotated[
        int | None,
        typer.Option(
            envvar="TUTTI_ADMIN_PORT",
            min=0,
            max=65535,
            help="A second port, for metrics and health from afar.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            envvar="TUTTI_WORKERS",
            min=1,
            max=WORKERS_MAX,
            rich_help_panel=_PROCESSES,
            help="Processes that serve the port together, one for each core; needs PostgreSQL and Redis. "
            "SIGHUP replaces them one after another.",
        ),
    ] = 1,
    drain_delay: Annotated[
        float,
        typer.Option(
            envvar="TUTTI_DRAIN_DELAY",
            metavar="SECONDS",
            min=0,
            max=300,
            rich_help_panel=_PROCESSES,
            help="When told to stop, be not ready for so long before the port is closed: what a balancer "
            "takes to notice.",
        ),
    ] = 0,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(
            envvar="TUTTI_TRUST_PROXY",
            metavar="ADDRESS",
            rich_help_panel=_PROCESSES,
            help="A proxy, or a network of proxies such as 10.0.0.0/8, that says by X-Forwarded-For whom it "
            "speaks for; repeatable. One on this machine needs no mention.",
        ),
    ] = None,
    memory_max: Annotated[
        int | None,
        typer.Option(
            envvar="TUTTI_MEMORY_MAX",
            metavar="MIB",
            min=1,
            rich_help_panel=_LIMITS,
            show_default="what the container may have",
            help="Memory, in MiB, near which new people are asked to come later.",
        ),
    ] = None,
    secret: Secret = None,
    issuer: Annotated[
        str | None,
        typer.Option(
            envvar="TUTTI_ISSUER",
            rich_help_panel=_ISSUER,
            help="Believe the tokens of your own issuer, too: their `iss`. RS256, ES256 or EdDSA, at most 15 "
            "minutes long.",
        ),
    ] = None,
    issuer_audience: Annotated[
        str | None,
        typer.Option(envvar="TUTTI_ISSUER_AUDIENCE", rich_help_panel=_ISSUER, help="Their `aud`."),
    ] = None,
    issuer_jwks: Annotated[
        str | None,
        typer.Option(
            envvar="TUTTI_ISSUER_JWKS",
            metavar="URL",
            rich_help_panel=_ISSUER,
            help="Where its public keys are (JWKS), with https.",
        ),
    ] = None,
    keep_versions: KeepVersions = None,
    keep_days: KeepDays = None,
    music: Annotated[
        Path | None,
        typer.Option(
            envvar="TUTTI_MUSIC",
            metavar="DIR",
            rich_help_panel=_MUSIC,
            help="The folder with your music (mp3, flac, ogg, opus, m4a, wav). Then playlists and Jams take "
            "its tracks only.",
        ),
    ] = None,
    samples: Annotated[
        bool,
        typer.Option(
            "--samples/--no-samples",
            envvar="TUTTI_SAMPLES",
            rich_help_panel=_MUSIC,
            help="Have a dozen pieces to play, which the server makes itself, in the background, in --data.",
        ),
    ] = True,
    log_level: Annotated[LogLevel, typer.Option(envvar="TUTTI_LOG_LEVEL", rich_help_panel=_LOGS)] = "info",
    log_format: Annotated[
        LogFormat, typer.Option(envvar="TUTTI_LOG_FORMAT", rich_help_panel=_LOGS)
    ] = "console",
    submissions_per_s: Annotated[
        int,
        typer.Option(
            envvar="TUTTI_SUBMISSIONS_PER_S", min=1, help="Of a connection.", rich_help_panel=_LIMITS
        ),
    ] = _DEFAULTS.submissions_per_s,
    submissions_burst: Annotated[
        int,
        typer.Option(
            envvar="TUTTI_SUBMISSIONS_BURST", min=1, help="Of a connection.", rich_help_panel=_LIMITS
        ),
    ] = _DEFAULTS.submissions_burst,
    http_requests: Annotated[
        int,
        typer.Option(envvar="TUTTI_HTTP_REQUESTS", min=1, help="Of a user in 5 s.", rich_help_panel=_LIMITS),
    ] = _DEFAULTS.http_requests,
    guests_per_minute: Annotated[
        int,
        typer.Option(envvar="TUTTI_GUESTS_PER_MINUTE", min=1, help="Of an address.", rich_help_panel=_LIMITS),
    ] = _DEFAULTS.guests_per_minute,
    sockets_per_address: Annotated[
        int,
        typer.Option(envvar="TUTTI_SOCKETS_PER_ADDRESS", min=1, help="At once.", rich_help_panel=_LIMITS),
    ] = _DEFAULTS.sockets_per_address,
    sockets_max: Annotated[
        int,
        typer.Option(
            envvar="TUTTI_SOCKETS_MAX", min=1, help="Of a worker, at once.", rich_help_panel=_LIMITS
        ),
    ] = _DEFAULTS.sockets_max,
    entries_max: Annotated[
        int, typer.Option(envvar="TUTTI_ENTRIES_MAX", min=1, help="Of a playlist.", rich_help_panel=_LIMITS)
    ] = _DEFAULTS.entries_max,
    as_worker: Annotated[
        str | None, typer.Option(hidden=True, metavar="PLACE", help="Of a process that a server starts.")
    ] = None,
    jam_times_divided_by: Annotated[
        int,
        typer.Option(
            envvar="TUTTI_JAM_TIMES_DIVIDED_BY",
            min=1,
            help="For tests: makes the times of new Jams (a host's absence, a skip's countdown …) shorter, "
            "and gives back sooner what one may do within a time.",
        ),
    ] = 1,
) -> None:
    """Serve people until told to stop."""
    settings = Settings(
        data=data,
        host=host,
        port=port,
        database_url=database_url,
        redis_url=redis_url,
        lan=lan,
        tls_cert=tls_cert,
        tls_key=tls_key,
        allow_origin=tuple(allow_origin or ()),
        allow_host=tuple(allow_host or ()),
        admin_port=admin_port,
        workers=workers,
        drain_delay_s=drain_delay,
        trust_proxy=tuple(trust_proxy or ()),
        memory_max_mib=memory_max,
        secret=secret,
        issuer=own_issuer(issuer, issuer_audience, issuer_jwks),
        log_level=log_level,
        log_format=log_format,
        limits=Limits(
            submissions_per_s=submissions_per_s,
            submissions_burst=submissions_burst,
            http_requests=http_requests,
            guests_per_minute=guests_per_minute,
            sockets_per_address=sockets_per_address,
            sockets_max=sockets_max,
            entries_max=entries_max,
        ),
        retention=Retention(keep_versions, keep_days),
        music=music,
        samples=samples,
        jam_times_divided_by=jam_times_divided_by,
    )
    check_certificate(settings)
    configure_logs(settings.log_level, settings.log_format)
    give_large_buffers_back()
    if as_worker is not None:
        serving = serve_as_worker(settings, Place.parse(as_worker))
    elif settings.workers > 1:
        serving = supervise(settings, sys.argv[1:], partial(_announce, settings))
    else:
        serving = _serve(settings)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serving)


async def _serve(settings: Settings) -> None:
    with ExitStack() as open_now:
        public = open_now.enter_context(listen(settings.bind_host, settings.port))
        admin = None
        if settings.admin_port is not None:
            admin = open_now.enter_context(listen(settings.bind_host, settings.admin_port))
        stop = open_now.enter_context(StopSignal())
        async with open_node(settings) as node:
            spare_collector()
            await serve_node(
                node, settings, public, admin, stop, lambda: _announce(settings, port_of(public))
            )


def _announce(settings: Settings, port: int) -> None:
    address = lan_address() if settings.lan else None
    words = greeting(
        url_of(settings.scheme, settings.bind_host, port),
        None if address is None else url_of(settings.scheme, address, port),
        can_draw=can_draw(
            is_terminal=sys.stdout.isatty(), encoding=sys.stdout.encoding, kind=os.environ.get("TERM", "")
        ),
    )
    print(words, end="", flush=True)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop
