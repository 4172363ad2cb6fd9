"""What a look at the folder means for the catalogue.

Compares the files that are there with those that were known, by path, size and time of change: which must be
read, which only moved, which are gone. A file that moved keeps its id, so that playlists and Jams still find
it; one that was changed in place does, too. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collab.music.library import id_of_path
from collab.music.walk import File
from storage.catalogue import KnownFile


@dataclass(slots=True)
class Plan:
    """`to_read`: files whose tags are not known, each with the id that it will have. `moved`: those of them
    whose row stands under another path; they come first, and are read again, because a file without a title
    is called by its name. `gone`: ids of rows without a file."""

    to_read: list[tuple[File, str]] = field(default_factory=list)
    moved: list[tuple[File, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class Comparison:
    """Takes the files of one look, page by page; then `plan`."""

    def __init__(self, known: Mapping[str, KnownFile]) -> None:
        self._known = known
        self._missing = dict(known)
        self._fresh: list[File] = []
        self.files = 0

    def see(self, files: Iterable[File]) -> None:
        for file in files:
            self.files += 1
            known = self._missing.pop(file.path, None)
            if known is None or (known.size_bytes, known.mtime_ns) != file[1:]:
                self._fresh.append(file)

    def plan(self, blind: Iterable[str] = ()) -> Plan:
        """`blind`: folders (or files) of which nothing is known; what lay there stays. "" is everything."""
        keep = tuple(blind)
        if "" in keep or not self.files:
            # An empty folder is a disk that is not mounted, more often than not.
            missing: dict[str, KnownFile] = {}
        else:
            below = tuple(f"{folder}/" for folder in keep)
            missing = {
                path: known
                for path, known in self._missing.items()
                if path not in keep and not path.startswith(below)
            }
        return _plan(self._fresh, self._known, missing)

    @property
    def would_empty(self) -> bool:
        """Nothing was found where something is known."""
        return bool(self._known) and not self.files


def _plan(fresh: list[File], known: Mapping[str, KnownFile], missing: Mapping[str, KnownFile]) -> Plan:
    plan = Plan()
    # Rows whose file is not there as it was: it moved, was changed, or is gone.
    homeless = {row.id: path for path, row in missing.items()}
    homeless |= {known[file.path].id: file.path for file in fresh if file.path in known}
    by_looks: dict[tuple[int, int], list[str]] = {}
    for id, path in homeless.items():
        by_looks.setdefault((known[path].size_bytes, known[path].mtime_ns), []).append(id)

    unnamed: list[File] = []
    for file in fresh:
        alike = by_looks.get((file.size_bytes, file.mtime_ns))
        if alike:
            id = _best(alike, file.path, homeless)
            alike.remove(id)
            del homeless[id]
            plan.moved.append((file, id))
            plan.to_read.append((file, id))
        else:
            unnamed.append(file)
    taken = {row.id for row in known.values()}
    for file in unnamed:
        row = known.get(file.path)
        if row is not None and row.id in homeless:
            del homeless[row.id]
            plan.to_read.append((file, row.id))
        else:
            id = _unused(file.path, taken)
            taken.add(id)
            plan.to_read.append((file, id))
    plan.gone.extend(homeless)
    return plan


def _best(alike: list[str], path: str, paths: Mapping[str, str]) -> str:
    """Of rows whose files were alike, the one whose file had the same name; else the first."""
    name = path.rpartition("/")[2]
    return next((id for id in alike if paths[id].rpartition("/")[2] == name), alike[0])


def _unused(path: str, taken: set[str]) -> str:
    """The path's id, or where a file that moved away from here has kept that, the next one of the series."""
    id = id_of_path(path)
    while id in taken:
        id = id_of_path(id)
    return id
