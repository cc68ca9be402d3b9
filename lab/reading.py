"""The lab's own strict YAML reader: every scalar is text, every error names file and line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from lab.errors import BadFile

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9]*)\}")
_PLAIN_TAGS = {"str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq"}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Place:
    """Where a value stands: file and 1-based line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Located:
    """One value and where it stands; the value is text, a list or a table."""

    place: Place
    value: "str | tuple[Located, ...] | Table"


class Table:
    """A YAML mapping whose typed getters refuse what does not fit, naming file and line.

    Keys are text, values are text, lists or tables: `0000`, `17.10` and `no` mean what they
    look like. Every getter takes a default; without one the key is required.
    """

    def __init__(self, place: Place, entries: Mapping[str, Located]) -> None:
        self.place = place
        self._entries = dict(entries)

    @classmethod
    def of(cls, plain: Mapping[str, object], file: str = "<memory>") -> "Table":
        """A table made from plain Python values (text, numbers, lists, mappings), for tests."""
        return _plain_table(plain, Place(file, 1))

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def where(self, key: str | None = None) -> Place:
        """The place of a key's value, or of the table itself."""
        found = self._entries.get(key) if key is not None else None
        return found.place if found else self.place

    def refuse(self, message: str, key: str | None = None) -> NoReturn:
        """Raises BadFile at this table's (or this key's) place."""
        raise BadFile(f"{self.where(key)}: {message}")

    def only(self, *known: str) -> None:
        """Refuses any key that is not among the known ones."""
        for key in self._entries:
            if key not in known:
                self.refuse(f"unknown key '{key}' (known: {', '.join(sorted(known))})", key)

    def text(self, key: str, default: str | None = None) -> str:
        """The text under a key."""
        value = self._value(key, default)
        if not isinstance(value, str):
            self.refuse(f"'{key}' must be text", key)
        return value

    def integer(self, key: str, default: int | None = None, *, least: int = 0, most: int = 2**63) -> int:
        """The decimal integer under a key, within [least, most]."""
        text = self.text(key, None if default is None else str(default))
        if not re.fullmatch(r"-?[0-9]+", text) or not least <= int(text) <= most:
            self.refuse(f"'{key}' must be an integer from {least} to {most}, not '{text}'", key)
        return int(text)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """The yes/no under a key."""
        text = self.text(key, None if default is None else ("yes" if default else "no"))
        if text not in _YES_NO:
            self.refuse(f"'{key}' must be yes or no, not '{text}'", key)
        return _YES_NO[text]

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """The text under a key, which must be one of the choices."""
        text = self.text(key, default)
        if text not in choices:
            self.refuse(f"'{key}' must be one of {', '.join(choices)}, not '{text}'", key)
        return text

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The list of texts under a key; one text counts as a list of one."""
        value = self._value(key, default)
        if isinstance(value, str):
            return (value,)
        if isinstance(value, Table):
            self.refuse(f"'{key}' must be a list of texts", key)
        texts = []
        for item in value:
            inner = item.value if isinstance(item, Located) else item
            if not isinstance(inner, str):
                self.refuse(f"'{key}' must be a list of texts", key)
            texts.append(inner)
        return tuple(texts)

    def table(self, key: str) -> "Table":
        """The table under a key; an absent key is an empty table."""
        if key not in self._entries:
            return Table(self.place, {})
        value = self._entries[key].value
        if value == "":
            return Table(self.where(key), {})
        if not isinstance(value, Table):
            self.refuse(f"'{key}' must be a table (key: value)", key)
        return value

    def tables(self, key: str) -> "tuple[Table, ...]":
        """The list of tables under a key; an absent key is an empty list."""
        value = self._entries[key].value if key in self._entries else ()
        if value == "":
            return ()
        if not isinstance(value, tuple):
            self.refuse(f"'{key}' must be a list", key)
        tables = []
        for item in value:
            if not isinstance(item.value, Table):
                raise BadFile(f"{item.place}: '{key}' must be a list of tables")
            tables.append(item.value)
        return tuple(tables)

    def texts_by_key(self) -> dict[str, str]:
        """The whole table as text by key; refuses lists and tables within."""
        return {key: self.text(key) for key in self}

    def plain(self) -> dict[str, object]:
        """The whole table as plain text, lists and dicts."""
        return {key: _plain(located) for key, located in self._entries.items()}

    def without(self, key: str) -> "Table":
        """The same table but for one key."""
        rest = {name: located for name, located in self._entries.items() if name != key}
        return Table(self.place, rest)

    def place_at(self, path: Sequence[str | int]) -> Place:
        """The place of the deepest value that exists along a path of keys and indices."""
        if not path:
            return self.place
        here = self._entries.get(str(path[0]))
        if here is None:
            return self.place
        for depth, step in enumerate(path[1:], 1):
            if isinstance(here.value, Table):
                return here.value.place_at(path[depth:])
            if isinstance(here.value, tuple) and isinstance(step, int) and step < len(here.value):
                here = here.value[step]
        return here.place

    def filled(self, values: Mapping[str, str]) -> "Table":
        """The same table with `{name}` replaced in every text (never in keys).

        A name that is not in `values` stays as it stands: web pages are full of braces.
        """
        entries = {key: _fill(located, values) for key, located in self._entries.items()}
        return Table(self.place, entries)

    def _value(self, key: str, default: object) -> "str | tuple[Located, ...] | Table":
        if key in self._entries:
            return self._entries[key].value
        if default is None:
            self.refuse(f"'{key}' is missing")
        return default  # type: ignore[return-value]  # the getters re-check what it is


def read_yaml(path: Path, name: str | None = None) -> "Table":
    """The table a YAML file holds; `name` is how errors call the file (default: its path).

    Raises BadFile on unreadable files, broken YAML, duplicate keys, aliases and explicit tags.
    """
    shown = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise BadFile(f"{shown}:1: cannot be read: {reason}") from error
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadFile(f"{shown}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadFile(f"{shown}:1: {str(error).splitlines()[0]}") from error
    if not isinstance(root, yaml.MappingNode):
        raise BadFile(f"{shown}:1: must hold a table (key: value)")
    return _mapping(root, shown, set())


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each known `{name}` replaced; unknown names stay as they stand."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _located(node: yaml.Node, file: str, seen: set[int]) -> Located:
    place = Place(file, node.start_mark.line + 1)
    if id(node) in seen:
        raise BadFile(f"{place}: an alias (*name) uses this value again; write it out twice")
    seen.add(id(node))
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        raise BadFile(f"{place}: tags ({node.tag}) are not taken here")
    if isinstance(node, yaml.ScalarNode):
        return Located(place, str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Located(place, tuple(_located(item, file, seen) for item in node.value))
    return Located(place, _mapping(node, file, seen))


def _mapping(node: yaml.Node, file: str, seen: set[int]) -> "Table":
    place = Place(file, node.start_mark.line + 1)
    entries: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key_place = Place(file, key_node.start_mark.line + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            raise BadFile(f"{key_place}: a key must be text")
        if key_node.value in entries:
            raise BadFile(f"{key_place}: '{key_node.value}' is given twice")
        entries[key_node.value] = _located(value_node, file, seen)
    return Table(place, entries)


def _plain_table(plain: Mapping[str, object], place: Place) -> "Table":
    return Table(place, {str(key): _located_plain(item, place) for key, item in plain.items()})


def _located_plain(plain: object, place: Place) -> Located:
    if isinstance(plain, Mapping):
        return Located(place, _plain_table(plain, place))
    if isinstance(plain, list | tuple):
        return Located(place, tuple(_located_plain(item, place) for item in plain))
    if isinstance(plain, bool):
        return Located(place, "yes" if plain else "no")
    return Located(place, "" if plain is None else str(plain))


def _plain(located: Located) -> object:
    if isinstance(located.value, Table):
        return located.value.plain()
    if isinstance(located.value, tuple):
        return [_plain(item) for item in located.value]
    return located.value


def _fill(located: Located, values: Mapping[str, str]) -> Located:
    value = located.value
    if isinstance(value, str):
        return Located(located.place, fill(value, values))
    if isinstance(value, tuple):
        return Located(located.place, tuple(_fill(item, values) for item in value))
    return Located(located.place, value.filled(values))
