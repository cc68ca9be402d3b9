"""Changes muster.toml as a person would: one table's values, all else as it stands; the home of tomlkit.

A change that would make settings no program can load is not written.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from inventory.exits import BadInput
from inventory.language import _
from inventory.settings import Settings, load

Value = str | tuple[str, ...]
"""What a key may hold; "" and () are a key that is not there."""


def held(file: Path, table: str, keys: Iterable[str]) -> dict[str, Value]:
    """What the file says under these keys of a table now; BadInput where it cannot be read."""
    with _told_as_bad_input(file):
        found = _document(file).unwrap()
        for name in table.split("."):
            found = found.get(name, {})
        texts = {key: found.get(key, "") for key in keys}
        return {
            key: tuple(map(str, text)) if isinstance(text, list) else str(text) for key, text in texts.items()
        }


def change(file: Path, table: str, values: Mapping[str, Value]) -> Settings:
    """Sets keys of a table (`schedule`, `check.segments`), "" and () take one out; gives the settings then.

    Makes the file where there is none. BadInput, and nothing written, where the settings would be wrong.
    """
    file = file.resolve()
    with _told_as_bad_input(file):
        document = _document(file)
        place: tomlkit.TOMLDocument | tomlkit.items.Table = document
        for name in table.split("."):
            if name not in place:
                place[name] = tomlkit.table()
            place = place[name]
        for key, value in values.items():
            if value:
                place[key] = list(value) if isinstance(value, tuple) else value
            elif key in place:
                del place[key]
        return _written(file, tomlkit.dumps(document))


def _document(file: Path) -> tomlkit.TOMLDocument:
    return tomlkit.parse(file.read_text(encoding="utf-8") if file.exists() else "")


@contextmanager
def _told_as_bad_input(file: Path) -> Iterator[None]:
    try:
        yield
    except (TOMLKitError, TypeError, AttributeError) as error:
        raise BadInput(f"{file}: {error}") from error
    except OSError as error:
        reason = _("{file} cannot be written: {reason}")
        raise BadInput(reason.format(file=file, reason=error.strerror)) from error


def _written(file: Path, text: str) -> Settings:
    """Puts the text in the file's place at once, as soon as it is known to be right."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".muster-", suffix=".toml")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        if file.exists():
            beside.chmod(file.stat().st_mode & 0o777)
        try:
            settings = load(beside)
        except BadInput as error:
            raise BadInput(str(error).replace(name, str(file))) from None
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return settings
