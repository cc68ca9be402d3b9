"""Leave to sweep many addresses, and what stays out of it with its reason. Only a `Gate` can make either."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from agent.ranges import Addresses
from inventory.coverage_words import told
from inventory.networks import is_countable
from inventory.types import AddressState, Scope, Unsettled, Why

MOST_GUESSES: Final = 1024  # at addresses of one IPv6 network
SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an address is not asked; part of the coverage."""

    ip: str
    why: Why
    detail: str = ""

    @property
    def reason(self) -> str:
        """The sentence, in the language in force."""
        return told(self.why, self.detail)

    @property
    def unsettled(self) -> Unsettled:
        """As the coverage has it."""
        return Unsettled(self.ip, AddressState.REFUSED, self.detail, self.why)


@dataclass(frozen=True)
class Area:
    """Leave to sweep addresses of one scope, without those refused.

    `networks` are the CIDRs it is made of: the scope's own, or the parts of it that were asked for.
    """

    scope: Scope
    networks: tuple[str, ...]
    addresses: Addresses
    refused: tuple[Refused, ...]
    size: int
    seal: object

    def covers(self, ip: str) -> bool:
        """Whether the address may be swept."""
        return ":" not in ip and ip in self.addresses

    def to_settle(self, network: str, met: Collection[str]) -> int:  # noqa: ARG002 - as IPv6 has it
        """How many addresses of `network` are to be settled: all of them."""
        inside = ipaddress.IPv4Network(network)
        low, high = int(inside.network_address), int(inside.broadcast_address)
        refused = sum(low <= int(ipaddress.IPv4Address(one.ip)) <= high for one in self.refused)
        return len(self.addresses.within(low, high)) + refused

    def __post_init__(self) -> None:
        only_from_a_gate(self.seal)


@dataclass(frozen=True)
class SixArea:
    """Leave to look in one IPv6 network of a scope, without those refused.

    `named` are the addresses to be asked one by one: all of a small network, else those the register knows.
    Only where nobody who must not be probed would hear it, `everybody` allows a question to all nodes. `macs`
    are those known in its segment, of which addresses may be guessed; a gate says of each guess.
    """

    scope: Scope
    network: str
    named: tuple[str, ...]
    refused: tuple[Refused, ...]
    everybody: bool
    macs: tuple[str, ...]
    seal: object

    @property
    def asked_at_most(self) -> int:
        """How many questions leave when each is asked once: to those named, to all nodes, and guesses."""
        return len(self.named) + self.everybody + (0 if is_countable(self.network) else MOST_GUESSES)

    @property
    def networks(self) -> tuple[str, ...]:
        """The one network."""
        return (self.network,)

    def covers(self, ip: str) -> bool:
        """Whether the address is in the network; a gate still says of each whether it may be asked."""
        return ":" in ip and ipaddress.IPv6Address(ip) in ipaddress.IPv6Network(self.network)

    def to_settle(self, network: str, met: Collection[str]) -> int:  # noqa: ARG002 - there is one
        """How many addresses are to be settled: those asked by name, those refused, those `met`."""
        return len({*self.named, *(one.ip for one in self.refused), *met})

    def __post_init__(self) -> None:
        only_from_a_gate(self.seal)


def only_from_a_gate(seal: object) -> None:
    """TypeError for a seal that no Gate has given."""
    if seal is not SEAL:
        raise TypeError("a permit comes from a Gate, from nowhere else")
