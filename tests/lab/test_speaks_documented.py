"""docs/lab-protocols.md names every protocol, port and setting there is, and the registry every module."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

from lab.speaks import SPEAKS, Spoken

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lab-protocols.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("spoken", SPEAKS, ids=lambda spoken: spoken.protocol)
def test_every_protocol_has_its_line_and_its_standard_port(spoken: Spoken) -> None:
    line = next(line for line in PAGE.splitlines() if re.match(rf"\| \[.*`{spoken.protocol}`", line))
    port = spoken.settings.model_fields["port"]
    assert spoken.transport in line
    assert ("must" if port.is_required() else str(port.default)) in line


@pytest.mark.parametrize("spoken", SPEAKS, ids=lambda spoken: spoken.protocol)
def test_every_setting_is_explained(spoken: Spoken) -> None:
    missing = {name for name in _settings(spoken.settings) if f"`{name}`" not in PAGE}
    assert missing == set()


def test_every_server_in_the_folder_is_registered() -> None:
    folder = ROOT / "lab" / "speaks"
    servers = {
        path.stem
        for path in folder.glob("*.py")
        if "\nasync def serve(host: Host, settings" in path.read_text()
    }
    assert servers == {spoken.settings.__module__.rpartition(".")[2] for spoken in SPEAKS}
    assert [spoken.protocol for spoken in SPEAKS] == sorted(spoken.protocol for spoken in SPEAKS)


def _settings(model: type[BaseModel]) -> set[str]:
    names = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in re.findall(r"lab\.speaks\.\w+\.\w+", repr(field.annotation)):
            module, _, name = inner.rpartition(".")
            found = getattr(import_module(module), name)
            names |= _settings(found)
    return names
