"""The JavaScript SDK as `make test` builds it, for tests that put it beside the Python one.

Whoever calls pytest by hand may not have built it: such a test is then skipped, with what to do.
"""

from pathlib import Path

import pytest

SDK = Path(__file__).parents[2] / "clients/js"
CONFORMANCE = SDK / "dist/conformance.js"
# Of its tests, which are built beside it.
SIMULATION = SDK / "build/test/simulation/main.js"
REPLAY = SDK / "build/test/replay/main.js"

needs_javascript = pytest.mark.skipif(not CONFORMANCE.exists(), reason="`make js` builds the JavaScript SDK")
needs_programs = pytest.mark.skipif(
    not (SIMULATION.exists() and REPLAY.exists()), reason="`make js` builds the JavaScript SDK and its tests"
)
