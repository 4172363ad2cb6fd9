"""What the HTTP endpoints work with, in one value that `server` fills."""

from dataclasses import dataclass

from collab.admission import Admission
from collab.ambient import Ambient
from collab.auth import Tokens
from collab.bans import Bans
from collab.config import Settings
from collab.departure import Departure
from collab.device_links import DeviceLinks
from collab.forgetting import Forgetting
from collab.guests import Guests
from collab.house import no_songs
from collab.http_ports import Documents, RoomsToRead
from collab.invites import Invites
from collab.jam_doors import JamDoors
from collab.jam_ports import JamRooms
from collab.jams import Jams
from collab.limits_http import RateLimits
from collab.members import Members
from collab.metrics import Metrics
from collab.music.library import Library
from collab.origins import Origins, own_origins
from collab.past import Past
from collab.player import Player
from collab.player_jams import PlayerJams
from collab.readiness import Readiness
from collab.suggestions import Suggestions
from collab.way_back import WayBack
from storage.administered import Audited
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    ambient: Ambient
    store: Store
    people: Audited
    documents: Documents
    rooms: RoomsToRead
    tokens: Tokens
    bans: Bans
    guests: Guests
    departure: Departure
    forgetting: Forgetting
    device_links: DeviceLinks
    members: Members
    invites: Invites
    past: Past
    way_back: WayBack
    suggestions: Suggestions
    limits: RateLimits
    admission: Admission
    origins: Origins
    metrics: Metrics
    readiness: Readiness
    jams: Jams
    player: Player
    jam_doors: JamDoors
    # None: there is no music here.
    library: Library | None


def build_services(
    settings: Settings,
    store: Store,
    people: Audited,
    documents: Documents,
    rooms: RoomsToRead,
    jam_rooms: JamRooms,
    tokens: Tokens,
    bans: Bans,
    metrics: Metrics,
    readiness: Readiness,
    ambient: Ambient,
    library: Library | None = None,
) -> Services:
    """Makes what depends only on the arguments. Starts nothing."""
    members = Members(store, people, documents)
    past = Past(store, ambient)
    forgetting = Forgetting(store, people, ambient)
    guests = Guests(people, tokens, ambient)
    songs = no_songs if library is None else library.songs
    jams = Jams(jam_rooms, store, documents, ambient, settings.jam_times_divided_by)
    return Services(
        settings=settings,
        ambient=ambient,
        store=store,
        people=people,
        documents=documents,
        rooms=rooms,
        tokens=tokens,
        bans=bans,
        guests=guests,
        departure=Departure(store, people, jams, bans, rooms, forgetting, ambient),
        forgetting=forgetting,
        device_links=DeviceLinks(people, guests, ambient),
        members=members,
        invites=Invites(store, members, ambient),
        past=past,
        way_back=WayBack(past, documents),
        suggestions=Suggestions(store, ambient),
        limits=RateLimits(settings.limits),
        admission=Admission(metrics),
        origins=own_origins(settings),
        metrics=metrics,
        readiness=readiness,
        jams=jams,
        player=Player(jams, PlayerJams(jams, store), documents, ambient, songs),
        jam_doors=JamDoors(store, jams, ambient),
        library=library,
    )
