"""Which way packets leave: interface, source and next hop of every address, as the kernel would choose.

`ip route get` (iproute2) is asked once for every connected network and every /24 beyond, in one process.
"""

import ipaddress
import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agent.faults import NoWay
from agent.transport.raw.layouts import Source
from inventory.language import _

_SECONDS: Final = 20
_SAME_ROUTE_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: `gateway` is None where the targets are on the wire itself (local)."""

    source: Source
    gateway: str | None

    @property
    def is_loopback(self) -> bool:
        """Whether packets never leave the machine."""
        return self.source.interface == "lo"


@dataclass(frozen=True)
class Ways:
    """Addresses sorted by the way to them; `without` are those no route leads to."""

    groups: tuple[tuple[Way, npt.NDArray[np.uint32]], ...]
    without: npt.NDArray[np.uint32]


def ways(addresses: npt.NDArray[np.uint32]) -> Ways:
    """The way to each of the sorted addresses; NoWay when iproute2 is missing."""
    if not len(addresses):
        return Ways((), addresses)
    own, connected = _own_addresses()
    key = (addresses >> np.uint32(_SAME_ROUTE_BITS)).view(np.int32)  # 24 bits
    for number, (first, last) in enumerate(connected, start=1):
        key[_between(addresses, first, last)] = -number
    for number, address in enumerate(sorted(own), start=len(connected) + 1):
        key[_between(addresses, address, address)] = -number
    # Sorted addresses make runs of one key; nothing is copied, so that a /12 costs little more than a /24.
    ends = [*(np.flatnonzero(key[1:] != key[:-1]) + 1).tolist(), len(addresses)]
    begins = [0, *ends[:-1]]
    asked = {int(key[begin]): int(addresses[begin]) for begin in reversed(begins)}
    answers = _routes([str(ipaddress.IPv4Address(number)) for number in asked.values()])
    route_of = dict(zip(asked, answers, strict=True))
    links = _hardware_addresses()
    runs: dict[Way | None, list[tuple[int, int]]] = defaultdict(list)
    for begin, end in zip(begins, ends, strict=True):
        mine = runs[_way(route_of[int(key[begin])], links)]
        if mine and mine[-1][1] == begin:
            mine[-1] = (mine[-1][0], end)
        else:
            mine.append((begin, end))
    lost = _together(addresses, runs.pop(None, []))
    return Ways(
        tuple((way, _together(addresses, mine)) for way, mine in runs.items() if way is not None), lost
    )


def _way(route: dict[str, Any] | None, links: Mapping[str, str]) -> Way | None:
    if route is None or "dev" not in route or "prefsrc" not in route or not links.get(route["dev"]):
        return None
    return Way(Source(route["dev"], links[route["dev"]], route["prefsrc"]), route.get("gateway"))


def _together(addresses: npt.NDArray[np.uint32], runs: Sequence[tuple[int, int]]) -> npt.NDArray[np.uint32]:
    """The addresses of some runs of them: of one, without a copy."""
    parts = [addresses[begin:end] for begin, end in runs]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.uint32), *parts])


def own_addresses_toward(ips: Sequence[str]) -> tuple[str, ...]:
    """Our own address on each wire that these hosts are on; none for hosts beyond a router."""
    numbers = np.array(sorted(int(ipaddress.IPv4Address(ip)) for ip in ips), np.uint32)
    local = (way for way, _members in ways(numbers).groups if way.gateway is None and not way.is_loopback)
    return tuple(dict.fromkeys(way.source.ip for way in local))


def _between(addresses: npt.NDArray[np.uint32], first: int, last: int) -> slice:
    return slice(
        int(np.searchsorted(addresses, np.uint32(first), "left")),
        int(np.searchsorted(addresses, np.uint32(last), "right")),
    )


def _routes(targets: list[str]) -> list[dict[str, Any] | None]:
    """One answer of `ip route get` per target, None where there is no route."""
    asked = "".join(f"route get {target}\n" for target in targets)
    answer = _ip("-force", "-batch", "-", given=asked)
    found: dict[str, dict[str, Any]] = {}
    for line in answer.splitlines():
        if line.startswith("["):
            found |= {str(route["dst"]): route for route in json.loads(line) if "dst" in route}
    return [found.get(target) for target in targets]


def _own_addresses() -> tuple[set[int], list[tuple[int, int]]]:
    """This machine's IPv4 addresses, and the networks its interfaces are in (first, last)."""
    own: set[int] = set()
    networks: list[tuple[int, int]] = []
    for link in json.loads(_ip("-4", "addr", "show") or "[]"):
        for entry in link.get("addr_info", ()):
            address = ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")
            own.add(int(address.ip))
            networks.append((int(address.network.network_address), int(address.network.broadcast_address)))
    networks.sort(
        key=lambda span: span[0] - span[1]
    )  # the widest first, so that the narrowest has the last word
    return own, networks


def _hardware_addresses() -> dict[str, str]:
    links = json.loads(_ip("link", "show") or "[]")
    return {
        link["ifname"]: link.get("address", "")
        for link in links
        if link.get("link_type") in ("ether", "loopback")
    }


def _ip(*arguments: str, given: str = "") -> str:
    try:
        done = subprocess.run(
            ["ip", "-j", *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise NoWay(_("the program `ip` is missing: install iproute2")) from error
    except subprocess.TimeoutExpired as error:
        raise NoWay(_("`ip` did not answer within {seconds} seconds").format(seconds=_SECONDS)) from error
    return done.stdout
