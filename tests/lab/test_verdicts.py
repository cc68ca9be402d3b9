"""The demonstration office called, checked and judged: each device stands where its truth says.

A verdict counts as far as the wire can settle it: what only people know stays undetermined, and nothing that
is merely not known is kept (docs/packs.md). Both editions of the guideline are held against the same truth.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from inventory.register import Register
from inventory.types import SystemClock
from lab.demo import SETTINGS
from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import DEFAULT, load_office
from tests.lab.conftest import command_with

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("roll-call"),
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


class Judged(NamedTuple):
    """What the office is, and the gravest outcome by pack, article and device's name."""

    truth: Mapping[str, Any]
    outcomes: Mapping[tuple[str, str, str], str]


@pytest.fixture(scope="module")
def judged(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("verdicts")
    (folder / "muster.toml").write_text(SETTINGS.format(vault=folder / "vault.json"), encoding="utf-8")
    (folder / "passphrase").touch(mode=0o600)
    (folder / "passphrase").write_text("not a secret of anybody", encoding="ascii")
    (folder / "commands").write_text("".join(_commands(folder)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MUSTER_VAULT_PASSPHRASE_FILE", str(folder / "passphrase"))
        ran = command_with(folder)(
            *("run", "--topology", "office", "--write-truth", str(folder / "truth.json")),
            *("--", sys.executable, "-c", COMMANDS, str(folder / "commands")),
            seconds=420,
        )
    assert ran.returncode == 0, ran.stderr
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    outcomes: dict[tuple[str, str, str], str] = {}
    with Register.open(str(folder / "register.sqlite"), SystemClock(), create=False) as register:
        found = _found(register)
        names = {found[key]: one["device"] for one in truth["devices"] for key in _keys(one) if key in found}
        for verdict in register.verdicts():
            key = (verdict.pack, verdict.article, names.get(verdict.device, verdict.device))
            standing = outcomes.get(key, "not-applicable")
            outcomes[key] = min(standing, verdict.outcome.value, key=GRAVEST_FIRST.index)
    return Judged(truth, outcomes)


def test_every_device_stands_where_its_truth_says_in_the_edition_in_force(judged: Judged) -> None:
    assert _differing(judged, "guideline-2024", {number: number for number in IN_FORCE.values()}) == []


def test_every_device_stands_where_its_truth_says_in_the_edition_before(judged: Judged) -> None:
    assert _differing(judged, "guideline-2022", IN_FORCE) == []


def test_every_device_stands_where_its_truth_says_by_the_inspection_items(judged: Judged) -> None:
    items = {item for device in judged.truth["devices"] for item in device["verdicts"]} - set(
        IN_FORCE.values()
    )
    assert {"m-a", "m-b", "a-j", "CC-14000"} <= items
    assert _differing(judged, "twse", {item: item for item in items}) == []


def test_nobody_who_can_be_met_is_left_out(judged: Judged) -> None:
    met = {device for _pack, _article, device in judged.outcomes}
    assert {one["device"] for one in judged.truth["devices"] if one["visible"] != "nothing"} - met == set()


def _differing(judged: Judged, pack: str, asked: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Device, article, what it should be and what it is, for all that were met."""
    met = {device for _pack, _article, device in judged.outcomes}
    return [
        (one["device"], number, one["verdicts"][same], judged.outcomes[pack, number, one["device"]])
        for one in judged.truth["devices"]
        if one["device"] in met
        for number, same in asked.items()
        if judged.outcomes[pack, number, one["device"]] != one["verdicts"][same]
    ]


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
    for words in (("scan",), ("check", "logins"), ("check",), ("assess", *packs)):
        yield "\t".join((*place, *words)) + "\n"
