# mypy: disable-error-code="no-untyped-call"
"""Files of music, made here: a tone in each format, with tags where they are wanted."""

import base64
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import soundfile
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from PIL import Image

FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
RATE = 48_000
RECORDING = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
ISRC = "USRC17607839"


@cache
def sound(suffix: str, seconds: float = 1.0, pitch: float = 440.0) -> bytes:
    """A whole file without tags."""
    if suffix == "m4a":
        return mp4(seconds)
    time = np.arange(int(RATE * seconds)) / RATE
    out = BytesIO()
    container, codec = FORMATS[suffix]
    soundfile.write(out, 0.2 * np.sin(2 * np.pi * pitch * time), RATE, format=container, subtype=codec)
    return out.getvalue()


def write(path: Path, seconds: float = 1.0, pitch: float = 440.0) -> Path:
    """A tone in the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound(path.suffix[1:], seconds, pitch))
    return path


@cache
def picture(color: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (32, 32), color).save(out, "JPEG")
    return out.getvalue()


def tag_mp3(
    path: Path, texts: Mapping[str, Sequence[str]], pictures: Sequence[tuple[int, str, bytes]] = ()
) -> Path:
    """Text frames by name, and pictures (kind, MIME type, bytes)."""
    tags = id3.ID3()
    add_id3(tags, texts, pictures)
    tags.save(path)
    return path


def add_id3(
    tags: Any, texts: Mapping[str, Sequence[str]], pictures: Sequence[tuple[int, str, bytes]] = ()
) -> None:
    for name, text in texts.items():
        tags.add(id3.Frames[name](encoding=3, text=text))
    for kind, mime, data in pictures:
        tags.add(id3.APIC(encoding=3, mime=mime, type=kind, desc="", data=data))


def tag_vorbis(path: Path, comments: Mapping[str, Sequence[str]]) -> Path:
    file = mutagen.File(path)
    for name, value in comments.items():
        file[name] = value
    file.save()
    return path


def whole_album(folder: Path) -> dict[str, Path]:
    """One file a format, each with every tag that its format has."""
    files = {suffix: write(folder / f"{suffix}.{suffix}") for suffix in (*FORMATS, "m4a")}
    texts = {
        "TIT2": "Ångström",
        "TPE1": ["Ada", "Grace"],
        "TALB": "Units",
        "TSRC": "us-rc1-76-07839",
        "TBPM": "128.5",
        "TKEY": "F#m",
    }
    for suffix in ("mp3", "wav"):
        file = mutagen.File(files[suffix])
        file.add_tags()
        add_id3(file.tags, texts, [(3, "image/jpeg", picture())])
        file.tags.add(id3.UFID(owner="http://musicbrainz.org", data=RECORDING.encode()))
        release = "00000000-0000-4000-8000-000000000000"
        file.tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Release Track Id", text=release))
        file.save()
    cover = Picture()
    cover.type, cover.mime, cover.data = 3, "image/jpeg", picture()
    comments = {
        "title": "Ångström",
        "artist": ["Ada", "Grace"],
        "album": "Units",
        "isrc": ISRC,
        "bpm": "128,5",
        "initialkey": "11A",
        "musicbrainz_trackid": RECORDING.upper(),
    }
    flac = FLAC(files["flac"])
    flac.update(comments)
    flac.add_picture(cover)
    flac.save()
    for suffix in ("ogg", "opus"):
        tag_vorbis(
            files[suffix], comments | {"metadata_block_picture": base64.b64encode(cover.write()).decode()}
        )
    m4a = MP4(files["m4a"])
    m4a["\xa9nam"], m4a["\xa9ART"], m4a["\xa9alb"], m4a["tmpo"] = (
        ["Ångström"],
        ["Ada", "Grace"],
        ["Units"],
        [128],
    )
    for name, text in (("ISRC", ISRC), ("initialkey", "4m"), ("MusicBrainz Track Id", RECORDING)):
        m4a[f"----:com.apple.iTunes:{name}"] = MP4FreeForm(text.encode())
    m4a["covr"] = [MP4Cover(picture(), MP4Cover.FORMAT_JPEG)]
    m4a.save()
    return files


# -- what no library here writes ---------------------------------------------------------------------------


def atom(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name) + body


def mp4(seconds: float, sound_bytes: int | None = None) -> bytes:
    """An MP4 file whose header is right, and whose sound is silence that nobody decodes."""
    scale = 1000
    header = struct.pack(">IIIII", 0, 0, 0, scale, int(seconds * scale)) + bytes(80)
    decoder = b"\x05\x80\x80\x80\x02\x12\x10"
    config = b"\x04\x80\x80\x80" + bytes([13 + len(decoder)]) + b"\x40\x15" + bytes(3)
    config += struct.pack(">II", 128_000, 128_000) + decoder
    es = b"\x03\x80\x80\x80" + bytes([3 + len(config)]) + bytes(3) + config
    mp4a = bytes(6) + struct.pack(">H", 1) + bytes(8) + struct.pack(">HHHHI", 2, 16, 0, 0, RATE << 16)
    entry = atom(b"mp4a", mp4a, atom(b"esds", bytes(4), es))
    table = atom(b"stbl", atom(b"stsd", struct.pack(">II", 0, 1), entry))
    lasts = atom(b"mdhd", struct.pack(">IIIII", 0, 0, 0, scale, int(seconds * scale)), bytes(4))
    media = atom(b"mdia", lasts, atom(b"hdlr", bytes(8), b"soun", bytes(13)), atom(b"minf", table))
    moov = atom(b"moov", atom(b"mvhd", header), atom(b"trak", media))
    start = atom(b"ftyp", b"M4A \0\0\0\0M4A isom")
    body = bytes(int(seconds * 16_000) if sound_bytes is None else sound_bytes)
    return start + moov + atom(b"mdat", body)
