"""Jams in the simulated world."""
