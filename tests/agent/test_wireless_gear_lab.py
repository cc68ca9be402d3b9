"""Controllers and access points asked over the wire, played by snmpsim from recordings made by their MIBs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "wireless_gear_in_a_namespace.py"
RESPONDER = Path(sys.executable).parent / "snmpsim-command-responder"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
    pytest.mark.skipif(not RESPONDER.exists(), reason="snmpsim is not installed"),
]


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True, text=True, timeout=280, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_network_of_the_gear_is_kept_with_its_protection(said: dict[str, Any]) -> None:
    assert {(one["ssid"], one["bssid"], one["security"]) for one in said["networks"]} == {
        ("FIRM-TRADING", "", "WPA3-PERSONAL"),
        ("永豐 (hex a5c3c2d7)", "", "WPA2-PERSONAL"),
        ("office", "88:ac:c0:57:00:01", "WPA2-PERSONAL"),
        ("old", "88:ac:c0:57:00:05", "WEP"),
    }


def test_stations_stand_at_the_network_they_joined(said: dict[str, Any]) -> None:
    joined = {one["ssid"] for one in said["networks"] if one["stations"]}
    assert joined == {"FIRM-TRADING", "office"}


def test_what_the_gear_tells_decides_its_check(said: dict[str, Any]) -> None:
    address = {one["id"]: one["ip"][0] for one in said["devices"]}
    outcomes = {address[one["device"]]: one["outcome"] for one in said["results"]}
    assert outcomes == {"127.10.0.1": "pass", "127.10.0.2": "pass", "127.10.0.3": "fail"}
