"""Loads a part of the program when it is wanted.

A program that is being loaded makes hundreds of thousands of objects, all of which stay: looking for garbage
among them took a fifth of the time, and so they are left out of every later look. Where only the SDK is
installed, a sentence says what is missing. Knows modules. Does not know what is in them.
"""

import gc
from importlib import import_module

from collab.errors import CannotStart

_OURS = ("collab", "jam", "ot", "storage", "tutti_client")
_INSTALL = "The server's packages are not installed; install them with: pip install 'tutti-collab[server]'"


def load(module: str, name: str) -> object:
    """What is called `name` in a module of ours. Raises CannotStart if a package that it needs is missing."""
    gc.disable()
    try:
        found: object = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] in _OURS:
            raise
        raise CannotStart(_INSTALL) from error
    finally:
        gc.freeze()
        gc.enable()
    return found
