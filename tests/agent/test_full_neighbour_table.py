"""A full neighbour table keeps questions back: that is said, they are asked again, and all is found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "full_table_in_a_namespace.py"
HOLDS = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
MOST_NEIGHBOURS = 1400  # that a test may have the kernel look for


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")
def test_what_a_full_neighbour_table_kept_back_is_said_and_asked_again() -> None:
    if not HOLDS.exists() or int(HOLDS.read_text(encoding="ascii")) > MOST_NEIGHBOURS - 100:
        pytest.skip("this kernel's neighbour table is too large to be filled gently")
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT), str(MOST_NEIGHBOURS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    everybody = [f"10.94.0.{last}" for last in range(2, 10)]
    assert sorted(told["hosts"]) == everybody
    assert told["unsent"] == []
    assert told["tcp"] == {ip: {"80": "open", "81": "closed"} for ip in everybody}
    assert told["udp"] == {ip: {"53": "closed"} for ip in everybody}
    for remarks in told["said"]:
        assert any("a full neighbour table" in remark for remark in remarks)
        assert not any("could not be sent" in remark for remark in remarks)
