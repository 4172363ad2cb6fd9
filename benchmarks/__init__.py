"""What Tutti must reach, measured beside a reference in the same run. `python -m benchmarks` runs all."""

import os

# A server that is measured does nothing else; a benchmark that wants the sample pieces asks for them.
os.environ.setdefault("TUTTI_SAMPLES", "no")
