"""The edge of the fuzz harness: its clock, its files, and the other program. What is tried is `ot/fuzz/`."""
