"""Compiles the message catalogues (.po → .mo) whenever the package is built or installed."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # `make` runs this file directly, without the build backend
    BuildHookInterface = object

LOCALE_FOLDER = Path(__file__).parent / "locale"


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc, unused-ignore]
    """What the build backend calls before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface
        """Compiles every catalogue beside its source."""
        compile_catalogues()


def compile_catalogues(folder: Path = LOCALE_FOLDER) -> list[Path]:
    """Writes a .mo beside each .po under `folder` and gives their paths."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parent.parent.name)
        target = source.with_suffix(".mo")
        with target.open("wb") as handle:
            write_mo(handle, catalogue)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_catalogues()
