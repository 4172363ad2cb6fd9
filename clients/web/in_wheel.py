"""Puts the web app into the wheel if it was built (`make web`). A wheel without it serves everything else."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebApp(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        built = Path(self.root) / "clients" / "web" / "dist"
        # An editable install is served from the checkout.
        if version == "standard" and (built / "index.html").is_file():
            build_data["force_include"][str(built)] = "collab/web"
