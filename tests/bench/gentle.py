"""A roll call with the gentle defaults beside nmap under the same caps, each in an office of its own.

The office is the lab's demonstration: some seventy devices in five networks. nmap asks what a person would
ask it to find the same out (`-sS -sU -sV --top-ports`), held to our two rates; what it takes beyond a limit
is not waited for, so its time and its packets are then at least that. The second office asks what nmap's own
defaults do to a device that is easily hurt.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

Row = tuple[str, float, float, float, str]

NETWORKS = [f"10.10.{number}.0/24" for number in (10, 20, 30, 40, 50)]
TOP_PORTS = 100
_ROOT = Path(__file__).parents[2]
_AT_MOST = 600  # s of nmap
_DEFAULTS_AT_MOST = 60  # s; the device dies in the first
_LAB_SECONDS = 120
_RATES = ("--max-rate", "1000", "--scan-delay", "25ms", "--max-scan-delay", "25ms")
_NMAP = ("nmap", "-n", "-sS", "-sU", "-sV", "--top-ports", str(TOP_PORTS))
_DELICATE = """
topology: eggs
title: One device that is easily hurt

segments:
  iot: {network: 10.12.20.0/26, vlan: 20}

vantages:
  admin: {segment: iot, ip: 10.12.20.50, manages: yes}

rules: []

devices:
  - {device: gateway, persona: fragile-gateway, segment: iot, ip: 10.12.20.11}
"""


def bench(at_most: float = _AT_MOST) -> list[Row]:
    """Time, packets per device and what survived, ours and nmap's; no rows without nmap or namespaces."""
    if not shutil.which("nmap"):
        sys.stderr.write("the gentle defaults were not measured: nmap is missing\n")
        return []
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "eggs.yaml").write_text(_DELICATE, encoding="utf-8")
        try:
            ours = _in_office(place, "office", _roll_call(NETWORKS))
            peer = _in_office(place, "office", _limited(at_most, [*_NMAP, *_RATES, *NETWORKS]))
            eggs = str(place / "eggs.yaml")
            kept = _in_office(place, eggs, _roll_call(["10.12.20.0/26"]))
            hurt = _in_office(place, eggs, _limited(_DEFAULTS_AT_MOST, [*_NMAP, "10.12.20.11"]))
        except subprocess.SubprocessError as error:
            sys.stderr.write(f"the gentle defaults were not measured: {error}\n")
            return []
    found = json.loads(ours["compared"])
    everybody = len(found["found"]) + len(found["missed"])
    rows = [
        ("office: devices in the register, of those to be found", len(found["found"]), everybody, "devices"),
        ("office: time, against nmap under the same caps (at least)", ours["seconds"], peer["seconds"], "s"),
        ("office: packets to a device, median", _packets(ours), _packets(peer), "packets"),
        (
            "office: packets to and from a device, median",
            _packets(ours, both_ways=True),
            _packets(peer, both_ways=True),
            "packets",
        ),
        ("office: most packets a device got in one second", _hardest(ours), _hardest(peer), "packets"),
        ("fragile device: 1 alive, 0 dead; nmap's defaults", _alive(kept), _alive(hurt), ""),
    ]
    return [
        (what, float(mine), float(its), mine / its if its else 0.0, unit) for what, mine, its, unit in rows
    ]


def _roll_call(networks: list[str]) -> str:
    """Shell lines: networks in scope, a scan, an export, and how it compares with the truth."""
    muster = f'"{sys.executable}" -m muster --register "$OUT/register.sqlite"'
    scopes = [
        f"{muster} scope add {net} --site hq --segment s{at} >/dev/null" for at, net in enumerate(networks)
    ]
    return "\n".join(
        [
            "set -e",
            *scopes,
            'date +%s.%N > "$OUT/began"',
            f"{muster} scan --quiet >/dev/null",
            'date +%s.%N > "$OUT/ended"',
            f'{muster} register export --format json --out "$OUT/export.json" >/dev/null',
        ]
    )


def _limited(at_most: float, words: list[str]) -> str:
    command = f"timeout {at_most:.0f} {' '.join(words)} >/dev/null 2>&1 || true"
    return f'date +%s.%N > "$OUT/began"\n{command}\ndate +%s.%N > "$OUT/ended"'


def _in_office(folder: Path, topology: str, lines: str) -> dict[str, Any]:
    """The lines carried out in an office of their own: seconds, the office's health, the comparison."""
    out = folder / str(time.monotonic_ns())
    out.mkdir()
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "OUT": str(out), "MUSTER_VAULT": str(out / "vault")}
    lab = [sys.executable, "-m", "lab"]
    words = [*lab, "run", "-q", "--topology", topology, "--write-truth", str(out / "truth.json")]
    subprocess.run(
        [*words, "--health", str(out / "health.json"), "--", "bash", "-c", lines],
        cwd=_ROOT, env=environment, check=True, capture_output=True, timeout=2 * _AT_MOST + _LAB_SECONDS,
    )  # fmt: skip
    began, ended = (float((out / name).read_text()) for name in ("began", "ended"))
    result = {"seconds": ended - began, "health": json.loads((out / "health.json").read_text())}
    if (out / "export.json").exists():
        compare = [*lab, "compare", str(out / "export.json"), "--truth", str(out / "truth.json")]
        done = subprocess.run(
            [*compare, "--format", "json"],
            cwd=_ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        result["compared"] = done.stdout
    return result


def _packets(run: dict[str, Any], *, both_ways: bool = False) -> float:
    met = [load for load in run["health"]["load"].values() if load["packets"]]
    return float(median(load["packets"] + both_ways * load["sent"] for load in met))


def _hardest(run: dict[str, Any]) -> float:
    return float(max(load["most_in_one_second"] for load in run["health"]["load"].values()))


def _alive(run: dict[str, Any]) -> float:
    return float(all(state == "alive" for state in run["health"]["fragile"].values()))
