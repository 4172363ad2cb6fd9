"""A piece as a file: Ogg Vorbis with the tags and the cover that any music has.

So the catalogue reads it like anybody's music. A tag of its own says which edition of the piece it is;
where score, sound or cover were changed since, there is another. Knows the bytes of one file. Does not know
where it lies.
"""

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Final

import soundfile
from mutagen import MutagenError
from mutagen.flac import Picture
from mutagen.id3 import PictureType
from mutagen.oggvorbis import OggVorbis

from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.cover import SIZE, cover
from collab.music.pieces.mix import mixed_down
from collab.music.pieces.score import Score
from collab.music.pieces.wave import RATE, Samples, count

# To be raised when the same score sounds, or its cover looks, different.
SOUND: Final = 1
ALBUM: Final = "Music for an Empty Shelf"
SUFFIX: Final = ".ogg"
_EDITION_TAG: Final = "TUTTI_EDITION"
# From 0 (best) to 1: some 65 kbit/s of mono, where it begins to be transparent.
_COMPRESSION: Final = 0.6
# libsndfile's Vorbis overruns its stack when it is given a whole piece at once.
_CHUNK: Final = count(0.5)


def edition_of(score: Score) -> str:
    return f"{score.digest()}-{SOUND}"


def edition_in(file: Path) -> str | None:
    """Of the file at a path; None if it is none of ours, or damaged. Raises OSError if it cannot be read."""
    try:
        found = OggVorbis(file).get(_EDITION_TAG)
    except MutagenError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        return None
    return str(found[0]) if found else None


def file_of(score: Score) -> bytes:
    """The whole file. Takes seconds."""
    file = BytesIO(_encoded(mixed_down(score)))
    tags = OggVorbis(file)
    tags["TITLE"] = score.title
    tags["ARTIST"] = score.artist
    tags["ALBUM"] = ALBUM
    tags["GENRE"] = score.genre
    tags["TRACKNUMBER"] = str([each().name for each in COMPOSITIONS].index(score.name) + 1)
    tags["BPM"] = f"{score.tempo / 100:g}"
    tags["INITIALKEY"] = score.key.name
    tags[_EDITION_TAG] = edition_of(score)
    tags["METADATA_BLOCK_PICTURE"] = b64encode(_picture(score).write()).decode()
    file.seek(0)
    tags.save(file)
    return file.getvalue()


def _encoded(sound: Samples) -> bytes:
    file = BytesIO()
    with soundfile.SoundFile(
        file, "w", RATE, 1, format="OGG", subtype="VORBIS", compression_level=_COMPRESSION
    ) as ogg:
        for at in range(0, len(sound), _CHUNK):
            ogg.write(sound[at : at + _CHUNK])
    return file.getvalue()


def _picture(score: Score) -> Picture:
    picture = Picture()
    picture.type = PictureType.COVER_FRONT
    picture.mime = "image/png"
    picture.width = picture.height = SIZE
    picture.depth = 24
    picture.data = cover(score.name)
    return picture
