"""Which way packets leave: interface, source and next hop of every address, as the kernel would choose.

`ip route get` (iproute2) is asked once for every stretch of addresses that no route's beginning or end
divides, in one process.
"""

import bisect
import ipaddress
import itertools
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.faults import NoWay
from agent.ranges import Addresses, Span, joined
from agent.transport.raw.layouts import Source
from inventory.language import _

_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: `gateway` is None where the targets are on the wire itself (local)."""

    source: Source
    gateway: str | None

    @property
    def is_loopback(self) -> bool:
        """Whether packets never leave the machine."""
        return self.source.interface == "lo"

    @property
    def takes_frames(self) -> bool:
        """Whether Ethernet frames of ours go that way; else only what the kernel sends does (a tunnel)."""
        return bool(self.source.mac) and not self.is_loopback


@dataclass(frozen=True)
class Ways:
    """Addresses sorted by the way to them; `without` are those no route leads to."""

    groups: tuple[tuple[Way, Addresses], ...]
    without: Addresses


def ways(addresses: Addresses) -> Ways:
    """The way to each of the addresses; NoWay when iproute2 is missing."""
    if not addresses.spans:
        return Ways((), addresses)
    pieces = list(_pieces(addresses))
    asked = dict(pieces[::-1])
    answers = _routes([str(ipaddress.IPv4Address(first)) for first, _last in asked.values()])
    route_of = dict(zip(asked, answers, strict=True))
    links = _hardware_addresses()
    spans: dict[Way | None, list[Span]] = defaultdict(list)
    for stretch, piece in pieces:
        spans[_way(route_of[stretch], links)].append(piece)
    without = Addresses(joined(spans.pop(None, [])))
    return Ways(
        tuple((way, Addresses(joined(mine))) for way, mine in spans.items() if way is not None), without
    )


def _way(route: dict[str, Any] | None, links: Mapping[str, str]) -> Way | None:
    if route is None or "dev" not in route or "prefsrc" not in route:
        return None
    return Way(Source(route["dev"], links.get(route["dev"], ""), route["prefsrc"]), route.get("gateway"))


def _pieces(addresses: Addresses) -> Iterator[tuple[int, Span]]:
    """The addresses cut wherever a route, or a rule that chooses among routes, begins or ends.

    Each piece with the number of its stretch: what lies in one goes the same way.
    """
    cuts = sorted({cut for first, last in _told_apart() for cut in (first, last + 1)})
    for first, last in addresses.spans:
        stretches = range(bisect.bisect_right(cuts, first), bisect.bisect_right(cuts, last) + 1)
        begins = [first, *cuts[stretches.start : stretches.stop - 1], last + 1]
        for stretch, (begin, end) in zip(stretches, itertools.pairwise(begins), strict=True):
            yield stretch, (begin, end - 1)


def _told_apart() -> Iterator[Span]:
    """What the kernel's routes and rules are about, this machine's own addresses among them."""
    for route in json.loads(_ip("-4", "route", "show", "table", "all") or "[]"):
        yield _span("0.0.0.0/0" if route["dst"] == "default" else route["dst"])
    for rule in json.loads(_ip("-4", "rule", "show") or "[]"):
        if "dst" in rule:
            yield _span(f"{rule['dst']}/{rule.get('dstlen', 32)}")


def _span(text: str) -> Span:
    network = ipaddress.IPv4Network(text, strict=False)
    return int(network.network_address), int(network.broadcast_address)


def own_addresses() -> tuple[str, ...]:
    """Every address of this machine but loopback's, IPv4 and IPv6, without those of one link alone."""
    found = (
        ipaddress.ip_address(each["local"])
        for link in json.loads(_ip("addr", "show") or "[]")
        for each in link.get("addr_info", ())
        if "local" in each
    )
    return tuple(str(ip) for ip in found if not ip.is_loopback and not ip.is_link_local)


def own_addresses_toward(ips: Sequence[str]) -> tuple[str, ...]:
    """Our own address on each wire that these hosts are on; none for hosts beyond a router."""
    numbers = Addresses.of(int(ipaddress.IPv4Address(ip)) for ip in ips)
    local = (way for way, _members in ways(numbers).groups if way.gateway is None and not way.is_loopback)
    return tuple(dict.fromkeys(way.source.ip for way in local))


def _routes(targets: list[str]) -> list[dict[str, Any] | None]:
    """One answer of `ip route get` per target, None where there is no route."""
    asked = "".join(f"route get {target}\n" for target in targets)
    answer = _ip("-force", "-batch", "-", given=asked)
    found: dict[str, dict[str, Any]] = {}
    for line in answer.splitlines():
        if line.startswith("["):
            found |= {str(route["dst"]): route for route in json.loads(line) if "dst" in route}
    return [found.get(target) for target in targets]


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
