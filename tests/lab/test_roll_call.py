"""The promises of the first roll call, on the demonstration office and by the real commands.

The office is brought up once; inside it stands what the demo does, logins tried as well: scopes, a scan, an
export, the checks, the judgement; then scan and export again. A verdict counts as far as the wire can settle
it: what only people know stays undetermined, and nothing that is merely not known is kept (docs/packs.md).
Both editions of the guideline are held against the same truth.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inventory.register import Register
from inventory.types import SystemClock
from lab.compare import Comparison, compare
from lab.demo import SETTINGS
from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import DEFAULT, load_office
from tests.lab.conftest import command_with

pytestmark = [
    pytest.mark.lab,
    pytest.mark.usefixtures("namespaces"),
]

# Runs at the vantage: each line is the words of one muster command; with a secret, it is typed in.
COMMANDS = """
import subprocess, sys
for line in open(sys.argv[1], newline="\\n"):
    words, _tab, secret = line.rstrip("\\n").partition("\\v")
    done = subprocess.run([sys.executable, "-m", "muster", *words.split("\\t")], input=secret, text=True)
    if done.returncode:
        sys.exit(done.returncode)
"""
GRAVEST_FIRST = ("breach", "excepted", "undetermined", "compliant", "not-applicable")
# An article of the edition before asks what this one of the edition in force asks: 21 and 22 became one.
IN_FORCE = {"21": "21"} | {str(number): str(number - 1) for number in range(22, 32)}


@dataclass(frozen=True)
class RollCall:
    """What was left behind: the truth, how the office fared, the register after each scan, the verdicts."""

    truth: dict[str, Any]
    health: dict[str, Any]
    first: list[dict[str, Any]]
    second: list[dict[str, Any]]
    outcomes: Mapping[tuple[str, str, str], str]
    """The gravest outcome by pack, article and device's name."""

    @property
    def held(self) -> Comparison:
        """The first register against the truth."""
        return compare(self.first, self.truth)


@pytest.fixture(scope="module")
def called(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> RollCall:
    folder = tmp_path_factory.mktemp("roll-call")
    (folder / "muster.toml").write_text(SETTINGS.format(vault=folder / "vault.json"), encoding="utf-8")
    (folder / "passphrase").touch(mode=0o600)
    (folder / "passphrase").write_text("not a secret of anybody", encoding="ascii")
    (folder / "commands").write_text("".join(_commands(folder)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MUSTER_VAULT_PASSPHRASE_FILE", str(folder / "passphrase"))
        ran = command_with(folder)(
            *("run", "--topology", "office"),
            *("--write-truth", str(folder / "truth.json"), "--health", str(folder / "health.json")),
            *("--", sys.executable, "-c", COMMANDS, str(folder / "commands")),
            seconds=420,
        )
    assert ran.returncode == 0, ran.stderr

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    truth = read("truth.json")
    outcomes = _gravest(str(folder / "register.sqlite"), truth)
    return RollCall(truth, read("health.json"), read("first.json"), read("second.json"), outcomes)


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


def test_every_device_stands_where_its_truth_says_in_the_edition_in_force(called: RollCall) -> None:
    assert _differing(called, "guideline-2024", {number: number for number in IN_FORCE.values()}) == []


def test_every_device_stands_where_its_truth_says_in_the_edition_before(called: RollCall) -> None:
    assert _differing(called, "guideline-2022", IN_FORCE) == []


def test_every_device_stands_where_its_truth_says_by_the_inspection_items(called: RollCall) -> None:
    items = {item for device in called.truth["devices"] for item in device["verdicts"]} - set(
        IN_FORCE.values()
    )
    assert {"m-a", "m-b", "a-j", "CC-14000"} <= items
    assert _differing(called, "twse", {item: item for item in items}) == []


def test_nobody_who_can_be_met_is_left_out(called: RollCall) -> None:
    met = {device for _pack, _article, device in called.outcomes}
    assert {one["device"] for one in called.truth["devices"] if one["visible"] != "nothing"} - met == set()


def _differing(called: RollCall, pack: str, asked: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Device, article, what it should be and what it is, for all that were met."""
    met = {device for _pack, _article, device in called.outcomes}
    return [
        (one["device"], number, one["verdicts"][same], called.outcomes[pack, number, one["device"]])
        for one in called.truth["devices"]
        if one["device"] in met
        for number, same in asked.items()
        if called.outcomes[pack, number, one["device"]] != one["verdicts"][same]
    ]


def _gravest(register_file: str, truth: Mapping[str, Any]) -> dict[tuple[str, str, str], str]:
    outcomes: dict[tuple[str, str, str], str] = {}
    with Register.open(register_file, SystemClock(), create=False) as register:
        found = _found(register)
        names = {found[key]: one["device"] for one in truth["devices"] for key in _keys(one) if key in found}
        for verdict in register.verdicts():
            key = (verdict.pack, verdict.article, names.get(verdict.device, verdict.device))
            standing = outcomes.get(key, "not-applicable")
            outcomes[key] = min(standing, verdict.outcome.value, key=GRAVEST_FIRST.index)
    return outcomes


def _found(register: Register) -> dict[str, str]:
    """The id of the device that has an address or a MAC."""
    return {
        key: device.id
        for device in register.devices()
        for one in device.addresses
        for key in (one.ip, one.mac)
        if key
    }


def _keys(device: Mapping[str, Any]) -> Iterator[str]:
    for address in device["addresses"]:
        yield from (address["mac"], address["ip"])


def _commands(folder: Path) -> Iterator[str]:
    office = load_office(DEFAULT, load_personas(PERSONAS))
    place = ("--config", str(folder / "muster.toml"), "--register", str(folder / "register.sqlite"))
    packs = [word for name in ("guideline-2024", "guideline-2022", "twse") for word in ("--pack", name)]
    yield "\t".join((*place, "vault", "set", "office-gear")) + "\vfirm-ro\n"
    for one in office.segments:
        where = (str(one.network), "--site", "hq", "--segment", one.name, "--touch", "login")
        yield "\t".join((*place, "scope", "add", *where)) + "\n"
    called = [
        [("scan",), ("register", "export", "--format", "json", "--out", str(folder / f"{name}.json"))]
        for name in ("first", "second")
    ]
    judged = [("check", "logins"), ("check",), ("assess", *packs)]
    for words in (*called[0], *judged, *called[1]):
        yield "\t".join((*place, *words)) + "\n"
