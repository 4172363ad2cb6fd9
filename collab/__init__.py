"""The hub: rooms in which people edit one document, and the edge that carries them."""
