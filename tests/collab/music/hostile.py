"""Files that mean harm, or came to it: each with a part of the sentence that it deserves."""

import os
import socket
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from collab.music.walk import FILE_BYTES_MAX
from tests.collab.music.files import atom, mp4, picture, sound, tag_mp3, tag_vorbis, write

MIB = 1 << 20
NO_MUSIC, DAMAGED, CUT, BIDI, LONG = (
    "no sound",
    "damaged",
    "ends before",
    "turns the direction",
    "more than 1,000",
)
LINK, NAME, NO_FILE, PIECE, HOURS = (
    "symbolic link",
    "not UTF-8",
    "pipe, a socket or a device",
    "piece of",
    "lasts",
)


def id3(*frames: bytes, size: int | None = None) -> bytes:
    body = b"".join(frames)
    length = len(body) if size is None else size
    return b"ID3\x03\0\0" + bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


def frame(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack(">IH", len(body) if size is None else size, 0) + body


def flac(samples: int, rate: int = 48_000) -> bytes:
    """A FLAC header that claims so many samples, and then nothing."""
    info = bytes(10) + (rate << 44 | 1 << 41 | 15 << 36 | samples).to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80\0\0\x22" + info


def flac_block(kind: int, body: bytes) -> bytes:
    """A real FLAC file with one more block of metadata."""
    whole = sound("flac")
    return b"fLaC" + bytes([kind]) + len(body).to_bytes(3, "big") + body + whole[4:]


def comments(*texts: bytes, count: int | None = None) -> bytes:
    body = struct.pack("<II", 0, len(texts) if count is None else count)
    return body + b"".join(struct.pack("<I", len(text)) + text for text in texts)


def wav(data_bytes: int, body: bytes = b"", rate: int = 48_000, more: bytes = b"") -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", 16) + form + more
    return b"RIFF" + struct.pack("<I", 2**32 - 1) + chunks + b"data" + struct.pack("<I", data_bytes) + body


def nested(names: bytes, body: bytes) -> bytes:
    """A tag of an MP4 file, where tags stand."""
    for name in reversed(names.split()):
        body = atom(name, body)
    return atom(b"moov", atom(b"udta", atom(b"meta", bytes(4), atom(b"ilst", body))))


def deep_atoms(depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        body = atom(b"moov", body)
    return M4A + body


M4A = atom(b"ftyp", b"M4A ")
# Time scale and length, as `mp4` writes them for a second.
MS_1000 = struct.pack(">II", 1000, 1000)


# Contents, by name.
CONTENTS: dict[str, tuple[Callable[[], bytes], str]] = {
    # no audio
    "empty.mp3": (bytes, "empty"),
    "text.mp3": (lambda: b"This is not music.\n" * 500, NO_MUSIC),
    "zeros.mp3": (lambda: bytes(4 * MIB), NO_MUSIC),
    "ones.mp3": (lambda: b"\xff" * MIB, NO_MUSIC),
    "picture.mp3": (lambda: picture() * 20, NO_MUSIC),
    "page.flac": (lambda: b"<!doctype html><script>alert(1)</script>", NO_MUSIC),
    "elf.wav": (lambda: b"\x7fELF" + bytes(range(256)) * 200, NO_MUSIC),
    "one byte.ogg": (lambda: b"O", NO_MUSIC),
    "only tags.mp3": (lambda: id3(frame(b"TIT2", b"\0Ghost")), NO_MUSIC),
    "playlist.m4a": (lambda: b"#EXTM3U\nhttp://127.0.0.1/\n", NO_MUSIC),
    "windows media.mp3": (
        lambda: bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(13) + b"\x02" + bytes(99), NO_MUSIC,
    ),
    "video.m4a": (lambda: atom(b"ftyp", b"isom") + atom(b"moov", atom(b"trak")) + bytes(999), NO_MUSIC),
    "nothing in it.wav": (lambda: wav(0), "no sound"),
    "nothing in it.flac": (lambda: flac(0), "no sound"),
    # cut off
    "cut.wav": (lambda: sound("wav", 10)[:200_000], CUT),
    "cut header.wav": (lambda: sound("wav")[:30], DAMAGED),
    "cut.flac": (lambda: sound("flac", 60)[:200], CUT),
    "cut header.flac": (lambda: sound("flac")[:20], DAMAGED),
    "cut.m4a": (lambda: mp4(100)[:100_000], CUT),
    "cut header.m4a": (lambda: mp4(1)[:100], NO_MUSIC),
    "cut header.ogg": (lambda: sound("ogg")[:40], DAMAGED),
    "cut.opus": (lambda: sound("opus")[:60], "no sound"),
    "cut tags.mp3": (lambda: id3(frame(b"TIT2", b"\0A"), size=200 * MIB), NO_MUSIC),
    # durations
    "billion.flac": (lambda: flac(2**36 - 1, rate=68), HOURS),
    "billion.m4a": (lambda: mp4(1).replace(MS_1000, struct.pack(">II", 1, 10**9), 1), HOURS),
    "week.flac": (lambda: flac(2**36 - 1, rate=100_000), HOURS),
    "a day of nothing.flac": (lambda: flac(86_000 * 48_000), CUT),
    "slow.wav": (lambda: wav(2**32 - 2, bytes(999), rate=1), HOURS),
    # sizes that are claims
    "frame of 2 GiB.mp3": (lambda: id3(frame(b"TIT2", b"\0A", size=2**31), size=2**28 - 1), NO_MUSIC),
    "comment of 4 GiB.flac": (lambda: flac_block(4, struct.pack("<I", 2**32 - 1)), DAMAGED),
    "4 billion comments.flac": (lambda: flac_block(4, comments(b"TITLE=A", count=2**32 - 1)), PIECE),
    "list of 4 GiB.wav": (lambda: wav(99, more=b"LIST" + struct.pack("<I", 2**32 - 2)), PIECE),
    "atom of 2^63.m4a": (lambda: M4A + b"\0\0\0\1moov" + struct.pack(">Q", 2**63), NO_MUSIC),
    "100 MB picture.mp3": (
        lambda: id3(frame(b"APIC", b"\0image/jpeg\0\3\0" + bytes(100_000_000))) + sound("mp3"), PIECE,
    ),
    "100 MB picture.m4a": (lambda: M4A + nested(b"covr data", bytes(100_000_000)), PIECE),
    "20 pictures.mp3": (
        lambda: id3(*[frame(b"APIC", b"\0image/jpeg\0\3\0" + bytes(10 * MIB))] * 20) + sound("mp3"),
        "longer than the 64",
    ),
    "deep.m4a": (lambda: deep_atoms(20_000), NO_MUSIC),
    # texts
    "long title.flac": (lambda: flac_block(4, comments(b"TITLE=" + b"a" * 5_000)), LONG),
    "10 MB title.flac": (lambda: flac_block(4, comments(b"TITLE=" + b"a" * 10_000_000)), LONG),
    "many long artists.flac": (
        lambda: flac_block(4, comments(*(b"ARTIST=%d" % n + b"a" * 900 for n in range(10)))), "2,048 bytes",
    ),
    "turned title.flac": (lambda: flac_block(4, comments("TITLE=\u202egnp.3pm".encode())), BIDI),
    "turned artist.flac": (lambda: flac_block(4, comments("ARTIST=A\u2066B".encode())), BIDI),
    "turned album.flac": (lambda: flac_block(4, comments("ALBUM=\u202dA".encode())), BIDI),
    "turned \u202e name.flac": (lambda: sound("flac"), BIDI),
}  # fmt: skip


def write_contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Writes those above; gives each name and its sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content, why) in CONTENTS.items():
        (folder / name).write_bytes(content())
        yield name, why


def write_tagged(folder: Path) -> Iterator[tuple[str, str]]:
    """Files that are sound but for what a tag program wrote into them."""
    tag_mp3(write(folder / "turned title.mp3"), {"TIT2": "\u202egnp.3pm"})
    yield "turned title.mp3", BIDI
    tag_vorbis(write(folder / "turned title.ogg"), {"title": "\u2067x"})
    yield "turned title.ogg", BIDI
    tag_mp3(write(folder / "long title.mp3"), {"TIT2": "a" * 100_000})
    yield "long title.mp3", LONG
    tag_vorbis(write(folder / "long title.opus"), {"title": "a" * 100_000})
    yield "long title.opus", LONG


def write_entries(folder: Path, outside: Path) -> Iterator[tuple[str, str]]:
    """What stands in a folder under a file's name and is something else."""
    folder.mkdir(parents=True, exist_ok=True)
    outside.mkdir(parents=True, exist_ok=True)
    write(outside / "secret.mp3")
    for name, target in (
        ("out.mp3", outside / "secret.mp3"),
        ("up.mp3", Path("..") / ".." / outside.name / "secret.mp3"),
        ("out", outside),
        ("loop", folder),
        ("self.mp3", folder / "self.mp3"),
        ("dangling.mp3", folder / "nowhere.mp3"),
        ("passwords.mp3", Path("/etc/passwd")),
        ("zero.mp3", Path("/dev/zero")),
    ):
        (folder / name).symlink_to(target)
        yield name, LINK
    os.mkfifo(folder / "pipe.mp3")
    yield "pipe.mp3", NO_FILE
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.mp3"))
    yield "socket.mp3", NO_FILE
    with suppress(PermissionError):
        os.mknod(folder / "device.mp3", stat.S_IFCHR | 0o600, os.makedev(1, 5))
        yield "device.mp3", NO_FILE
    with (folder / "large.wav").open("wb") as sparse:
        sparse.truncate(FILE_BYTES_MAX + 1)
    yield "large.wav", "larger than 4 GiB"
    for raw in (b"caf\xe9.mp3", b"\xff\xfe.flac", b"album \xf0\x28"):
        if raw.startswith(b"album"):
            os.mkdir(os.fsencode(folder) + b"/" + raw)
        else:
            with open(os.fsencode(folder) + b"/" + raw, "wb") as file:
                file.write(sound("mp3"))
        yield raw.decode("utf-8", "backslashreplace").replace("\\x", "\\udc"), NAME
    deep = folder
    for _ in range(12):
        deep = deep / ("d" * 200)
        deep.mkdir()
    far = f"{deep.relative_to(folder)}/" + "é" * 100 + ".mp3"
    write(deep.parent / "fine.mp3")
    (folder / far).write_bytes(sound("mp3"))
    yield far, "too long"
