"""An example of each body that a request may have; a test reads every one as the server would."""

from typing import Any, Final

from msgspec import Struct

from collab.http_history import RestoreBody, TakeBackBody
from collab.http_items import GoneItems, NewItems, OtherItems
from collab.http_jam_doors import JamInviteBody, JoinBody
from collab.http_jams import CommandBody, NewJam, SaveBody
from collab.http_members import AcceptBody, InviteBody, RoleBody
from collab.http_people import DeleteBody, LinkBody, NameBody, RefreshBody
from collab.http_player import PlayBody, TransferBody
from collab.http_playlists import Details

# The key under which an example of a refusal stands.
REFUSED: Final = "refused"

_ADA: Final = "4mXk0a9Vb2Qz7RtYpLwNcE"
_FRIDAY: Final = "2Bq7sJd0WmXy5TzLrKfPvA"
_SECRET: Final = "6Hc1nEw8UgQk3RbMoZxYtD"

EXAMPLES: Final[dict[type[Struct], dict[str, Any]]] = {
    DeleteBody: {"confirm": "4uLU6hMCjMI75M1A2tKUQC"},
    NameBody: {"name": "Ada"},
    LinkBody: {"code": "K7QX-2MBD"},
    RefreshBody: {"refresh_token": _SECRET * 3},
    Details: {"name": "Friday", "description": "For the evening.", "public": False, "collaborative": True},
    NewItems: {"uris": [f"spotify:track:{_FRIDAY}"], "position": 0},
    OtherItems: {"range_start": 4, "range_length": 2, "insert_before": 0, "snapshot_id": f"{_ADA}.12"},
    GoneItems: {"items": [{"uri": f"spotify:track:{_FRIDAY}"}], "snapshot_id": f"{_ADA}.12"},
    RoleBody: {"role": "editor"},
    InviteBody: {"role": "editor", "expires_in_s": 86_400},
    AcceptBody: {"secret": _SECRET},
    RestoreBody: {"version": 12},
    TakeBackBody: {"user": _ADA, "since": 12},
    JoinBody: {"code": "K7QX-2MBD"},
    JamInviteBody: {"role": "guest", "expires_in_s": 3_600},
    NewJam: {"name": "Friday", "mode": "votes", "settings": {"approval": True}, "playlist": _FRIDAY},
    CommandBody: {
        "command": {
            "do": "add",
            "track": {"track": f"tutti:track:{_FRIDAY}", "title": "Teardrop", "duration_ms": 330_000},
        }
    },
    PlayBody: {"context_uri": f"spotify:playlist:{_FRIDAY}", "offset": {"position": 2}, "position_ms": 0},
    TransferBody: {"device_ids": [_FRIDAY], "play": True},
    SaveBody: {"name": "What we heard on Friday"},
}
