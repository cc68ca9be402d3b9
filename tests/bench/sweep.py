"""The raw engine beside masscan, nmap, arp-scan and a bare sendmmsg loop, in namespaces of its own.

Every figure is of whole processes, start-up included, in one run. Peers are left out where they are missing.
masscan is timed at the rate that serves it best: the quickest of those where it found the most.
`python -m tests.bench.sweep memory` measures one part alone and prints it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = tuple[str, float, float, float, str]

RUNS = 20
_ROOT = Path(__file__).parents[2]
_SECONDS = 1500
_OPEN = 3200


def bench(parts: Sequence[str] = ()) -> list[Row]:
    """What the engine took and found, beside its peers; no rows where namespaces cannot be made.

    `parts` are some of `speed` and `memory`; none means both.
    """
    unshare = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-Urnm"]
    words = [*unshare, "--fork", "--pid", "--kill-child", sys.executable, "-m", "tests.bench.sweep_world"]
    done = subprocess.run(
        [*words, str(RUNS), *parts], capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=_ROOT
    )
    if done.returncode:
        sys.stderr.write(f"the sweep was not measured: {done.stderr.strip()[-300:]}\n")
        return []
    measured = json.loads(done.stdout)
    return [
        *(_speed(measured) if "ours" in measured else ()),
        *(_memory(measured) if "small" in measured else ()),
    ]


def _memory(measured: dict[str, Any]) -> list[Row]:
    small = measured["small"]["kilobytes"] / 1024
    return [
        _row(f"memory for {what}, against a /24", measured[name]["kilobytes"] / 1024, small, "MB")
        for name, what in (
            ("sparse_12", "a sparse /12"),
            ("five_ports_12", "a sparse /12 × 5 ports"),
            ("kept_12", "a sparse /12 with --resume"),
        )
    ]


def _speed(measured: dict[str, Any]) -> list[Row]:
    ours, once = measured["ours"], measured["ours_once"]
    took = _median(ours, "seconds")
    took_once = _median(once, "seconds")
    rows = [
        _row(
            "/16 × 5 ports: open ports found, worst of 20 runs", min(r["found"] for r in ours), _OPEN, "ports"
        ),
        _row(
            "/16 × 5 ports asked once: found, worst of 20 runs", min(r["found"] for r in once), _OPEN, "ports"
        ),
    ]
    if measured["masscan"]:
        best = max(measured["masscan"].values(), key=lambda run: (run["found"], -run["seconds"]))
        quick = min(measured["masscan"].values(), key=lambda run: run["seconds"])
        rows += [
            _row("open ports masscan found at most", _OPEN, best["found"], "ports"),
            _row("asked once, against masscan's most complete run", took_once, best["seconds"], "s"),
            _row("asked once, against masscan's quickest run", took_once, quick["seconds"], "s"),
            _row("asked twice (our default), against masscan's quickest run", took, quick["seconds"], "s"),
        ]
    if "nmap" in measured:
        rows.append(_row("asked once, against nmap -sS -T5", took_once, measured["nmap"]["seconds"], "s"))
    for percent, runs in measured["lossy"].items():
        what = f"/16 × 5 ports with {percent} % of answers lost"
        rows.append(_row(f"{what}: found, worst of 3 runs", min(r["found"] for r in runs), _OPEN, "ports"))
        rows.append(_row(f"{what}: time, against without loss", _median(runs, "seconds"), took, "s"))
        packets, usual = _median(runs, "packets"), _median(ours, "packets")
        rows.append(_row(f"{what}: packets, against without loss", packets, usual, "packets"))
    rate = sorted(run["packets"] / run["sending"] for run in ours)[len(ours) // 2]
    rows.append(_row("packets/s while sending, against bare sendmmsg", rate, measured["bare"], "1/s"))
    if "arp_scan" in measured:
        arp = measured["arp_ours"]
        rows.append(
            _row("ARP on a /16, against arp-scan", arp["seconds"], measured["arp_scan"]["seconds"], "s")
        )
    return rows


def _row(what: str, ours: float, peer: float, unit: str) -> Row:
    return what, float(ours), float(peer), ours / peer, unit


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return float(sorted(run[key] for run in runs)[len(runs) // 2])


if __name__ == "__main__":
    for row in bench(sys.argv[1:]):
        print(*row, sep="\t")
