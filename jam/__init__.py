"""The Jam: one queue, one timeline, as pure functions of a log of events."""
