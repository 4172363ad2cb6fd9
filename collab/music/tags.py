"""What a file of music says about itself.

From an open file to a title, artists and the rest, as the catalogue wants them, or a sentence why not. Files
come from strangers: every size, number and text in them is a claim. This runs in a process of its own
(`reader_process`), because a parser that a hostile file keeps busy can only be ended with it. Knows tags.
Does not know paths, ids or the catalogue.
"""

import errno
import hashlib
import math
import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from msgspec import Struct
from tinytag import ParseError, TinyTag, UnsupportedFormatError

from collab.errors import TuttiError
from collab.fields import ARTISTS_MAX, DESCRIPTION_BYTES_MAX
from collab.music.bounded_file import BoundedFile, TooMuch
from collab.music.keys import camelot
from collab.music.soundness import is_cut_off, is_mpeg_audio
from collab.music.text import UnfitText, clean
from jam.smooth import is_tempo

T = TypeVar("T")

# A day and a night: longer mixes exist, but nobody hears them in a Jam.
DURATION_S_MAX: Final = 24 * 3600
# 128 bits: a picture's address is its hash, and cannot be guessed.
ARTWORK_HEX: Final = 32
# What browsers play, by what the file itself says. The parameter tells them which codec they need.
_MEDIA_TYPES: Final = ("audio/mpeg", "audio/flac", "audio/ogg", "audio/mp4", "audio/wav")
_WITH_CODEC: Final = ("audio/ogg", "audio/mp4")
_NO_MUSIC: Final = "It holds no sound that can be played; convert it to mp3, flac, ogg, opus, m4a or wav."
_CUT_OFF: Final = "It ends before its sound does; copy it anew."
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")

_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Vorbis comments and ID3 name the recording "track id"; in ID3 it follows the name of its owner.
_RECORDING_TAGS: Final = ("musicbrainz_trackid", "musicbrainz track id", "musicbrainz_recordingid", "ufid")


class Tags(Struct, frozen=True):
    """As in `storage.catalogue.TrackRow`."""

    title: str
    artists: tuple[str, ...]
    album: str
    duration_ms: int
    isrc: str
    recording_id: str
    tempo: int | None
    key: str
    media_type: str
    artwork: str


class Unfit(TuttiError):
    """This file is no track. The message is for the operator: why, and what to do."""


class Unreadable(Unfit):
    """It may be one, but cannot be read now."""


def read_tags(file: BoundedFile, name: str) -> Tags:
    """`name` is the file's own, without its ending, for a title where it has none. Raises Unfit, and OSError
    if the file cannot be read."""
    tag = _parsed(file)
    media_type = _media_type(tag, file)
    duration_ms = _duration_ms(tag)
    if is_cut_off(file, media_type.partition(";")[0], duration_ms / 1000, tag.bitrate):
        raise Unfit(_CUT_OFF)
    title = _text("title", tag.title or "") or _text("name", name) or "?"
    artists = tuple(_artists(tag))
    album = _text("album", tag.album or "")
    isrc = _first(_isrc, tag.other.get("isrc", ())) or ""
    if len("".join((title, *artists, album, isrc)).encode()) > DESCRIPTION_BYTES_MAX:
        raise Unfit(
            f"Its title, artists and album are longer than {DESCRIPTION_BYTES_MAX:,} bytes; shorten its tags."
        )
    return Tags(
        title=title,
        artists=artists,
        album=album,
        duration_ms=duration_ms,
        isrc=isrc,
        recording_id=_first(_uuid, (text for name in _RECORDING_TAGS for text in tag.other.get(name, ())))
        or "",
        tempo=_first(_tempo, tag.other.get("bpm", ())),
        key=_first(_key, tag.other.get("initial_key", ())) or "",
        media_type=media_type,
        artwork=artwork_of(picture_in(tag)),
    )


def read_picture(file: BoundedFile) -> bytes | None:
    """The embedded picture, as it stands there; None: there is none. Raises Unfit, or OSError."""
    return picture_in(_parsed(file))


def artwork_of(picture: bytes | None) -> str:
    """What a picture is called: "" for none."""
    return "" if picture is None else hashlib.sha256(picture).hexdigest()[:ARTWORK_HEX]


def picture_in(tag: TinyTag) -> bytes | None:
    found = tag.images.front_cover or tag.images.any
    return found.data if found is not None and found.data.startswith(_PICTURES) else None


# -- the file itself -------------------------------------------------------------------------------------


def _parsed(file: BoundedFile) -> TinyTag:
    for with_pictures in (True, False):
        file.renew()
        try:
            return TinyTag.get(file_obj=file, image=with_pictures)
        except UnsupportedFormatError:
            raise Unfit(_NO_MUSIC) from None
        except ParseError as error:
            match error.__cause__:
                case TooMuch() as too_much:
                    raise Unfit(f"Its tags {too_much}; make its picture smaller.") from None
                case OSError() as cause if cause.errno != errno.EINVAL:
                    raise cause from None  # the disk's; a size below 0 is the file's
                case _ if not with_pictures:
                    raise Unfit("Its tags or its header are damaged; write them anew.") from None
        except TooMuch:
            raise Unfit(_NO_MUSIC) from None
    raise AssertionError("the second attempt returns or raises")


def _media_type(tag: TinyTag, file: BoundedFile) -> str:
    whole = tag.mime_type or ""
    media_type = whole.partition(";")[0]
    is_music = media_type in _MEDIA_TYPES and tag.channels and tag.samplerate and "speex" not in whole
    if not is_music:
        raise Unfit(_NO_MUSIC)
    if media_type == "audio/mpeg":
        file.renew()
        try:
            if not is_mpeg_audio(file):
                raise Unfit(_NO_MUSIC)
        except TooMuch:
            raise Unfit(_NO_MUSIC) from None
    return whole if media_type in _WITH_CODEC else media_type


def _duration_ms(tag: TinyTag) -> int:
    duration_s = tag.duration or 0.0
    if not math.isfinite(duration_s) or duration_s > DURATION_S_MAX:
        raise Unfit(
            f"It says that it lasts {duration_s / 3600:,.0f} h, and a track lasts at most "
            f"{DURATION_S_MAX // 3600} h; cut it, or encode it anew if that is not so."
        )
    duration_ms = round(duration_s * 1000)
    if duration_ms <= 0:
        raise Unfit("It holds no sound, or ends before it begins; copy it anew.")
    return duration_ms


# -- what the tags say -----------------------------------------------------------------------------------


def _text(what: str, text: str) -> str:
    try:
        return clean(text)
    except UnfitText as error:
        raise Unfit(f"Its {what} {error}; correct {'it' if what == 'name' else 'its tags'}.") from None


def _artists(tag: TinyTag) -> list[str]:
    found = [tag.artist or "", *tag.other.get("artist", ())]
    if not any(found):
        found = [tag.albumartist or "", *tag.other.get("albumartist", ())]
    artists = list(dict.fromkeys(filter(None, (_text("artist", artist) for artist in found[:ARTISTS_MAX]))))
    # Some programs write all in one tag as they are credited, and each in another.
    if len(artists) > 2 and all(artist in artists[0] for artist in artists):
        del artists[0]
    return artists


def _first(read: Callable[[str], T | None], texts: Iterable[str]) -> T | None:
    """Of a tag that may stand there several times, the first that can be read."""
    return next((value for value in map(read, texts) if value is not None), None)


def _isrc(text: str) -> str | None:
    isrc = re.sub(r"[\s-]", "", text[:50]).upper()
    return isrc if _ISRC.fullmatch(isrc) else None


def _uuid(text: str) -> str | None:
    found = _UUID.search(text[-100:].lower())
    return found[0] if found else None


def _tempo(text: str) -> int | None:
    try:
        beats = float(text[:20].strip().replace(",", "."))
    except ValueError:
        return None
    tempo = round(beats * 100) if math.isfinite(beats) else 0
    return tempo if is_tempo(tempo) else None


def _key(text: str) -> str | None:
    return camelot(text[:50]) or None
