"""A monitor interface without a radio: recorded frames come in on a tunnel of the radiotap kind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

from lab.wireless import NETWORKS, write_capture

SCRIPT = Path(__file__).parent / "monitor_in_a_namespace.py"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
    pytest.mark.skipif(not os.access("/dev/net/tun", os.W_OK), reason="no /dev/net/tun"),
]


def test_a_monitor_interface_hears_every_network_and_a_managed_one_is_refused(tmp_path: Path) -> None:
    capture, _truth = write_capture(tmp_path / "air.pcap")
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT), str(capture)],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["networks"] == {each.bssid: [each.ssid, each.security] for each in NETWORKS["all"]}
    assert "monitor mode" in said["managed"]
    assert "none0" in said["missing"]
