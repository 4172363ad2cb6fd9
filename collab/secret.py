"""The secret that signs tokens, kept beside the data.

Made at the first start and readable by its owner only; whoever holds it can be anybody. Several nodes share
one by `TUTTI_SECRET` instead. Knows the file. Does not know what is signed with it.
"""

import os
from collections.abc import Callable
from pathlib import Path

from collab.auth import SECRET_BYTES_MIN
from collab.config import Settings
from collab.errors import CannotStart

SECRET_FILE = "secret"
_BYTES = 32


def server_secret(settings: Settings, entropy: Callable[[int], bytes]) -> bytes:
    """The secret of a server with these settings; the data folder and its secret are made if they are
    missing. Raises CannotStart."""
    if settings.secret is not None:
        return _chosen(settings.secret)
    path = settings.data / SECRET_FILE
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _read(path) or _make(path, entropy)
    except FileExistsError:
        raise CannotStart(f"{settings.data} is a file; --data needs a folder.") from None
    except OSError as error:
        raise CannotStart(f"The folder {settings.data} cannot be used: {error.strerror}.") from None


def existing_secret(settings: Settings) -> bytes:
    """The secret of the server that runs, or ran, with these settings. Raises CannotStart if it has none
    yet: what another secret signs, the server would not believe."""
    if settings.secret is not None:
        return _chosen(settings.secret)
    path = settings.data / SECRET_FILE
    try:
        secret = _read(path)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}.") from None
    if secret is None:
        raise CannotStart(
            f"{path} does not exist yet; start the server once, or set the server's TUTTI_SECRET."
        )
    return secret


def _chosen(text: str) -> bytes:
    secret = text.encode()
    if len(secret) < SECRET_BYTES_MIN:
        raise CannotStart(
            f"TUTTI_SECRET is too short: it needs at least {SECRET_BYTES_MIN} bytes, "
            "such as those that `openssl rand -base64 32` prints."
        )
    return secret


def _read(path: Path) -> bytes | None:
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return None
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
