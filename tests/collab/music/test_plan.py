"""What a look at the folder means: the catalogue as it should be, whatever happened to the files."""

from hypothesis import given
from hypothesis import strategies as st

from collab.music.library import id_of_path
from collab.music.plan import Comparison, Plan
from collab.music.walk import File
from storage.catalogue import KnownFile

Looks = tuple[int, int]


def known(**files: tuple[str, Looks]) -> dict[str, KnownFile]:
    """Rows by path: id, and how the file looked."""
    return {path: KnownFile(id, *looks) for path, (id, looks) in files.items()}


def plan(rows: dict[str, KnownFile], files: dict[str, Looks], blind: tuple[str, ...] = ()) -> Plan:
    comparison = Comparison(rows)
    comparison.see(File(path, *looks) for path, looks in files.items())
    return comparison.plan(blind)


def ids(pairs: list[tuple[File, str]]) -> dict[str, str]:
    return {file.path: id for file, id in pairs}


ONE, TWO, THREE = (1, 10), (2, 20), (3, 30)


def test_nothing_to_do_where_nothing_changed() -> None:
    assert plan(known(a=("A", ONE), b=("B", TWO)), {"a": ONE, "b": TWO}) == Plan()


def test_a_new_file_is_called_by_its_path() -> None:
    assert plan({}, {"a": ONE}) == Plan(to_read=[(File("a", *ONE), id_of_path("a"))])


def test_a_changed_file_keeps_its_id() -> None:
    assert plan(known(a=("A", ONE)), {"a": TWO}) == Plan(to_read=[(File("a", *TWO), "A")])


def test_a_file_that_is_gone_goes() -> None:
    assert plan(known(a=("A", ONE), b=("B", TWO)), {"b": TWO}) == Plan(gone=["A"])


def test_a_file_that_moved_keeps_its_id_and_is_read_again() -> None:
    moved = (File("new/a", *ONE), "A")
    assert plan(known(a=("A", ONE)), {"new/a": ONE}) == Plan(to_read=[moved], moved=[moved])


def test_of_files_that_look_alike_names_decide() -> None:
    rows = {"x/one": KnownFile("1", *ONE), "x/two": KnownFile("2", *ONE)}
    assert ids(plan(rows, {"y/one": ONE, "y/two": ONE}).moved) == {"y/one": "1", "y/two": "2"}
    assert ids(plan(rows, {"y/two": ONE, "y/one": ONE}).moved) == {"y/one": "1", "y/two": "2"}


def test_files_that_change_places_keep_their_ids() -> None:
    found = plan(known(a=("A", ONE), b=("B", TWO)), {"a": TWO, "b": ONE})
    assert ids(found.moved) == {"a": "B", "b": "A"}
    assert not found.gone


def test_a_row_of_moves() -> None:
    found = plan(known(a=("A", ONE), b=("B", TWO)), {"b": ONE, "c": TWO})
    assert ids(found.moved) == {"b": "A", "c": "B"}
    assert not found.gone


def test_a_file_where_one_moved_away_from_gets_another_id() -> None:
    old = id_of_path("a")
    found = plan({"b": KnownFile(old, *ONE)}, {"b": ONE, "a": TWO})
    [(_, new)] = found.to_read
    assert new == id_of_path(old) != old
    # And any node finds the same, also when it is not the first such file.
    rows = {"b": KnownFile(old, *ONE), "c": KnownFile(new, *TWO)}
    assert ids(plan(rows, {"a": THREE, "b": ONE, "c": TWO}).to_read) == {"a": id_of_path(new)}


def test_an_empty_folder_takes_nothing_away() -> None:
    rows = known(a=("A", ONE))
    comparison = Comparison(rows)
    assert comparison.would_empty
    assert comparison.plan() == Plan()
    assert not Comparison({}).would_empty


def test_what_lies_where_nobody_could_look_stays() -> None:
    rows = {path: KnownFile(path, *ONE) for path in ("a/b/c", "a/bc", "d")}
    assert plan(rows, {"x": TWO}, ("a/b",)).gone == ["a/bc", "d"]
    assert plan(rows, {"x": TWO}, ("d",)).gone == ["a/b/c", "a/bc"]
    assert plan(rows, {"x": TWO}, ("",)).gone == []


def test_a_file_of_a_blind_folder_is_not_taken_for_one_that_moved() -> None:
    found = plan(known(a=("A", ONE)), {"b": ONE}, ("a",))
    assert ids(found.to_read) == {"b": id_of_path("b")}
    assert not found.moved


PATHS = st.sampled_from([f"{folder}{name}" for folder in ("", "x/", "y/") for name in "abcd"])
LOOKS = st.tuples(st.integers(1, 3), st.integers(1, 3))
FOLDERS = st.dictionaries(PATHS, LOOKS, max_size=8)


@given(st.lists(FOLDERS, min_size=1, max_size=6))
def test_the_catalogue_follows_the_folder(history: list[dict[str, Looks]]) -> None:
    """Row by row what is done to it makes the catalogue the folder, with every id once."""
    rows: dict[str, KnownFile] = {}
    for files in history:
        found = plan(rows, files)
        by_id = {row.id: path for path, row in rows.items()}
        assert set(ids(found.to_read)) == {
            path
            for path, looks in files.items()
            if path not in rows or rows[path] != KnownFile(rows[path].id, *looks)
        }
        assert all(pair in found.to_read for pair in found.moved)
        assert all(id in by_id for id in found.gone)
        for id in found.gone:
            del by_id[id]
        for file, id in found.to_read:
            by_id[id] = file.path
        assert len(set(by_id.values())) == len(by_id), "a path has one row"
        if not files:
            assert len(by_id) == len(rows)
            continue
        assert set(by_id.values()) == set(files)
        rows = {path: KnownFile(id, *files[path]) for id, path in by_id.items()}
        assert plan(rows, files) == Plan()
