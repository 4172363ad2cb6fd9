"""How the server speaks to its operator: one line for each transition, on stderr, without secrets.

Every logger of the process, ours and the libraries', ends in one handler, and what that handler writes has
passed `redact` as finished text, tracebacks and uvicorn's request lines included; so no logger can be
forgotten. Knows what a secret looks like in a line. Does not know what is worth a line: the edges do.
"""

import logging
import re
import sys
from typing import Any, Final, TextIO

import structlog

from collab.config import LogFormat, LogLevel

_REDACTED: Final = r"\1[redacted]"
_SECRETS: Final = (
    # a JWT, wherever it stands
    re.compile(r"()\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"),
    re.compile(r"(?i)(\bbearer\s+)[^\s\"',]+"),
    # name=value, "name": "value", name: value
    re.compile(r"(?i)((?:\b|_)(?:token|secret|password)[\"']?\s*[=:]\s*[\"']?)(?!\[redacted\])[^\s\"',;&}]+"),
    # a query string: nothing that we serve needs one in a log
    re.compile(r"(\?)[^\s\"'?]*=[^\s\"']*"),
    # the password in a database's URL
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
)
# Libraries that have a line for everything; what matters of theirs is a warning.
_CHATTY: Final = (
    "uvicorn",
    "websockets",
    "sqlalchemy",
    "aiosqlite",
    "alembic",
    "asyncio",
    "httpx",
    "httpcore",
)


def redact(text: str) -> str:
    """`text` with tokens, secrets, passwords and query strings replaced."""
    for pattern in _SECRETS:
        text = pattern.sub(_REDACTED, text)
    return text


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure_logs(level: LogLevel, form: LogFormat, stream: TextIO | None = None) -> None:
    """Sends every logger of the process to `stream` (stderr). Call it once, before anything is built."""
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(),
                # The richer ones print the values of variables: titles, names, perhaps a token.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _RedactingFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
