"""Runs inside `unshare`: one office wire with hosts and routers that mislead a scan. Prints one JSON object.

near (us, 10.99.0.1) ── switch ── .5: accepts at every port · .6: two hosts · .9: an honest host · .2: a
router that answers ARP for all of .128/25, where only .200 is
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.agent.sweep_in_a_namespace import ip

LISTENER = """
import socket, sys
from threading import Thread
page = b"HTTP/1.0 200 OK\\r\\nServer: Thing/1.0\\r\\n\\r\\n<title>A thing</title>"
held = []
def serve(server, says):
    while True:
        asking, _address = server.accept()
        if says:
            asking.recv(4000)
            asking.sendall(page)
            asking.close()
        else:
            held.append(asking)
for port in map(int, sys.argv[2].split(",")):
    Thread(target=serve, args=(socket.create_server(("", port)), sys.argv[1] == "says"), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""
TRAP = (
    "table ip trap { chain in { type nat hook prerouting priority -100; tcp dport 1-9999 redirect to :7; }; }"
)


def inside(host: str, *words: str) -> None:
    subprocess.run(["ip", "netns", "exec", host, *words], check=True, capture_output=True)


def plugged_in(name: str, address: str) -> None:
    """A host of that name on the switch."""
    ip("netns", "add", name)
    ip("link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", f"p-{name}", "netns", "switch")
    ip("-n", "switch", "link", "set", f"p-{name}", "master", "br0", "up")
    ip("-n", name, batch=f"link set lo up\nlink set eth0 up\naddr add {address}/24 dev eth0\n")


def set_up() -> None:
    ip("link", "set", "lo", "up")
    ip("netns", "add", "switch")
    ip("link", "add", "near0", "type", "veth", "peer", "name", "p-near", "netns", "switch")
    ip("-n", "switch", batch="link add br0 type bridge\nlink set br0 up\nlink set p-near master br0 up\n")
    ip(batch="link set near0 up\naddr add 10.99.0.1/24 dev near0\n")
    for name, address in (("trap", 5), ("one", 6), ("other", 6), ("router", 2), ("honest", 9)):
        plugged_in(name, f"10.99.0.{address}")
    inside("trap", "nft", TRAP)
    # Its routes say that .128/25 is behind it: so it answers for all of them, and .200 it has itself.
    behind = "link add b0 type veth peer name b1\nlink set b0 up\nlink set b1 up\n"
    ip("-n", "router", batch=behind + "route add 10.99.0.128/25 dev b0\n")
    ip("-n", "router", "route", "add", "local", "10.99.0.200", "dev", "lo")
    forwards = [
        "net.ipv4.ip_forward=1",
        "net.ipv4.conf.eth0.proxy_arp=1",
        "net.ipv4.neigh.eth0.proxy_delay=0",
    ]
    inside("router", "sysctl", "-qw", *forwards)


def listens(host: str, how: str, ports: str) -> "subprocess.Popen[bytes]":
    words = ["ip", "netns", "exec", host, sys.executable, "-c", LISTENER, how, ports]
    running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    return running


def muster(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "muster", "--register", str(place / "register.sqlite"), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def macs_of(*hosts: str) -> list[str]:
    told = [subprocess.run(["ip", "-n", host, "-j", "link", "show", "eth0"], capture_output=True, check=True) for host in hosts]  # fmt: skip  # noqa: E501
    return sorted(json.loads(one.stdout)[0]["address"] for one in told)


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    Path("/run/netns").mkdir(parents=True)
    set_up()
    result: dict[str, Any] = {"macs": {"twice": macs_of("one", "other"), "router": macs_of("router")}}
    with ExitStack() as during, TemporaryDirectory() as folder:
        for host, how, ports in (
            ("trap", "holds", "7"),
            ("one", "says", "80,443"),
            ("other", "says", "80,443"),
            ("router", "says", "80"),
            ("honest", "says", "80"),
        ):
            running = during.enter_context(listens(host, how, ports))
            during.callback(running.kill)
        place = Path(folder)
        muster(place, "scope", "add", "10.99.0.0/24", "--site", "hq", "--segment", "office")
        result["run"] = json.loads(muster(place, "scan", "--quiet", "--format", "json"))[0]
        muster(place, "register", "export", "--format", "json", "--out", str(place / "export.json"))
        result["export"] = json.loads((place / "export.json").read_text(encoding="utf-8"))
        result["without"] = json.loads(muster(place, "scan", "10.99.0.1-3", "--connect", "--format", "json"))[
            0
        ]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
