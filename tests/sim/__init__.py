"""A whole Tutti in virtual time.

The real cores of server and client, joined by a simulated store, bus and network that fail as real ones do.
One seed draws everything: who edits what, how long each thing takes, and the numbered faults. What must hold
is checked after every step, so a failing seed stops at the first wrong step and replays exactly.

    python -m tests.sim --seed 7 --trace
"""
