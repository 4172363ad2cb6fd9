"""A model of listening together: networks, clocks and audio devices, by seed and in virtual time.

What it gives is modelled, not measured. The rules that are judged on it are the real ones, from `jam/`.
"""
