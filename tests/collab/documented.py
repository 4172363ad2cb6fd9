"""Whatever a test asks over HTTP and is refused, the descriptions say that it may be.

Hung on the clients of `http_world`, so that a code that nobody documented fails the test that first meets it.
"""

import re
from functools import cache

import httpx

from tests.documents.operations import OPERATIONS, Operation
from tests.documents.refusals import refusals


async def is_documented(response: httpx.Response) -> None:
    operation = _operation(response.request.method, response.request.url.path)
    if operation is None or response.status_code < 400:
        return
    if response.status_code in {operation.status, *(status for status, _ in operation.also)}:
        return
    await response.aread()
    code = response.json()["error"]["code"]
    assert code in _documented(operation).get(response.status_code, []), (
        f"{' '.join(operation.name)} is refused with {response.status_code} {code}; "
        "say so in tests/documents/refusals.py and run: make docs"
    )


@cache
def _documented(operation: Operation) -> dict[int, list[str]]:
    return refusals(operation)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Operation]]:
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.path))), operation)
        for operation in OPERATIONS
    ]


def _operation(method: str, path: str) -> Operation | None:
    """None: there is no such operation, and so nothing was said about it."""
    found = (op for pattern, op in _patterns() if op.method == method and pattern.fullmatch(path))
    return next(found, None)
