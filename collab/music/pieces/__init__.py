"""A dozen pieces that the program plays by itself, so that a fresh server has something to hear."""
