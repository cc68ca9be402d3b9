"""Runs inside `unshare`: asks a wire without privileges while the kernel has no room for another neighbour.

near (us) ── 10.94.0.0/16 ── far, which is 10.94.0.2 to .9 and listens on port 80. The table is one for all
namespaces; datagrams to a thousand addresses where nobody is (at most the argument) fill it for the three
seconds that the kernel looks for them. Prints one JSON object for the test.
"""

import asyncio
import errno
import json
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from agent.permit import Gate
from agent.ranges import addresses
from agent.sweeps.connect import ConnectSweeper
from agent.transport import rejections
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.types import Scope
from tests.agent.sweep_in_a_namespace import ip

NEAR = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
addr add 10.94.0.1/16 dev near0
link set near0 up
"""
FAR = "link set lo up\nlink set far0 up\n" + "".join(
    f"addr add 10.94.0.{n}/16 dev far0\n" for n in range(2, 10)
)
LISTENER = """
import socket, sys
server = socket.socket()
server.bind(("0.0.0.0", 80))
server.listen(512)
print("ready", flush=True)
sys.stdin.read()
"""
SCOPE = Scope("10.94.0.0/16", "hq", "office")
_A_SOCKET_HOLDS = 100  # datagrams that wait for a neighbour
_FULL_IS = 40  # neighbours refused; a namespace that ends somewhere may make a little room


def fill(most: int) -> None:
    """Has the kernel look for neighbours that are not there, until it has no room; at once, and once only."""
    refused = 0
    with ExitStack() as held:
        for number in range(most):
            if number % _A_SOCKET_HOLDS == 0:
                asking = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                rejections.ask_for(asking)
            try:
                asking.sendto(b"", (f"10.94.{4 + number // 250}.{1 + number % 250}", 9))
            except OSError as error:
                refused += error.errno == errno.ENOBUFS
            if refused == _FULL_IS:
                return
    raise SystemExit(f"the table has room for more than {most}")


def sweeper() -> ConnectSweeper:
    door = Door(Pace(1000, 40), Limits(), 2)
    return ConnectSweeper(door, Gate([SCOPE]), 2, threading.Event(), lambda _progress: None)


async def sweep() -> dict[str, Any]:
    hosts, tcp, udp = sweeper(), sweeper(), sweeper()
    areas = [hosts.gate.area(addresses(["10.94.0.2-9"]), SCOPE)]
    roll, (open_, _), (refusing, _) = await asyncio.gather(
        hosts.find_hosts(areas), tcp.sweep(areas, [80, 81]), udp.sweep(areas, [], [53])
    )
    return {
        "hosts": [host.ip for host in roll.hosts],
        "unsent": sorted(roll.unsent),
        "tcp": {host.ip: host.ports for host in open_},
        "udp": {host.ip: host.udp_ports for host in refusing},
        "said": [one.remarks for one in (hosts, tcp, udp)],
    }


def main(neighbours: int) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    Path("/run/netns").mkdir(parents=True)
    ip("-force", batch=NEAR)
    ip("-n", "far", batch=FAR)
    far = ["ip", "netns", "exec", "far", sys.executable, "-c", LISTENER]
    with subprocess.Popen(far, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as listener:
        assert listener.stdout is not None
        assert listener.stdin is not None
        listener.stdout.readline()
        fill(neighbours)
        print(json.dumps(asyncio.run(sweep())))
        listener.stdin.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
