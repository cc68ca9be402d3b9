"""Runs inside `unshare`: every way Muster scans, against a printer whose kernel counts what comes.

A packet to a raw print port that is neither SYN nor RST is a completed connection or a payload byte; nftables
counts those, and UDP to the same numbers. p910nd holds port 9100 with a plain file for paper, where it is
installed. Prints one JSON object for the test to judge.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

NEAR = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
addr add 10.99.0.1/24 dev near0
link set near0 up
"""
FAR = """
link set lo up
addr add 10.99.0.2/24 dev far0
link set far0 up
"""
COUNTERS = """
table ip proof {
  set raw { type inet_service; flags interval; elements = { 515, 9100-9107, 9112-9116, 9999 } }
  counter asked {}
  counter touched {}
  counter datagrams {}
  chain in {
    type filter hook input priority 0;
    tcp dport @raw tcp flags & (syn | rst) == syn counter name asked
    tcp dport @raw tcp flags & (syn | rst) == 0 counter name touched
    udp dport @raw counter name datagrams
  }
}
"""
LISTENER = """
import socket, sys
held = []
for port in (80, 515, 9101, 9102, 9107, 9112, 9116, 9999, *map(int, sys.argv[1:])):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(64)
    held.append(server)
print("ready", flush=True)
sys.stdin.read()
"""
IN_FAR = ["ip", "netns", "exec", "far"]


def run(*words: str, given: str = "") -> str:
    return subprocess.run(words, input=given, text=True, check=True, capture_output=True).stdout


def counters() -> dict[str, int]:
    listed = json.loads(run(*IN_FAR, "nft", "-j", "list", "counters"))["nftables"]
    return {one["counter"]["name"]: one["counter"]["packets"] for one in listed if "counter" in one}


def main() -> None:
    run("mount", "-t", "tmpfs", "none", "/run")
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    run("ip", "-force", "-batch", "-", given=NEAR)
    run("ip", "-n", "far", "-force", "-batch", "-", given=FAR)
    run(*IN_FAR, "nft", "-f", "-", given=COUNTERS)
    with TemporaryDirectory() as folder:
        paper = Path(folder) / "paper"
        paper.touch()
        daemon = None
        if shutil.which("p910nd"):
            words = [*IN_FAR, "p910nd", "-d", "-f", str(paper), "0"]
            daemon = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with subprocess.Popen(
            [*IN_FAR, sys.executable, "-c", LISTENER, *([] if daemon else ["9100"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as listener:
            assert listener.stdout
            assert listener.stdin
            listener.stdout.readline()
            seen = profiles(Path(folder) / "register.sqlite")
            listener.stdin.close()
        if daemon:
            daemon.terminate()
            daemon.wait()
        print(json.dumps({"profiles": seen, "paper": paper.stat().st_size, "p910nd": bool(daemon)}))


def profiles(register: Path) -> dict[str, dict[str, int]]:
    """What each way of scanning added to the counters."""
    muster = [sys.executable, "-m", "muster", "--register", str(register)]
    environment = os.environ | {"MUSTER_SCAN__TIMEOUT": "0.5"}
    add = [*muster, "scope", "add", "10.99.0.2", "--site", "hq", "--segment", "office", "--touch", "login"]
    subprocess.run([*add, "--caps", "lifted"], check=True, capture_output=True)
    ports = "515,9100-9107,9112-9116,9999"
    ways = {
        "scan": ["scan", "-q"],
        "scan again": ["scan", "-q"],
        "scan --connect": ["scan", "-q", "--connect"],
        "sweep": ["sweep", "10.99.0.2", "--ports", ports, "--rate", "max", "--per-host", "max"],
        "sweep --udp": ["sweep", "10.99.0.2", "--udp", "161,5353"],
    }
    if shutil.which("nmap"):
        ways["scan --nmap"] = ["scan", "-q", "--nmap"]
    seen = {}
    for name, words in ways.items():
        before = counters()
        subprocess.run([*muster, *words], check=True, capture_output=True, env=environment, timeout=100)
        time.sleep(0.2)  # what is on its way arrives
        after = counters()
        seen[name] = {counter: after[counter] - before[counter] for counter in after}
    return seen


if __name__ == "__main__":
    main()
