"""The documents that are made from the code are up to date, and leave nothing out."""

from pathlib import Path

import pytest
from starlette.routing import Route

from collab.http_app import http_routes
from tests.collab.http_world import HttpWorld
from tests.documents.files import ROOT, made
from tests.documents.operations import OPERATIONS


@pytest.mark.parametrize("path", made(), ids=lambda path: path.name)
def test_what_is_made_is_up_to_date(path: Path) -> None:
    assert path.read_text() == made()[path], f"{path.relative_to(ROOT)} is old; run: make docs"


def test_every_route_is_described_and_no_other() -> None:
    routes = {
        (method, route.path)
        for route in http_routes(HttpWorld().services)
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == {operation.name for operation in OPERATIONS}
