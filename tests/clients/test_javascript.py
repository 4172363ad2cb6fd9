"""Two languages, one algebra: random ops to both, and all laws across the two."""

import shlex

from typer.testing import CliRunner

from collab.cli import app
from tests.clients.javascript import CONFORMANCE, needs_javascript


@needs_javascript
def test_twenty_thousand_cases_find_no_difference() -> None:
    other = f"node {shlex.quote(str(CONFORMANCE))}"
    result = CliRunner().invoke(app, ["fuzz", "--seed", "1", "--rounds", "1500", "--against", other])
    assert result.exit_code == 0, result.output
    assert "1,500 rounds, 14 laws, 21,000 law checks" in result.output
