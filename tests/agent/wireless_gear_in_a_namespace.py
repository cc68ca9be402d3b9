"""Runs inside `unshare`: controllers played by snmpsim, scanned and asked by `muster`; prints JSON.

The recordings are made here from the vendors' MIBs: no such gear was at hand to be walked.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SECONDS = 60
CISCO, SECURITY = "1.3.6.1.4.1.9.9.512.1.1.1.1", "1.3.6.1.4.1.9.9.521.1.1.1.1"
AIRESPACE = "1.3.6.1.4.1.14179.2.1"
ARUBA = "1.3.6.1.4.1.14823.2.2.1.5.2"
RUCKUS = "1.3.6.1.4.1.25053.1.1.6.1.1"
STATION = "2.77.85.0.0.9"
AP = "136.172.192.87.0.0.1"
Recording = dict[str, tuple[str, str]]  # OID to snmprec's tag and value: 2 INTEGER, 4 text, 4x hexadecimal


def of_system(description: str, object_id: str) -> Recording:
    """The group every agent has (SNMPv2-MIB)."""
    rows = {"1.0": ("4", description), "2.0": ("6", object_id), "3.0": ("67", "4711"), "5.0": ("4", "wlan")}
    return {f"1.3.6.1.2.1.1.{oid}": row for oid, row in rows.items()}


def of_cisco(index: int, ssid: bytes, management: str, pmf: str) -> Recording:
    """One WPA2 or WPA3 network of a Cisco controller."""
    said = {"2": ("2", "2"), "3": ("4x", "00"), "4": ("2", "1"), "5": ("4x", "40"), "6": ("4x", management)}
    rows = {f"{SECURITY}.{column}.{index}": row for column, row in (said | {"13": ("2", pmf)}).items()}
    rows |= {f"{AIRESPACE}.1.1.{column}.{index}": ("2", "0") for column in (8, 13)}
    rows[f"{AIRESPACE}.1.1.6.{index}"] = ("2", "1")
    return rows | {f"{CISCO}.4.{index}": ("4x", ssid.hex())}


AGENTS: dict[str, Recording] = {
    "127.10.0.1": {
        **of_system("Cisco Controller", "1.3.6.1.4.1.9.1.1069"),
        **of_cisco(1, b"FIRM-TRADING", "0080", "2"),
        **of_cisco(2, "永豐".encode("big5"), "20", "0"),
        f"{AIRESPACE}.4.1.7.{STATION}": ("4", "FIRM-TRADING"),
    },
    "127.10.0.2": {
        **of_system("ArubaOS (MODEL: Aruba7010), Version 8.6.0.2", "1.3.6.1.4.1.14823.1.1.48"),
        f"{ARUBA}.1.7.1.2.{AP}.136.172.192.87.0.1": ("4", "office"),
        f"{ARUBA}.1.7.1.8.{AP}.136.172.192.87.0.1": ("2", "36"),
        f"{ARUBA}.1.8.1.5.6.111.102.102.105.99.101": ("4x", "0400"),
        f"{ARUBA}.2.1.1.2.{STATION}": ("4x", "88acc0570001"),
    },
    "127.10.0.3": {
        **of_system("Ruckus Wireless ZF7372", "1.3.6.1.4.1.25053.3.1.4.32"),
        f"{RUCKUS}.1.1.1.1.5": ("4", "old"),
        f"{RUCKUS}.1.1.1.2.5": ("4x", "88acc0570005"),
        f"{RUCKUS}.3.1.1.5.5": ("2", "2"),
    },
}


@contextmanager
def played(folder: Path) -> Iterator[None]:
    """The agents answer to `public` while inside."""
    words: list[str] = []
    for number, (ip, recording) in enumerate(AGENTS.items(), 1):
        place = folder / f"agent-{number}"
        place.mkdir()
        rows = sorted(recording.items(), key=lambda row: [int(part) for part in row[0].split(".")])
        text = "".join(f"{oid}|{tag}|{value}\n" for oid, (tag, value) in rows)
        (place / "public.snmprec").write_text(text, encoding="utf-8")
        words += [f"--v3-engine-id=80001f88{number:016x}", f"--agent-udpv4-endpoint={ip}:161"]
        words += [f"--data-dir={place}"]
    responder = Path(sys.executable).parent / "snmpsim-command-responder"
    quiet = ["--quiet", "--logging-method=null", f"--cache-dir={folder / 'cache'}"]
    quiet += ["--process-user=root", "--process-group=root"]
    with subprocess.Popen([str(responder), *quiet, *words], stdout=sys.stderr) as daemon:
        try:
            yield
        finally:
            daemon.terminate()
            daemon.wait(timeout=20)


def muster(folder: Path, *words: str) -> str:
    """What the command prints, as anybody would type it."""
    command = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite"), *words]
    environment = os.environ | {"MUSTER_SCAN__TIMEOUT": "4"}
    done = subprocess.run(
        command, env=environment, text=True, capture_output=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def all_known(folder: Path) -> bool:
    """Whether every agent's kind is in the register."""
    listed = json.loads(muster(folder, "register", "list", "--format", "json"))
    kinds = {device["device_class"] for device in listed}
    return len(listed) == len(AGENTS) and kinds <= {"wlan-controller", "access-point"}


def main() -> None:
    """Prints what each command said of the agents."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with TemporaryDirectory() as place:
        folder = Path(place)
        muster(
            folder, "scope", "add", "127.10.0.0/24", "--site", "hq", "--segment", "lab", "--allow-loopback"
        )
        with played(folder):
            ends = time.monotonic() + SECONDS
            while not all_known(folder) and time.monotonic() < ends:
                muster(folder, "scan", "-q", "--connect", "127.10.0.1-127.10.0.3")
            asked = muster(folder, "wireless", "ask", "--site", "hq")
        networks: list[dict[str, Any]] = json.loads(muster(folder, "wireless", "list", "--format", "json"))
        results = json.loads(muster(folder, "check", "wireless", "--format", "json"))
        kinds = json.loads(muster(folder, "register", "list", "--format", "json"))
    print(json.dumps({"asked": asked, "networks": networks, "results": results, "devices": kinds}))


if __name__ == "__main__":
    main()
