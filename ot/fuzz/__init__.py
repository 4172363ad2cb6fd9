"""The harness that tries to break the algebra: ours, one with a planted fault, or somebody else's.

Pure as the rest of `ot/`: randomness is handed in, and the clock, the files and the other program are
`collab/fuzz/`'s.
"""
