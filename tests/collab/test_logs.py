import io
import json
import logging
from collections.abc import Iterator

import jwt
import pytest
import structlog

from collab.config import LogFormat
from collab.logs import configure_logs, redact

JWT = jwt.encode({"sub": "x"}, "k" * 32, algorithm="HS256")
SECRET = "s3cr3tS3cr3tS3cr3tS3cr"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield io.StringIO()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"came {JWT}.", "came [redacted]."),
        (f"Authorization: Bearer {SECRET}", "Authorization: Bearer [redacted]"),
        (f'"GET /v1/socket?token={SECRET}&x=1 HTTP/1.1" 200', '"GET /v1/socket?[redacted] HTTP/1.1" 200'),
        (f'{{"refresh_token": "{SECRET}", "a": 1}}', '{"refresh_token": "[redacted]", "a": 1}'),
        (f"secret='{SECRET}'", "secret='[redacted]'"),
        (f"postgresql+asyncpg://tutti:{SECRET}@db/tutti", "postgresql+asyncpg://tutti:[redacted]@db/tutti"),
        ("refused code=token_expired room=abc", "refused code=token_expired room=abc"),
        ("really? yes", "really? yes"),
        ("http://127.0.0.1:8300/v1", "http://127.0.0.1:8300/v1"),
    ],
)
def test_what_is_taken_out_of_a_line(line: str, shown: str) -> None:
    assert redact(line) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize("name", ["uvicorn.error", "uvicorn.access", "sqlalchemy.engine", "collab.hub", ""])
def test_every_logger_ends_in_the_redacting_handler(
    stream: io.StringIO, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that another test ran here without a log of accesses has silenced that logger for good.
    monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    configure_logs("info", "console", stream)
    logging.getLogger(name).warning('%s - "GET /?token=%s"', "127.0.0.1", SECRET)
    try:
        raise ValueError(f"Bearer {SECRET}")
    except ValueError:
        logging.getLogger(name).exception("while reading %s", JWT)
    said = stream.getvalue()
    assert "127.0.0.1" in said
    assert "Traceback" in said
    assert SECRET not in said
    assert JWT not in said


def test_json_lines(stream: io.StringIO) -> None:
    configure_logs("info", "json", stream)
    structlog.get_logger("collab.hub").info("opened", room="abc", token=SECRET)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["room"], line["level"]) == ("opened", "abc", "info")
    assert line["token"] == "[redacted]"


def test_libraries_speak_when_it_matters(stream: io.StringIO) -> None:
    configure_logs("info", "console", stream)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("collab.hub").debug("looked")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_values(stream: io.StringIO, form: LogFormat) -> None:
    configure_logs("info", form, stream)

    def fail(title: str) -> None:
        raise ValueError("it broke")

    try:
        fail(f"nobody's {'business'}")
    except ValueError:
        structlog.get_logger("tutti.test").exception("room_failed")
    assert "it broke" in stream.getvalue()
    assert "in fail" in stream.getvalue()
    assert "nobody's business" not in stream.getvalue()
