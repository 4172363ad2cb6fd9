"""The HTTP half of the server, put together: routes, middleware, error answers.

`server` adds the socket's route. Knows which piece stands where. Decides nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from collab.http_artwork import ArtworkEndpoints
from collab.http_audio import AudioEndpoints
from collab.http_cors import Cors
from collab.http_descriptions import DescriptionEndpoints
from collab.http_errors import EXCEPTION_HANDLERS
from collab.http_events import EventEndpoints
from collab.http_followers import FollowerEndpoints
from collab.http_formats import FormatEndpoints
from collab.http_guard import Guard
from collab.http_health import Checked, HealthEndpoints, Measured
from collab.http_history import HistoryEndpoints
from collab.http_images import ImageEndpoints
from collab.http_items import ItemEndpoints
from collab.http_jam_doors import JamDoorEndpoints
from collab.http_jams import JamEndpoints
from collab.http_landing import LandingEndpoints
from collab.http_members import MemberEndpoints
from collab.http_people import PeopleEndpoints
from collab.http_player import PlayerEndpoints
from collab.http_playlists import PlaylistEndpoints
from collab.http_search import SearchEndpoints
from collab.http_suggestions import SuggestionEndpoints
from collab.http_web import WebEndpoints
from collab.http_writes import KEY_HEADER, Writes
from collab.services import Services

# How long a browser may remember that an origin is allowed.
_CORS_AGE_S = 600


def http_routes(services: Services, web_app: Path | None = None) -> list[BaseRoute]:
    """Everything under HTTP on the public port; `web_app` is the folder of the built web app."""
    pages = LandingEndpoints().routes() if web_app is None else WebEndpoints(web_app).routes()
    routes: list[BaseRoute] = [
        # Looked through in this order: first what programs ask for most.
        *PlaylistEndpoints(services).routes(),
        *ItemEndpoints(services).routes(),
        *pages,
        *HealthEndpoints(services.readiness, services.metrics, private=False).routes(),
        *DescriptionEndpoints().routes(),
        *PeopleEndpoints(services).routes(),
        *FormatEndpoints(services).routes(),
        *FollowerEndpoints(services).routes(),
        *ImageEndpoints(services).routes(),
        *MemberEndpoints(services).routes(),
        *HistoryEndpoints(services).routes(),
        *EventEndpoints(services).routes(),
        *SuggestionEndpoints(services).routes(),
        *JamDoorEndpoints(services).routes(),
        *JamEndpoints(services).routes(),
        *PlayerEndpoints(services).routes(),
        *_music_routes(services),
    ]
    return Writes(services).wrapped(routes)


def _music_routes(services: Services) -> list[BaseRoute]:
    library = services.library
    if library is None:
        return []
    return [
        *SearchEndpoints(services, library.catalogue).routes(),
        *AudioEndpoints(services, library).routes(),
        *ArtworkEndpoints(services, library).routes(),
    ]


def public_app(services: Services, more: Sequence[BaseRoute] = (), web_app: Path | None = None) -> Starlette:
    """The application of the public port; `more` routes (the socket's) come first."""
    return Starlette(
        routes=[*more, *http_routes(services, web_app)],
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[
            Middleware(Guard, origins=services.origins, metrics=services.metrics),
            Middleware(
                Cors,
                allow_origins=services.settings.allow_origin,
                allow_methods=("GET", "HEAD", "POST", "PUT", "DELETE"),
                allow_headers=(
                    "Authorization",
                    "Content-Type",
                    KEY_HEADER,
                    "Range",
                    "If-Range",
                    "If-Match",
                    "If-None-Match",
                    "Idempotency-Key",
                    "Last-Event-ID",
                ),
                # A player that fetches music in parts goes on with the same file only if it sees these; and
                # by `Date` a device whose clock is wrong knows when its token ends.
                expose_headers=(
                    "Date",
                    "Retry-After",
                    "Content-Disposition",
                    "Location",
                    "ETag",
                    "Accept-Ranges",
                    "Content-Range",
                ),
                max_age=_CORS_AGE_S,
            ),
        ],
    )


def admin_app(readiness: Checked, metrics: Measured) -> Starlette:
    """The application of `--admin-port`: health and metrics for whoever reaches it."""
    return Starlette(
        routes=[*HealthEndpoints(readiness, metrics, private=True).routes()],
        exception_handlers=EXCEPTION_HANDLERS,
    )
