"""The promises of the first roll call, on the demonstration office and by the real commands.

The office is brought up once; inside it stands what the demo does: scopes, a scan, an export, and all again.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.compare import Comparison, compare
from lab.demo import SETTINGS
from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import DEFAULT, load_office
from tests.lab.conftest import Lab, command_with

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("roll-call"),
    pytest.mark.usefixtures("namespaces"),
]

# Runs at the vantage: the folder, then the words of one muster command a line.
COMMANDS = """
import subprocess, sys
for line in open(sys.argv[1]):
    done = subprocess.run([sys.executable, "-m", "muster", *line.rstrip("\\n").split("\\t")])
    if done.returncode:
        sys.exit(done.returncode)
"""


@dataclass(frozen=True)
class RollCall:
    """What was left behind: the truth, how the office fared, and the register after each of two scans."""

    truth: dict[str, Any]
    health: dict[str, Any]
    first: list[dict[str, Any]]
    second: list[dict[str, Any]]

    @property
    def held(self) -> Comparison:
        """The first register against the truth."""
        return compare(self.first, self.truth)


@pytest.fixture(scope="module")
def called(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> RollCall:
    folder = tmp_path_factory.mktemp("roll-call")
    (folder / "muster.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "commands").write_text("".join(_commands(folder)), encoding="utf-8")
    lab: Lab = command_with(folder)
    ran = lab(
        *("run", "--topology", "office"),
        *("--write-truth", str(folder / "truth.json"), "--health", str(folder / "health.json")),
        *("--", sys.executable, "-c", COMMANDS, str(folder / "commands")),
        seconds=420,
    )
    assert ran.returncode == 0, ran.stderr

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    return RollCall(read("truth.json"), read("health.json"), read("first.json"), read("second.json"))


def test_everybody_who_answers_anything_is_found(called: RollCall) -> None:
    assert len(called.held.found) >= 45
    assert called.held.missed == ()


def test_nobody_is_doubled_mixed_up_or_made_up(called: RollCall) -> None:
    held = called.held
    assert held.doubled == {}
    assert held.merged == {}
    assert held.unexpected == ()


@pytest.mark.parametrize(
    ("attribute", "promised"), [("device_class", 0.90), ("vendor", 0.90), ("model", 0.80)]
)
def test_devices_are_called_what_they_are(called: RollCall, attribute: str, promised: float) -> None:
    counts = called.held.tally()[attribute]
    off = [one for one in called.held.answers if one.attribute == attribute and one.outcome != "right"]
    assert counts["right"] / sum(counts.values()) >= promised, off


def test_no_firmware_or_model_is_made_up(called: RollCall) -> None:
    invented = [one for one in called.held.answers if one.outcome == "invented"]
    assert [one for one in invented if one.attribute in ("firmware", "model", "serial")] == []


def test_no_paper_is_wasted_and_the_fragile_live(called: RollCall) -> None:
    assert called.health["paper_bytes"] == 0
    assert called.health["fragile"]
    assert set(called.health["fragile"].values()) == {"alive"}
    assert called.health["faults"] == []


def test_a_second_scan_finds_the_same_devices_and_doubles_none(called: RollCall) -> None:
    again = compare(called.second, called.truth)
    assert again.missed == ()
    assert again.doubled == {}
    assert again.merged == {}
    assert {device["id"] for device in called.second} == {device["id"] for device in called.first}


def _commands(folder: Path) -> Iterator[str]:
    office = load_office(DEFAULT, load_personas(PERSONAS))
    scopes = [
        ("scope", "add", str(one.network), "--site", "hq", "--segment", one.name) for one in office.segments
    ]
    rounds = [
        words
        for name in ("first", "second")
        for words in (
            ("scan",),
            ("register", "export", "--format", "json", "--out", str(folder / f"{name}.json")),
        )
    ]
    place = ("--config", str(folder / "muster.toml"), "--register", str(folder / "register.sqlite"))
    for words in (*scopes, *rounds):
        yield "\t".join((*place, *words)) + "\n"
