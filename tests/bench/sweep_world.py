"""Runs inside `unshare`: a /16 beyond a router and a /16 on the wire, swept by us and by our peers in turn.

near (us) ── 10.99.0.0/24 ── far, which routes to 10.50.0.0/16 and holds 640 of its addresses (AnyIP), and
10.60.0.0/16 ── on the wire of a second link, with 640 more. Five ports listen on all. The far side is the
same kernel, so what it spends on answering counts alike for everybody. Prints one JSON object.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agent.transport.raw.cookie import Cookies
from agent.transport.raw.fill import Filler
from agent.transport.raw.layouts import Kind, Source, lay_out
from agent.transport.raw.link import Link, Outbox

PORTS = "22,80,443,8080,9100"
ROUTED, LOCAL = "10.50.0.0/16", "10.60.0.0/16"
OPEN_PORTS = 640 * 5
_HOSTS = [f"10.{{net}}.{number * 12 + 3}.64/27" for number in range(20)]
_NEAR = f"""
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
link add near1 type veth peer name far1 netns far
addr add 10.99.0.1/24 dev near0
addr add 10.60.0.1/16 dev near1
link set near0 up
link set near1 up
route add {ROUTED} via 10.99.0.2
route add 10.32.0.0/12 via 10.99.0.2
"""
_FAR = "\n".join(
    [
        "link set lo up",
        "addr add 10.99.0.2/24 dev far0",
        "addr add 10.60.0.2/16 dev far1",
        "link set far0 up",
        "link set far1 up",
        "route add blackhole 10.32.0.0/12",
        *(f"route add local {host.format(net=net)} dev lo" for host in _HOSTS for net in (50, 60)),
    ]
)
_LISTENER = f"""
import socket, sys
held = []
for port in ({PORTS}):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(65535)
    held.append(server)
print("ready", flush=True)
sys.stdin.read()
"""
_MASSCAN_RATES = (100_000, 300_000, 1_000_000)
_LOST = (2, 10)  # of a hundred
_BARE_SECONDS = 1.0


def main(runs: int, parts: list[str]) -> None:
    """Measures the parts named (all, where none is) once, our own sweep `runs` times."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    _ip(_NEAR)
    _ip(_FAR, "-n", "far")
    far = ["ip", "netns", "exec", "far"]
    for setting in ("net.ipv4.tcp_max_syn_backlog=65536", "net.core.somaxconn=65536"):
        subprocess.run([*far, "sysctl", "-qw", setting], check=True)
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(
            [*far, sys.executable, "-c", _LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as listener,
    ):
        assert listener.stdout is not None
        listener.stdout.readline()
        print(json.dumps(_measure(Path(folder), runs, parts or ["speed", "memory"])))
        assert listener.stdin is not None
        listener.stdin.close()


def _measure(folder: Path, runs: int, parts: list[str]) -> dict[str, object]:
    muster = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite")]
    for network in ("10.32.0.0/12", ROUTED, LOCAL):
        words = [*muster, "scope", "add", network, "--site", "hq", "--segment", network.partition("/")[0]]
        subprocess.run([*words, "--caps", "lifted"], check=True, capture_output=True)
    sweep = [*muster, "sweep", "--rate", "max", "--per-host", "max", "--format", "json", "--ports"]
    result: dict[str, object] = {}
    if "speed" in parts:
        result |= _speed(sweep, runs)
    if "memory" in parts:
        result |= _memory(sweep, folder / "journal")
    return result


def _memory(sweep: list[str], journal: Path) -> dict[str, object]:
    """What a small network takes, and a large one where nobody answers."""
    dry = ["--retries", "0", "10.32.0.0/12"]
    return {
        "small": _timed([*sweep, PORTS, "10.50.3.0/24"]),
        "sparse_12": _timed([*sweep, "22", *dry]),
        "five_ports_12": _timed([*sweep, PORTS, *dry]),
        "kept_12": _timed([*sweep, "22", *dry, "--resume", str(journal)]),
    }


def _speed(sweep: list[str], runs: int) -> dict[str, object]:
    once = [*sweep, PORTS, "--retries", "0"]
    ours = [_timed([*sweep, PORTS, ROUTED]) for _turn in range(runs)]
    ours_once = [_timed([*once, ROUTED]) for _turn in range(runs)]
    router = _mac("far0", "-n", "far")
    masscan = {}
    for rate in _MASSCAN_RATES if shutil.which("masscan") else ():
        words = ["masscan", ROUTED, "-p", PORTS, "--rate", str(rate), "--wait", "0", "-e", "near0"]
        masscan[rate] = _timed([*words, "--router-mac", router], found="Discovered open")
    result: dict[str, object] = {
        "ours": ours,
        "ours_once": ours_once,
        "lossy": {percent: _lossy(percent, [*sweep, PORTS, ROUTED]) for percent in _LOST},
        "masscan": masscan,
        "bare": _bare_rate(router),
        "arp_ours": _timed([*sweep, "1", "--retries", "0", LOCAL]),
    }
    if shutil.which("nmap"):
        words = ["nmap", "-sS", "-n", "-T5", "--min-rate", "50000", "-oG", "-", "-p", PORTS, ROUTED]
        result["nmap"] = _timed(words, found="/open/tcp")
    if shutil.which("arp-scan"):
        result["arp_scan"] = _timed(["arp-scan", "-q", "-I", "near1", LOCAL], found="10.60.")
    return result


def _lossy(percent: int, words: list[str]) -> list[dict[str, object]]:
    """The sweep three times, with so many of a hundred answers lost on their way."""
    nft = ["ip", "netns", "exec", "far", "nft"]
    rule = f"type filter hook postrouting priority 0; oifname far0 numgen random mod 100 < {percent} drop"
    subprocess.run([*nft, f"table inet loss {{ chain out {{ {rule}; }}; }}"], check=True)
    try:
        return [_timed(words) for _turn in range(3)]
    finally:
        subprocess.run([*nft, "delete", "table", "inet", "loss"], check=True)


def _timed(words: list[str], found: str = '"state": "open"') -> dict[str, object]:
    """Seconds, kilobytes at most, how often `found` was printed, and the summary where there is one."""
    began = time.monotonic()
    is_peer = (
        words[0] != sys.executable
    )  # what peers say meanwhile is of no use; what we say is why we failed
    running = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if is_peer else None, text=True
    )
    assert running.stdout is not None
    said = running.stdout.read()
    _pid, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    running.stdout.close()
    if running.returncode and not is_peer:
        raise SystemExit(f"{' '.join(words[2:])} ended with {running.returncode}")
    seconds = time.monotonic() - began
    lines = (line for line in said.splitlines() if line.startswith('{"summary"'))
    summary: dict[str, object] = next((json.loads(line)["summary"] for line in lines), {})
    return summary | {
        "engine": summary.get("seconds", 0.0),
        "seconds": seconds,
        "found": said.count(found),
        "kilobytes": used.ru_maxrss,
    }


def _bare_rate(router: str) -> float:
    """Packets per second of sendmmsg with frames that never change: what the kernel can take at most."""
    mac = _mac("near0")
    batch = 1024
    filler = Filler(lay_out(Kind.SYN, Source("near0", mac, "10.99.0.1"), 40_000), Cookies(), batch)
    hosts = np.arange(batch, dtype=np.uint32) * np.uint32(64) + np.uint32(
        int.from_bytes(socket.inet_aton("10.50.0.0"))
    )
    macs = np.tile(np.frombuffer(bytes.fromhex(router.replace(":", "")), np.uint8), (batch, 1))
    filler.fill(hosts, np.full(batch, 22, np.uint16), macs)
    outbox = Outbox(filler.frames, filler.length)
    sent = 0
    with Link("near0", "10.99.0.1", 40_000) as link:
        began = time.monotonic()
        while time.monotonic() - began < _BARE_SECONDS:
            sent += link.send(outbox, batch)
        return sent / (time.monotonic() - began)


def _mac(interface: str, *where: str) -> str:
    shown = subprocess.run(
        ["ip", "-j", *where, "link", "show", interface], capture_output=True, text=True, check=True
    )
    return str(json.loads(shown.stdout)[0]["address"])


def _ip(batch: str, *arguments: str) -> None:
    subprocess.run(
        ["ip", *arguments, "-force", "-batch", "-"], input=batch, text=True, check=True, capture_output=True
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
