"""The raw-print guard, proved by the printer's own kernel: no scan completes a connection there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

from agent import second_opinion
from inventory.settings import ScanSettings

SCRIPT = Path(__file__).parent / "raw_print_in_a_namespace.py"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
]


@pytest.fixture(scope="module")
def proof() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_no_way_of_scanning_touches_a_raw_print_port(proof: dict[str, Any]) -> None:
    ours = {name: seen for name, seen in proof["profiles"].items() if name != "somebody else"}
    assert not {name: seen for name, seen in ours.items() if seen["touched"] or seen["datagrams"]}
    assert proof["paper"] == 0


def test_what_is_sent_there_by_mistake_does_not_even_knock(proof: dict[str, Any]) -> None:
    astray = {name: seen["asked"] for name, seen in proof["profiles"].items() if name.endswith("astray")}
    assert len(astray) == 4
    assert not any(astray.values()), astray


def test_the_counters_would_have_seen_it(proof: dict[str, Any]) -> None:
    assert proof["profiles"]["somebody else"]["touched"] > 0
    assert proof["profiles"]["scan"]["asked"] > 0
    assert proof["profiles"]["sweep"]["asked"] > 0
    assert proof["profiles"]["scan --connect"]["asked"] == 0


def test_nmap_is_never_started_with_a_script() -> None:
    words = second_opinion.arguments((80, 443), ScanSettings()).split()
    assert "--exclude-ports" in words
    assert not any(word.startswith(("--script", "-sC", "-A")) for word in words)
