"""The command `tutti`.

Works, in a sentence, even where only the SDK is installed: the server's packages are an extra. Whatever an
operator can put right ends as one sentence and exit code 1; a traceback means a bug.
"""

import sys

from collab.errors import CannotStart
from collab.loading import load
from storage.store import StoreError


def main() -> None:
    try:
        app = load("collab.cli", "app")
        assert callable(app), app
        app()
    except (CannotStart, StoreError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
