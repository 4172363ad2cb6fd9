"""How a request fails: always `{"error": {"status", "message", "code"}}`, never a stack trace.

The shape is the Spotify Web API's with our stable code added, so that its clients can show the message. One
table of codes (`errors.CODES`) serves the socket and HTTP. Knows exceptions and their answers. What was
unexpected is logged by the server that runs the application, with its traceback.
"""

import math
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from collab.breakers import NotNow
from collab.errors import CODES, Refusal
from storage.store import OutcomeUnknown, StoreError

# What Starlette's router raises by itself.
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


# A sentence may quote what came, which may be as long as a request.
MESSAGE_CHARS_MAX: Final = 500

# Whoever goes too fast hears for how long to wait; a Jam's own limits do not say it.
_WAIT_MS: Final = 5_000


def error_response(refusal: Refusal, reason: str = "") -> Response:
    """`reason`: a word for it that clients of the original know; only its player has such."""
    status = CODES[refusal.code].status
    headers = {}
    if refusal.retry_after_ms or status == 429:
        headers["Retry-After"] = str(math.ceil((refusal.retry_after_ms or _WAIT_MS) / 1000))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    error = {"status": status, "message": refusal.message[:MESSAGE_CHARS_MAX], "code": refusal.code}
    return JSONResponse(
        {"error": {**error, "reason": reason} if reason else error},
        status_code=status,
        headers=headers,
    )


def refusal_of(error: Exception) -> Refusal:
    """What a client hears of an exception."""
    match error:
        case Refusal():
            return error
        case OutcomeUnknown():
            return Refusal("unavailable", "The database's answer was lost; look whether it took effect.")
        case NotNow():
            return Refusal("unavailable", retry_after_ms=error.retry_after_ms)
        case StoreError():
            return Refusal("unavailable")
        case HTTPException():
            return Refusal(_BY_STATUS.get(error.status_code, "bad_request"))
        case _:
            return Refusal("internal")


async def _answer(request: Request, error: Exception) -> Response:
    response = error_response(refusal_of(error))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


# `Exception` is Starlette's outermost handler: it answers, and raises again for the server's log.
EXCEPTION_HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    Refusal: _answer,
    StoreError: _answer,
    HTTPException: _answer,
    Exception: _answer,
}
