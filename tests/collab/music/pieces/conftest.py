"""Numpy in one thread, as the studio has it: on a busy machine more of them only wait for each other."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
