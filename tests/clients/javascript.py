"""The JavaScript SDK as `make test` builds it, for tests that put it beside the Python one.

Whoever calls pytest by hand may not have built it: such a test is then skipped, with what to do.
"""

from pathlib import Path

import pytest

SDK = Path(__file__).parents[2] / "clients/js"
CONFORMANCE = SDK / "dist/conformance.js"

needs_javascript = pytest.mark.skipif(not CONFORMANCE.exists(), reason="`make js` builds the JavaScript SDK")
