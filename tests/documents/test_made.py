"""The documents that are made from the code are up to date, and leave nothing out."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from collab.http_app import http_routes
from tests.collab.http_world import HttpWorld
from tests.documents.asyncapi import asyncapi
from tests.documents.files import ROOT, made
from tests.documents.openapi import openapi
from tests.documents.operations import OPERATIONS

Json = dict[str, Any]

# Of what is described under its own path; for clients that know no other.
SECOND_SPELLINGS = {("GET", "/v1/me/")}


@pytest.mark.parametrize("path", made(), ids=lambda path: path.name)
def test_what_is_made_is_up_to_date(path: Path) -> None:
    assert path.read_text() == made()[path], f"{path.relative_to(ROOT)} is old; run: make docs"


@pytest.mark.parametrize("make", [asyncapi, openapi])
def test_every_reference_leads_somewhere(make: Callable[[], Json]) -> None:
    document = make()
    references = re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))
    assert references
    for reference in references:
        place: Any = document
        for part in reference.split("/"):
            place = place[part]


def test_every_route_is_described_and_no_other() -> None:
    routes = {
        (method, route.path)
        for route in http_routes(HttpWorld().services)
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == {operation.name for operation in OPERATIONS} | SECOND_SPELLINGS
