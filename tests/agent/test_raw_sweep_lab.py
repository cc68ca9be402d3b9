"""The raw sweep on real interfaces, in namespaces of its own: complete, gentle, and soon ended."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "sweep_in_a_namespace.py"
ROOT = SCRIPT.parent.parent.parent
NEAR = {"10.99.0.2"} | {f"10.99.0.{number}" for number in range(64, 96)} - {"10.99.0.70"}
BEYOND = {f"10.98.0.{number}" for number in range(64, 96)}

UNSHARE = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-Urnm"]


def why_not() -> str:
    for program in ("unshare", "ip", "nft"):
        if not shutil.which(program):
            return f"{program} is missing"
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False, timeout=20)
    return "" if tried.returncode == 0 else "namespaces cannot be made here"


pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


def swept(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def quiet() -> dict[str, Any]:
    return swept()


def test_everybody_is_found_on_the_wire_and_beyond_the_router(quiet: dict[str, Any]) -> None:
    assert set(quiet["hosts"]) == NEAR | BEYOND


def test_a_mac_is_known_on_the_wire_and_never_made_up_beyond_it(quiet: dict[str, Any]) -> None:
    assert all(quiet["hosts"][ip] for ip in NEAR)
    assert not any(quiet["hosts"][ip] for ip in BEYOND)


def test_every_open_port_is_found_and_every_closed_one_told(quiet: dict[str, Any]) -> None:
    assert all(quiet["open"][ip] == [80, 443, 9100] for ip in NEAR | BEYOND)
    assert quiet["closed"] == 44 * len(NEAR | BEYOND)


def test_no_device_gets_more_than_forty_packets_in_any_second(quiet: dict[str, Any]) -> None:
    # Ours, and the kernel's RST for each SYN+ACK, as they arrive on the other side.
    assert 10 < quiet["fastest"] <= 40


def test_a_raw_print_port_never_sees_a_connection(quiet: dict[str, Any]) -> None:
    assert quiet["accepted_9100"] == 0


def test_a_barred_address_gets_no_packet(quiet: dict[str, Any]) -> None:
    assert quiet["barred_asked"] == 0


def test_without_privileges_the_same_answers_are_had(quiet: dict[str, Any]) -> None:
    assert len(quiet["raw"]) == 4 * len(NEAR | BEYOND)
    # Itself the machine asks only this way: the kernel takes no raw frame for its own addresses.
    assert [line for line in quiet["connected"] if not line.startswith("10.99.0.1 ")] == quiet["raw"]


def test_a_stop_ends_the_sweep_and_says_what_is_left(quiet: dict[str, Any]) -> None:
    assert quiet["stopped_not_reached"] > 0


def test_an_interface_that_goes_away_ends_the_sweep_with_its_reason(quiet: dict[str, Any]) -> None:
    assert any("down" in fault for fault in quiet["faults"])
    assert quiet["unplugged_not_reached"] > 0


def test_with_every_fourth_answer_lost_everybody_is_still_found() -> None:
    lossy = swept("--loss")
    assert set(lossy["hosts"]) == NEAR | BEYOND
    assert all(lossy["open"][ip] == [80, 443, 9100] for ip in NEAR | BEYOND)
