"""Where muster.toml lies, and the language it names: all that a command's help needs of the settings."""

import os
import tomllib
from pathlib import Path


def usual_places() -> tuple[Path, ...]:
    """Where muster.toml is looked for, in order."""
    import platformdirs

    folder = platformdirs.user_config_dir("muster", appauthor=False)
    return (Path("muster.toml"), Path(folder) / "muster.toml")


def settings_place(path: Path | None) -> Path:
    """The file the settings come from; where there is none, the one of this person's configuration folder."""
    places = usual_places()
    return path or next((place for place in places if place.is_file()), places[-1])


def language_named(path: Path | None) -> str:
    """The language that the environment or the file names; "" where neither does, or the file is wrong.

    Whoever reads the settings themselves says what is wrong with it.
    """
    try:
        written: object = tomllib.loads(settings_place(path).read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        written = None
    return os.environ.get("MUSTER_LANGUAGE") or (written if isinstance(written, str) else "")
