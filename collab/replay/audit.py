"""Are the server's promises in its log?

Reads an editor's journal back from the disk and asks the server for the history under each client id that
stands in it: every ack of an op must be there, at its version. Knows journals, and to ask again while the
server is away. Does not know what the ops did.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from websockets.exceptions import WebSocketException

from collab.errors import CannotStart
from collab.replay.journal import Line, read_journal
from collab.replay.log_reader import log_reader
from collab.replay.web import Read
from tutti_client import ClientError, Guest

ATTEMPTS_MAX = 20
RETRY_EVERY_S = 1.0

_Lines: TypeAlias = defaultdict[str, list[Line]]


@dataclass(slots=True)
class Audit:
    """`found` of the `journalled` acks are in the log, `empty` were of submissions that left no op,
    `unreachable` are older than what a client may ask for; the rest are lost, and `findings` name them."""

    journalled: int = 0
    found: int = 0
    empty: int = 0
    unreachable: int = 0
    findings: list[str] = field(default_factory=list)


async def audit(url: str, person: Guest, journal: Path, ends: Mapping[str, Read]) -> Audit:
    """Compares a journal with the log. `person` is whose it is, `ends` where each document stands now."""
    by_client: defaultdict[str, _Lines] = defaultdict(lambda: defaultdict(list))
    result = Audit()
    for line in read_journal(journal):
        by_client[line.client][line.document].append(line)
        result.journalled += 1
    for client, documents in by_client.items():
        await _audit_client(url, person, client, documents, ends, result)
    return result


async def _audit_client(
    url: str, person: Guest, client: str, documents: _Lines, ends: Mapping[str, Read], result: Audit
) -> None:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            async with log_reader(url, await person(), client) as reader:
                while documents:
                    document, lines = next(iter(documents.items()))
                    end = ends[document]
                    after, log = await reader.own_ops(document, end.epoch, end.version, lines[-1].seq)
                    for line in lines:
                        judge(line, after, log, result)
                    del documents[document]
            return
        except (OSError, WebSocketException, ClientError) as error:
            if attempt == ATTEMPTS_MAX:
                raise CannotStart(f"The log of client {client} cannot be read: {error}") from error
            await asyncio.sleep(RETRY_EVERY_S)


def judge(line: Line, after: int, log: Mapping[int, int], result: Audit) -> None:
    """Counts one ack, given the ops (seq to version) that the log has after a version."""
    version = log.get(line.seq)
    if version == line.version and line.is_op is not False:
        result.found += 1
    elif version is None and line.is_op is not True:
        result.empty += 1
    elif version is None and line.version <= after:
        result.unreachable += 1
    else:
        has = "does not have it" if version is None else f"has it at {version}"
        result.findings.append(
            f"{line.document}: seq {line.seq} of client {line.client} was acknowledged at version "
            f"{line.version}, the log {has}."
        )
