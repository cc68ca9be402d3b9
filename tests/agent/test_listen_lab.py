"""Listening to a live wire with real senders on it: everybody is heard, and nothing is ever sent."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "listen_in_a_namespace.py"
MAC = "02:00:00:00:99:02"

pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


@pytest.fixture(scope="module")
def wire() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", "--mount-proc", sys.executable, str(SCRIPT)],
        capture_output=True, text=True, timeout=90, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def facts(wire: dict[str, Any], source: str) -> dict[str, str]:
    return {name: value for line in wire["heard"][source] for name, value in line["facts"]}


def test_every_protocol_is_heard(wire: dict[str, Any]) -> None:
    assert set(wire["wanted"]) <= set(wire["heard"])
    assert len(wire["wanted"]) >= 8  # mDNS needs avahi


def test_not_a_single_frame_left_while_listening(wire: dict[str, Any]) -> None:
    assert wire["sent"] == 0
    assert wire["heard"]["summary"][0]["summary"]["frames"] > 0
    assert wire["code"] == 0


def test_no_mac_is_made_up(wire: dict[str, Any]) -> None:
    said = [line for source, lines in wire["heard"].items() if source != "summary" for line in lines]
    assert {line["mac"] for line in said} <= {MAC, ""}
    assert {line["ip"] for line in said} <= {"10.99.0.2", ""}


def test_what_the_senders_say_of_themselves_is_read(wire: dict[str, Any]) -> None:
    assert facts(wire, "arp")["arp.mac"] == MAC
    assert facts(wire, "dhcp")["dhcp.vendor-class"] == "udhcp 1.36"
    assert facts(wire, "ssdp")["ssdp.server"] == "Lab/1 UPnP/1.0 Talker/2"
    assert "NetworkVideoTransmitter" in facts(wire, "wsd")["wsd.types"]
    assert facts(wire, "nbns")["nbns.name"] == "TALKER"
    assert any("239.1.2.3" in json.dumps(line) for line in wire["heard"]["igmp"])
    assert facts(wire, "lldp")["lldp.sysdesc"] == "A talker of the lab"
    assert facts(wire, "cdp")["cdp.device-id"] == "talker"
    if "mdns" in wire["wanted"]:
        assert "talker" in json.dumps(wire["heard"]["mdns"])
