"""Which documents are made, and what they should hold."""

import json
from pathlib import Path

from collab.http_descriptions import FOLDER
from tests.documents.asyncapi import asyncapi
from tests.documents.markdown import with_tables
from tests.documents.openapi import openapi
from tests.documents.page_reliability import with_figures
from tests.documents.page_sync import with_measurements
from tests.documents.reference import reference

ROOT = Path(__file__).parents[2]
PROTOCOL = ROOT / "docs/PROTOCOL.md"
RELIABILITY = ROOT / "docs/RELIABILITY.md"
SYNC = ROOT / "docs/SYNC.md"


def made() -> dict[Path, str]:
    """The content of each file."""
    http, socket = openapi(), asyncapi()
    return {
        FOLDER / "asyncapi.json": _json(socket),
        FOLDER / "openapi.json": _json(http),
        FOLDER / "reference.html": reference(http, socket),
        PROTOCOL: with_tables(PROTOCOL.read_text()),
        RELIABILITY: with_figures(RELIABILITY.read_text()),
        SYNC: with_measurements(SYNC.read_text()),
    }


def _json(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
