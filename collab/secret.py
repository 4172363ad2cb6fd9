"""The secret that signs tokens, kept beside the data.

Made at the first start and readable by its owner only; whoever holds it can be anybody. Several nodes share
one by `TUTTI_SECRET` instead. Knows the file. Does not know what is signed with it.
"""

import os
from collections.abc import Callable
from pathlib import Path

from collab.auth import SECRET_BYTES_MIN
from collab.errors import CannotStart

SECRET_FILE = "secret"
_BYTES = 32


def secret_from_text(text: str) -> bytes:
    """The secret that an operator chose. Raises CannotStart if it is too short to be one."""
    secret = text.encode()
    if len(secret) < SECRET_BYTES_MIN:
        raise CannotStart(
            f"TUTTI_SECRET is too short: it needs at least {SECRET_BYTES_MIN} bytes, "
            "such as those that `openssl rand -base64 32` prints."
        )
    return secret


def secret_in(folder: Path, entropy: Callable[[int], bytes]) -> bytes:
    """The folder's secret, made now if it has none. Raises CannotStart, or OSError of the file system."""
    path = folder / SECRET_FILE
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return _make(path, entropy)
    if len(secret) < SECRET_BYTES_MIN:
        raise CannotStart(
            f"{path} is damaged: it is shorter than {SECRET_BYTES_MIN} bytes. Put it back from a backup; "
            "or remove it, then everyone needs a new token."
        )
    return secret


def _make(path: Path, entropy: Callable[[int], bytes]) -> bytes:
    """Written whole under another name, then linked: a crash leaves no half secret, and of two programs
    that start at once both end up with the one that was first."""
    secret = entropy(_BYTES).hex().encode()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        secret = path.read_bytes()
    finally:
        draft.unlink(missing_ok=True)
    return secret
