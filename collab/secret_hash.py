"""How a secret is stored: refresh tokens and invite links, of which the store sees only a hash."""

import hashlib


def secret_hash(secret: str) -> bytes:
    """SHA-256. The secrets are 128 random bits, so salt and stretching would add nothing."""
    return hashlib.sha256(secret.encode()).digest()
