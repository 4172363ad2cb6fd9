"""Recorded histories of real playlists, made again by many editors at once."""
