"""A whole Tutti in virtual time.

The real cores of server and client, joined by a simulated store, bus and network that fail as real ones do.
One seed draws everything: who edits what, how long each thing takes, on how many nodes of which minor
versions, which kinds of fault there are at all, and the numbered faults. What must hold is checked after
every step, so a failing seed stops at the first wrong step and replays exactly. Most storms end, and then all
must agree (liveness); some do not, and what broke may stay broken (safety).

    python -m tests.sim --seed 7 --trace

What failed is kept as a script: the acts from outside as plain data, which replays whatever becomes of the
streams (`outside`, `script`, `regressions/`).
"""
