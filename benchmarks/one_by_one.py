"""The reference of `edit`: Tutti, but every op is a transaction of its own. Takes the same words as `tutti`.

A room commits one op at a time, and its commit goes to the store by itself and at once, beside those of other
rooms: on PostgreSQL as many at the same time as there are connections, on SQLite one after the other. All
else is the same program. Only for benchmarks.
"""

from collab import room
from collab.committer import Committer
from collab.main import main
from storage.rows import Commit


async def _commit_alone(committer: Committer, commit: Commit) -> bool:
    return (await committer._store.commit([commit]))[0]


if __name__ == "__main__":
    room.BATCH_MAX = 1
    Committer.commit = _commit_alone  # type: ignore[method-assign, assignment]
    main()
