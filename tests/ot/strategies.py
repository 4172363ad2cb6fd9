"""The cases of the laws, drawn by Hypothesis, which shrinks what fails."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ot.fuzz.case import draw

LENGTH_MAX = 6

cases = st.randoms(use_true_random=False).map(lambda random: draw(random, LENGTH_MAX))

# A case takes many draws; how long one takes says nothing here, and the same examples come on every machine.
law = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
