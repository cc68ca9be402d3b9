"""Holds the code to the table of rooms in docs/architecture.md; imports inside functions count."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("inventory", "policies", "agent", "tui", "lab")

# What each room may import of the others: a room's name allows all of it, a dotted name only that part.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "inventory": (),
    "policies": (
        "inventory.types",
        "inventory.strict_yaml",
        "inventory.language",
        "inventory.exits",
        "inventory.console",
        "inventory.questions",
        "inventory.facts",
        "inventory.names",
    ),
    "agent": ("inventory", "policies"),
    "tui": ("inventory", "policies", "agent.service", "agent.events"),
    "lab": (),
}

# Third-party libraries with one home: the files or folders that alone may import them.
HOMES: dict[str, tuple[str, ...]] = {
    "textual": ("tui/",),
    "textual_serve": ("tui/web/",),
    "aiohttp": ("tui/web/",),
    "sqlmodel": ("inventory/store/",),
    "sqlalchemy": ("inventory/store/",),
    "alembic": ("inventory/store/",),
    "scapy": ("agent/", "lab/"),
    "nmap": ("agent/second_opinion.py",),
    "pysnmp": ("agent/snmp_codec.py", "lab/"),
    "pyasn1": ("agent/snmp_codec.py", "lab/"),
    "apscheduler": ("agent/schedule.py",),
    "netaddr": ("inventory/networks.py",),
    "yaml": ("inventory/strict_yaml.py", "lab/reading.py"),
    "pydantic_settings": ("inventory/settings.py",),
    "tomlkit": ("inventory/settings_file.py",),
    "openpyxl": ("inventory/export/as_xlsx.py", "inventory/imports/reading.py"),
    "matplotlib": ("inventory/export/plots.py",),
    "jinja2": ("inventory/export/as_html.py",),
    "babel": ("inventory/language/build_hook.py", "inventory/language/extraction.py"),
    "hatchling": ("inventory/language/build_hook.py",),
}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
MOST_LINES = 400


def source_files() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


@cache
def imports_of(path: Path) -> tuple[tuple[int, str], ...]:
    """Every imported module of a file with its line, wherever in the file the import stands."""
    return tuple(_imports_of(path))


def _imports_of(path: Path) -> Iterator[tuple[int, str]]:
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module or "").split(".") if node.module else ())))
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def within(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_row_allows(room: str) -> None:
    trespasses = []
    for path in sorted((ROOT / room).rglob("*.py")):
        for line, module in imports_of(path):
            other = module.split(".")[0]
            if other not in ROOMS or other == room:
                continue
            # `from inventory import types` names the room first; the dotted form that follows is judged.
            allowed = MAY_IMPORT[room]
            if not any(within(module, part) or within(part, module) for part in allowed):
                trespasses.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert trespasses == []


def test_imports_run_one_way() -> None:
    """Those for types, and those inside functions, too: whoever reads down never comes back."""
    known = {_module(path): path for path in source_files()}
    left = {name: _needed(path, known) - {name} for name, path in known.items()}
    while free := {name for name, others in left.items() if not others}:
        left = {name: others - free for name, others in left.items() if name not in free}
    while above := set(left).difference(*left.values()):  # not in a circle, but on top of one
        left = {name: others for name, others in left.items() if name not in above}
    assert sorted(left) == []


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _needed(path: Path, known: Mapping[str, Path]) -> set[str]:
    """The files it imports: `from a.b import c` means a.b.c where that is a file, else a.b."""
    said = {module for _line, module in imports_of(path)}
    packages = {module.rpartition(".")[0] for module in said}
    named = {module if module in known else module.rpartition(".")[0] for module in said - packages}
    return named & set(known)


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_library_is_imported_only_in_its_home(library: str) -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in source_files()
        for line, module in imports_of(path)
        if within(module, library)
        and not any(str(path.relative_to(ROOT)).startswith(home) for home in HOMES[library])
    ]
    assert strays == []


def test_only_the_front_door_stands_outside_the_rooms() -> None:
    assert [path.name for path in ROOT.glob("*.py")] == ["muster.py"]


def test_the_front_door_imports_no_room_until_a_command_is_called() -> None:
    heavy = {
        module
        for _line, module in imports_of(ROOT / "muster.py")
        if module.split(".")[0] in ROOMS
        and not any(
            within(module, light) for light in ("inventory.console", "inventory.exits", "inventory.language")
        )
    }
    assert heavy == set()


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = [path.relative_to(ROOT) for path in source_files() if path.stem in FORBIDDEN_NAMES]
    assert named == []


def test_no_file_is_longer_than_a_reader_holds() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in source_files()
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in source_files()
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_the_table_of_homes_names_files_that_exist() -> None:
    """A home that moved would leave its library free to wander."""
    missing = [
        home
        for library, homes in HOMES.items()
        for home in homes
        if not (ROOT / home).exists() and library not in sys.stdlib_module_names
    ]
    assert missing == []
