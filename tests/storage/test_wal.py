"""SQLite itself is the judge here: what it can still read of a damaged log says what would be lost."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.wal import is_damaged

WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096
FRAME = FRAME_HEADER + PAGE


def live(folder: Path) -> sqlite3.Connection:
    """A database in use whose log is not checkpointed by itself."""
    connection = sqlite3.connect(folder / "live.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filling BLOB)")
    return connection


def insert(connection: sqlite3.Connection, pages: int) -> None:
    """One transaction with one row of about as many pages."""
    connection.execute("INSERT INTO t (filling) VALUES (randomblob(?))", (pages * PAGE,))


def crash(folder: Path, name: str) -> Path:
    """The files as a crash would leave them, under another name."""
    image = folder / f"{name}.db"
    shutil.copy(folder / "live.db", image)
    shutil.copy(folder / "live.db-wal", log_of(image))
    return image


def log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def flip(file: Path, offset: int) -> None:
    data = bytearray(file.read_bytes())
    data[offset] ^= 0x40
    file.write_bytes(data)


def rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        try:
            count: int = connection.execute("SELECT count(*) FROM t").fetchone()[0]
        except sqlite3.OperationalError:  # even the table's creation is lost
            return 0
        return count


def test_a_sound_log_is_trusted(tmp_path: Path) -> None:
    with closing(live(tmp_path)) as connection:
        assert not is_damaged(crash(tmp_path, "created"))
        for pages in (0, 3, 1, 2):
            insert(connection, pages)
        assert not is_damaged(crash(tmp_path, "grown"))
    assert not is_damaged(tmp_path / "live.db")
    assert not is_damaged(tmp_path / "absent.db")


def test_each_frame_damaged_in_turn(tmp_path: Path) -> None:
    transactions = 4
    with closing(live(tmp_path)) as connection:
        for _ in range(transactions):
            insert(connection, 2)
        sound = crash(tmp_path, "sound")
        frames = (log_of(sound).stat().st_size - WAL_HEADER) // FRAME
        assert frames > 2 * transactions
        verdicts = set()
        for frame in range(frames):
            for offset in (FRAME_HEADER + 100, FRAME_HEADER - 1, 3):  # in the page, the checksum, the number
                image = crash(tmp_path, "image")
                flip(log_of(image), WAL_HEADER + frame * FRAME + offset)
                verdict = is_damaged(image)
                lost = transactions - rows(image)
                assert lost >= 1
                assert verdict == (lost > 1), f"frame {frame}: {lost} transactions would be lost"
                verdicts.add(verdict)
        assert verdicts == {True, False}


def test_a_torn_end_is_what_a_power_cut_leaves(tmp_path: Path) -> None:
    with closing(live(tmp_path)) as connection:
        for _ in range(3):
            insert(connection, 2)
        image = crash(tmp_path, "torn")
    log = log_of(image)
    log.write_bytes(log.read_bytes()[: -PAGE // 2])
    assert not is_damaged(image)
    assert rows(image) == 2


def test_a_damaged_header_hides_everything(tmp_path: Path) -> None:
    with closing(live(tmp_path)) as connection:
        insert(connection, 1)
        insert(connection, 1)
        for offset in (0, 9, 24):
            image = crash(tmp_path, "image")
            flip(log_of(image), offset)
            assert is_damaged(image)


def test_frames_of_an_earlier_generation_do_not_count(tmp_path: Path) -> None:
    with closing(live(tmp_path)) as connection:
        for _ in range(5):
            insert(connection, 3)
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        insert(connection, 1)
        image = crash(tmp_path, "image")
        assert not is_damaged(image)
        assert rows(image) == 6


def test_what_a_recovery_wrote_over_does_not_count(tmp_path: Path) -> None:
    """A power cut tears a long transaction; after the restart a short one takes the place of its beginning,
    and the rest of it, commit mark included, stays behind with the same salts."""
    with closing(live(tmp_path)) as connection:
        insert(connection, 1)
        before = log_of(tmp_path / "live.db").stat().st_size
        insert(connection, 9)
        torn = crash(tmp_path, "torn")
    flip(log_of(torn), before + FRAME + FRAME_HEADER)
    with closing(sqlite3.connect(torn, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        insert(connection, 0)
        shutil.copy(torn, tmp_path / "live.db")
        shutil.copy(log_of(torn), log_of(tmp_path / "live.db"))
        image = crash(tmp_path, "image")
    assert log_of(image).stat().st_size > before + 5 * FRAME
    assert not is_damaged(image)
    assert rows(image) == 2
