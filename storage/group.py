"""What a group commit may look like.

A room builds its commit, the committer builds the group; every store relies on what is said here and
nothing behind it checks again. Knows the shape of a group. Does not know any database.
"""

from collections.abc import Sequence

from storage.rows import Commit


def check_group(group: Sequence[Commit]) -> None:
    """Asserts what the committer and the rooms guarantee about a group."""
    assert len({commit.document for commit in group}) == len(group), (
        "the committer puts at most one commit of a document in a group"
    )
    for commit in group:
        for version, op in enumerate(commit.ops, commit.expected_version + 1):
            assert op.version == version, "a room numbers its ops on from the expected version, without a gap"
        changes = commit.expected_changes + 1
        for row in commit.settled:
            assert row.changes == changes, "a room stamps settled rows with the changes count of their commit"
        assert len(dict(commit.members)) == len(commit.members), "a room says a member's role once"
