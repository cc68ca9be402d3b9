"""`muster scan` from the command line, in a pretend office with everything that is easily hurt."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import why_not

ROOT = Path(__file__).parent.parent.parent
TOPOLOGY = """
topology: delicate
title: A small office with what is easily hurt

segments:
  office: {network: 10.12.10.0/26, vlan: 10}
  iot: {network: 10.12.20.0/26, vlan: 20}

vantages:
  admin: {segment: office, ip: 10.12.10.50, manages: yes, port: sw-1/24}

rules: []

devices:
  - {device: rt-1, persona: cisco-isr-4331, segment: office, router: yes, port: sw-1/1}
  - {device: sw-1, persona: aruba-2930f, segment: office, ip: 10.12.10.2}
  - {device: mfp-1, persona: ricoh-im-c3000, segment: office, ip: 10.12.10.21, port: sw-1/2}
  - {device: prn-1, persona: hp-laserjet-m404dn, segment: office, ip: 10.12.10.22, port: sw-1/3}
  - {device: label-1, persona: zebra-zt411, segment: iot, ip: 10.12.20.22, port: sw-1/4}
  - {device: gateway-1, persona: fragile-gateway, segment: iot, ip: 10.12.20.11, port: sw-1/5}
  - {device: gateway-2, persona: fragile-gateway, segment: office, ip: 10.12.10.11, port: sw-1/6}
  - {device: gateway-3, persona: dying-gateway, segment: office, ip: 10.12.10.12, port: sw-1/8}
  - {device: contact-1, persona: plain-door-contact, segment: iot, ip: 10.12.20.31, port: sw-1/7}
"""
STEPS = """
set -e
muster() { "$PYTHON" -m muster --register "$REGISTER" "$@"; }
echo firm-ro | muster vault set office-gear > /dev/null
muster scope add 10.12.10.0/26 --site hq --segment office --do-not-probe 10.12.10.22 > /dev/null
muster scope add 10.12.20.0/26 --site hq --segment iot > /dev/null
muster scan --quiet --format json > "$OUT/run.json"
muster register export --format json --out "$OUT/export.json" > /dev/null
"""

pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("office")
    (folder / "delicate.yaml").write_text(TOPOLOGY)
    shutil.copytree(ROOT / "lab" / "personas", folder / "personas")
    gateway = (folder / "personas" / "fragile-gateway.yaml").read_text()
    dying = gateway.replace("fragile-gateway", "dying-gateway").replace("second: 60", "second: 25")
    (folder / "personas" / "dying-gateway.yaml").write_text(dying)
    environment = os.environ | {
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "REGISTER": str(folder / "register.sqlite"),
        "OUT": str(folder),
        "MUSTER_SCAN__TIMEOUT": "1",
        "MUSTER_VAULT": str(folder / "vault.json"),
        "MUSTER_VAULT_PASSPHRASE": "a passphrase of the tests",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lab", "run", "-q", "--topology", str(folder / "delicate.yaml"),
         "--personas", str(folder / "personas"), "--health", str(folder / "health.json"),
         "--", "bash", "-c", STEPS],
        env=environment, capture_output=True, text=True, timeout=150, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def test_everybody_is_found_once(office: dict[str, Any]) -> None:
    places = sorted(address["ip"] for device in office["export"] for address in device["addresses"])
    assert places == [
        "10.12.10.1", "10.12.10.11", "10.12.10.12", "10.12.10.2", "10.12.10.21",
        "10.12.20.1", "10.12.20.11", "10.12.20.22", "10.12.20.31",
    ]  # fmt: skip
    assert len(office["export"]) == 8  # the router has two addresses


def test_a_device_that_answers_nothing_is_known_from_the_router(office: dict[str, Any]) -> None:
    (iot,) = [part for part in office["run"][0]["coverage"] if part["segment"] == "iot"]
    assert [one["ip"] for one in iot["unsettled"]] == ["10.12.20.31"]


def test_routed_devices_have_their_own_mac_and_switch_port(office: dict[str, Any]) -> None:
    (label,) = [one for one in office["export"] if one["addresses"][0]["ip"] == "10.12.20.22"]
    assert label["addresses"][0]["mac"].startswith("00:07:4d")
    assert label["connection_method"] == "wired"


def test_the_fragile_devices_are_alive_and_no_paper_was_used(office: dict[str, Any]) -> None:
    assert office["health"]["paper_bytes"] == 0
    fragile = office["health"]["fragile"]
    assert fragile == {"gateway-1": "alive", "gateway-2": "alive", "gateway-3": fragile["gateway-3"]}


def test_a_device_that_dies_of_its_first_packets_is_left_alone_at_once_and_reported(
    office: dict[str, Any],
) -> None:
    assert "packets in one second" in office["health"]["fragile"]["gateway-3"]
    (part,) = [part for part in office["run"][0]["coverage"] if part["segment"] == "office"]
    (one,) = [one for one in part["unsettled"] if one["ip"] == "10.12.10.12"]
    assert (one["state"], one["why"]) == ("unreachable", "fell-silent")
    assert one["reason"] == "answered the sweep and fell silent after tcp-syn"


def test_no_device_was_hurried(office: dict[str, Any]) -> None:
    hit = {name: load["most_in_one_second"] for name, load in office["health"]["load"].items()}
    assert max(hit.values()) <= 60, hit


def test_a_barred_device_is_not_in_the_register_and_has_its_reason(office: dict[str, Any]) -> None:
    (part,) = [part for part in office["run"][0]["coverage"] if part["segment"] == "office"]
    reasons = {one["ip"]: one["reason"] for one in part["unsettled"]}
    assert reasons["10.12.10.22"].startswith("do not probe: address 10.12.10.22")
    assert "this machine itself" in reasons["10.12.10.50"]
