"""The demonstration office, really brought up: what its truth says is on the wire is on the wire."""

import json
import sys
from pathlib import Path

import pytest

from tests.lab.conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("namespaces")]

# Runs at the vantage with a truth file: connects once to every TCP port of every device.
CALL = """
import asyncio, json, sys
async def knock(ip, port):
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(ip, port), 5)
    except OSError as error:
        return f"{ip}:{port} {type(error).__name__}"
    writer.close()
    return ""
async def main():
    places = [
        (device["addresses"][0]["ip"], int(port[4:]))
        for device in json.load(open(sys.argv[1]))["devices"]
        for port in device["ports"]
        if port.startswith("tcp/")
    ]
    answers = await asyncio.gather(*(knock(*place) for place in places))
    print(json.dumps({"tried": len(places), "shut": [one for one in answers if one]}))
asyncio.run(main())
"""


def test_every_port_of_the_truth_is_open_and_no_device_complains(lab: Lab, tmp_path: Path) -> None:
    truth, health = tmp_path / "truth.json", tmp_path / "health.json"
    ran = lab(
        *("run", "--topology", "office", "--write-truth", str(truth), "--health", str(health)),
        *("--", sys.executable, "-c", CALL, str(truth)),
    )
    assert ran.returncode == 0, ran.stderr
    report = json.loads(health.read_text())
    left_out = " ".join(report["left_out"])
    devices = json.loads(truth.read_text())["devices"]
    without_daemon = {
        address["ip"]
        for device in devices
        for address in device["addresses"]
        if any(word == device["device"] for word in left_out.split()) or "not installed" in left_out
    }
    called = json.loads(ran.stdout)
    assert called["tried"] > 150
    assert [place for place in called["shut"] if place.partition(":")[0] not in without_daemon] == []
    assert report["faults"] == []
    assert report["well"] is True
    assert len(report["load"]) >= 45
