"""Where the built web app lies.

In an installed distribution it is part of the package; in a checkout, where `make run` has built it. Knows
folders. Does not know HTTP.
"""

from pathlib import Path
from typing import Final

_INSTALLED: Final = Path(__file__).parent / "web"
_BUILT: Final = Path(__file__).parents[1] / "clients" / "web" / "dist"
INDEX: Final = "index.html"


def web_app_folder() -> Path | None:
    """None where it was not built."""
    return next((folder for folder in (_INSTALLED, _BUILT) if (folder / INDEX).is_file()), None)
