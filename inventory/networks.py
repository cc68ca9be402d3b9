"""Networks and addresses as people write them; the one home of netaddr.

A network of a scope is CIDR or a single address, IPv4 or IPv6; a target may also be a range or a list.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache

import netaddr
from netaddr.core import AddrFormatError

from inventory.exits import UsageFault
from inventory.language import _

LARGEST_IPV4_PREFIX = 12
LARGEST_IPV6_PREFIX = 48
MOST_IPV6_ADDRESSES = 256


def scope_network(text: str, *, allow_loopback: bool = False) -> str:
    """`text` as canonical CIDR (`192.168.10.0/24`); UsageFault where nobody should look there, and why."""
    network = _one(text)
    _refuse_unfit(text, network, allow_loopback=allow_loopback)
    return str(network)


def target_networks(text: str) -> tuple[str, ...]:
    """The fewest CIDRs covering `text`: one, CIDR, `10.0.0.5-9`, `10.0.0.5-10.0.0.9`, lists with commas."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageFault(_("no address given"))
    found: list[netaddr.IPNetwork] = []
    for part in parts:
        found += _range(part) if "-" in part else [_one(part)]
    return tuple(str(network) for network in netaddr.cidr_merge(found))


def mac_address(text: str) -> str:
    """`text` as `aa:bb:cc:dd:ee:ff`, from any customary spelling; UsageFault if it is no MAC."""
    try:
        return str(netaddr.EUI(text, version=48, dialect=netaddr.mac_unix_expanded))
    except (AddrFormatError, ValueError, TypeError) as error:
        raise UsageFault(_("{text} is not a MAC address").format(text=text)) from error


def ip_address(text: str) -> str:
    """`text` as a canonical single address; UsageFault if it is none."""
    try:
        return str(_parsed(text.strip()))
    except ValueError as error:
        raise UsageFault(_("{text} is not an IP address").format(text=text)) from error


def first_overlap(network: str, others: Iterable[str]) -> str | None:
    """The first of `others` that shares an address with `network`."""
    mine = ipaddress.ip_network(network)
    for other in others:
        theirs = ipaddress.ip_network(other)
        if mine.version == theirs.version and mine.overlaps(theirs):
            return other
    return None


def contains(network: str, ip: str) -> bool:
    """Is the address inside the network?"""
    low, high = bounds(network)
    return low <= sort_key(ip) <= high


def contains_all(network: str, other: str) -> bool:
    """Does the network hold the whole of another?"""
    (low, high), (first, last) = bounds(network), bounds(other)
    return low <= first and last <= high


def bounds(network: str) -> tuple[str, str]:
    """The sort keys of the first and the last address of a network."""
    parsed = ipaddress.ip_network(network, strict=False)
    return sort_key(str(parsed.network_address)), sort_key(str(parsed.broadcast_address))


@lru_cache(maxsize=65536)
def sort_key(ip: str) -> str:
    """A text that sorts as addresses do, IPv4 before IPv6; what is no address sorts last, as it stands."""
    try:
        parsed = _parsed(ip)
    except ValueError:
        return f"9{ip}"
    return f"4{int(parsed):08x}" if parsed.version == 4 else f"6{int(parsed):032x}"


_parsed = lru_cache(maxsize=65536)(ipaddress.ip_address)


def size(network: str) -> int:
    """How many addresses a network spans."""
    return ipaddress.ip_network(network, strict=False).num_addresses


def is_countable(network: str) -> bool:
    """Can its addresses be asked one by one? Of a larger IPv6 network only those known to somebody can."""
    return ":" not in network or size(network) <= MOST_IPV6_ADDRESSES


def _one(text: str) -> netaddr.IPNetwork:
    try:
        network = netaddr.IPNetwork(text.strip())
    except (AddrFormatError, ValueError) as error:
        reason = _("{text} is not an address or a network (try 192.168.10.0/24)")
        raise UsageFault(reason.format(text=text)) from error
    if network.ip != network.cidr.ip:
        reason = _("{text} has host bits set: did you mean {cidr}, or the single address {ip}?")
        raise UsageFault(reason.format(text=text, cidr=network.cidr, ip=network.ip))
    return network


def _range(text: str) -> Iterator[netaddr.IPNetwork]:
    left, _dash, right = (part.strip() for part in text.partition("-"))
    last = right if "." in right or ":" in right else f"{left.rpartition('.')[0]}.{right}"
    try:
        yield from netaddr.IPRange(left, last, flags=netaddr.INET_PTON).cidrs()
    except (AddrFormatError, ValueError) as error:
        reason = _("{text} is not a range (try 192.168.10.5-9; the first address comes first)")
        raise UsageFault(reason.format(text=text)) from error


def _refuse_unfit(text: str, network: netaddr.IPNetwork, *, allow_loopback: bool) -> None:
    parsed = ipaddress.ip_network(str(network))
    largest = LARGEST_IPV4_PREFIX if parsed.version == 4 else LARGEST_IPV6_PREFIX
    if parsed.is_multicast:
        raise UsageFault(_("{text} is multicast: no device lives there").format(text=text))
    if parsed.is_loopback and not allow_loopback:
        reason = _("{text} is this machine itself: say --allow-loopback if that is what you mean")
        raise UsageFault(reason.format(text=text))
    if parsed.network_address.is_unspecified and parsed.prefixlen > 0:
        raise UsageFault(_("{text} is nobody's network").format(text=text))
    if parsed.prefixlen < largest:
        reason = _("{text} is too large (more than a /{largest}): name the networks that are in use")
        raise UsageFault(reason.format(text=text, largest=largest))
    if parsed.version == 4 and parsed.is_reserved:
        raise UsageFault(_("{text} is reserved (RFC 1112): no device lives there").format(text=text))
