"""The tables of PROTOCOL.md: those that are made from the code, and those that are read and compared."""

import re
from collections.abc import Iterator
from typing import Final

from collab.errors import CODES
from tests.documents.jam_tables import jam_tables
from tests.documents.operations import OPERATIONS

Row = list[str]

_MADE: Final = re.compile(r"(<!-- made by [^>]*: (\w+) -->\n)((?:.*?\n)??)(<!-- end -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """The page with its made tables made anew; where a table has a last column that is not made, what the
    page says there is kept."""
    made = {"refusals": _refusals, "http": _http, **jam_tables()}

    def anew(match: re.Match[str]) -> str:
        return match[1] + _table(_with_kept(list(made[match[2]]()), match[3])) + match[4]

    return _MADE.sub(anew, page)


def _with_kept(rows: list[Row], before: str) -> list[Row]:
    """A row that is short of a cell gets the one that it had."""
    cells = [line.strip("|").split(" | ") for line in before.splitlines()]
    kept = {row[0].strip(): row[-1].strip() for row in cells}
    wide = len(rows[0])
    return [row if len(row) == wide else [*row, kept.get(row[0], "")] for row in rows]


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found is not None, f"there is no heading {heading!r}"
    return found[1]


def first_table(text: str) -> list[Row]:
    """The rows of the first table in `text`, without its head; cells without their code marks."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if re.fullmatch(r"\|[-|]+\|", line)) + 1
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


def _refusals() -> Iterator[Row]:
    yield ["code", "sentence", "retryable", "consumes", "HTTP"]
    for name, code in CODES.items():
        yield [f"`{name}`", code.sentence, _yes(code.retryable), _yes(code.consumes), str(code.status)]


def _http() -> Iterator[Row]:
    yield ["request", "status", "token", "what it does"]
    for operation in OPERATIONS:
        token = "" if operation.needs_token else "none"
        request = f"`{operation.method} {operation.path}`"
        yield [request, str(operation.status), token, operation.summary]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _table(rows: list[Row]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body, ""])
