"""A set of addresses of both kinds, in which a large network of IPv4 takes no memory."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from agent.ranges import Addresses


@dataclass(frozen=True, slots=True)
class Places:
    """IPv4 addresses as spans, IPv6 addresses one by one, all in their usual notation."""

    four: Addresses = field(default_factory=Addresses)
    six: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ips: Iterable[str]) -> Self:
        """These addresses, in any order."""
        every = frozenset(ips)
        six = frozenset(ip for ip in every if ":" in ip)
        return cls(Addresses.of(int(ipaddress.IPv4Address(ip)) for ip in every - six), six)

    def __len__(self) -> int:
        return len(self.four) + len(self.six)

    def __iter__(self) -> Iterator[str]:
        yield from self.four.texts()
        yield from sorted(self.six, key=ipaddress.IPv6Address)

    def __contains__(self, ip: object) -> bool:
        return ip in self.six if ":" in str(ip) else ip in self.four

    def __or__(self, other: "Places") -> "Places":
        return Places(Addresses.together([self.four, other.four]), self.six | other.six)

    def __sub__(self, other: "Places") -> "Places":
        return Places(self.four.without(other.four), self.six - other.six)

    def within(self, network: str) -> "Places":
        """Those that are in the network (CIDR)."""
        inside = ipaddress.ip_network(network)
        if isinstance(inside, ipaddress.IPv4Network):
            return Places(self.four.within(int(inside.network_address), int(inside.broadcast_address)))
        return Places(six=frozenset(ip for ip in self.six if ipaddress.IPv6Address(ip) in inside))
