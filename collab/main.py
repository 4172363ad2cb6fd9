"""The command `tutti`.

Works, in a sentence, even where only the SDK is installed: the server's packages are an extra. Whatever an
operator can put right ends as one sentence and exit code 1; a traceback means a bug.
"""

import gc
import sys

from collab.errors import CannotStart

_OURS = ("collab", "ot", "storage", "tutti_client")
_INSTALL = "The server's packages are not installed; install them with: pip install 'tutti-collab[server]'"


def main() -> None:
    # Nothing of a program that is being loaded is garbage; looking for it took a fifth of the time.
    gc.disable()
    try:
        from collab.cli import app
        from storage.store import StoreError
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] in _OURS:
            raise
        sys.exit(_INSTALL)
    gc.freeze()
    gc.enable()
    try:
        app()
    except (CannotStart, StoreError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
