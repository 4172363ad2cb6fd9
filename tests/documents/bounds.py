"""How long, how many, how large: the types that the documented shapes are made of.

Each bound is the constant that the code itself checks; where the code counts bytes, as many characters are
at most as many. Nothing here is chosen for the documents.
"""

from typing import Annotated, Any, Final

from msgspec import Meta

from collab.auth import TOKEN_CHARS_MAX
from collab.codec import INTEGER_MAX, MAP_MAX
from collab.fields import DESCRIPTION_BYTES_MAX, NOTE_CHARS_MAX, TRACK_CHARS_MAX, UID_CHARS_MAX
from collab.header_guard import HeaderLimits
from collab.ids import ID_LENGTH
from collab.names import NAME_CODE_POINTS_MAX
from jam.codes import ALPHABET

URL_CHARS_MAX: Final = HeaderLimits().header_bytes_max
ID_PATTERN: Final = f"^[0-9A-Za-z]{{{ID_LENGTH}}}$"

Id = Annotated[
    str,
    Meta(
        pattern=ID_PATTERN,
        min_length=ID_LENGTH,
        max_length=ID_LENGTH,
        description="22 base62 characters.",
        examples=["4mXk0a9Vb2Qz7RtYpLwNcE"],
    ),
]
Count = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
Milliseconds = Annotated[int, Meta(ge=0, le=INTEGER_MAX, description="Milliseconds since 1970.")]
Length = Annotated[int, Meta(ge=0, le=INTEGER_MAX, description="ms.")]
Microseconds = Annotated[int, Meta(ge=0, le=INTEGER_MAX, description="µs.")]

# A URL of ours is made of what came in a request's header: its host, and what was asked.
Url = Annotated[str, Meta(max_length=URL_CHARS_MAX, description="Absolute.")]
Uri = Annotated[
    str,
    Meta(
        max_length=TRACK_CHARS_MAX, description="Such as `spotify:track:…`, 22 base62 characters at its end."
    ),
]
PersonName = Annotated[str, Meta(max_length=NAME_CODE_POINTS_MAX)]
Text = Annotated[str, Meta(max_length=DESCRIPTION_BYTES_MAX)]
Note = Annotated[str, Meta(max_length=NOTE_CHARS_MAX)]
Uid = Annotated[
    str, Meta(min_length=1, max_length=UID_CHARS_MAX, description="A client id, a dot and a number.")
]
Token = Annotated[str, Meta(max_length=TOKEN_CHARS_MAX)]
# An id's length, a dot, and a version.
SnapshotId = Annotated[
    str,
    Meta(
        max_length=ID_LENGTH + 1 + len(str(INTEGER_MAX)),
        pattern=r"^[^.]+\.[0-9]+$",
        description="Names this version for ever: epoch, dot, version.",
    ),
]
# Eight symbols with a dash in their middle.
ShownCode = Annotated[
    str,
    Meta(
        pattern=f"^[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$",
        max_length=9,
        description="As it is read aloud, such as `K7QX-2MBD`.",
    ),
]
# A flat map, as on the wire: PROTOCOL.md section 5.
Fields = Annotated[dict[str, Any], Meta(max_length=MAP_MAX)]
