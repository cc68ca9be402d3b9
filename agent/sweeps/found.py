"""What sweeps found: hosts with the proof that they are there, and the ports that would talk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.places import Places

NOWHERE: Final = Places()

_MOST_OPEN: Final = 16


class PortState(StrEnum):
    """What a SYN, or a datagram, to a port met."""

    OPEN = "open"
    CLOSED = "closed"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Host:
    """An address that answered: its MAC where it was heard on the wire, and which sweeps it answered.

    `other_macs` answered for it too: an interface more, or another device with the same address.
    `fell_silent` while its ports were asked: there was no sign of life any more.
    """

    ip: str
    mac: str | None
    answered: tuple[str, ...]
    ports: dict[int, PortState] = field(default_factory=dict)
    udp_ports: dict[int, PortState] = field(default_factory=dict)
    fell_silent: bool = False
    other_macs: tuple[str, ...] = ()

    @property
    def accepts_all(self) -> bool:
        """Whether it accepts at so many ports that no device would: a trap, or a firewall in between."""
        return len(self.open_ports) > max(_MOST_OPEN, len(self.ports) / 2)

    @property
    def open_ports(self) -> tuple[int, ...]:
        """Ports that accepted, ascending."""
        return tuple(sorted(port for port, state in self.ports.items() if state is PortState.OPEN))

    @property
    def closed_ports(self) -> tuple[int, ...]:
        """Ports that refused, ascending."""
        return tuple(sorted(port for port, state in self.ports.items() if state is PortState.CLOSED))

    @property
    def silent_ports(self) -> tuple[int, ...]:
        """Ports that neither accepted nor refused, ascending."""
        return tuple(sorted(port for port, state in self.ports.items() if state is PortState.FILTERED))


@dataclass(frozen=True, slots=True)
class Roll:
    """The end of a sweep for hosts: who answered, whom a router called absent, whom nothing could reach.

    `forbidden` are those whom something on the way (ICMP type 3) forbids to ask, `own` this machine's
    addresses, which are not asked, `unsent` those this machine's own system did not let us ask; `partly`
    are IPv6 networks of which only known addresses were asked; `answered_for` has, by MAC, addresses at which
    nobody is though it answers ARP for them (proxy ARP, RFC 1027); `dropped` counts answers the kernel lost.
    """

    hosts: tuple[Host, ...] = ()
    absent: Places = NOWHERE
    forbidden: Places = NOWHERE
    no_route: Places = NOWHERE
    not_reached: Places = NOWHERE
    own: Places = NOWHERE
    unsent: Places = NOWHERE
    partly: frozenset[str] = frozenset()
    answered_for: Mapping[str, Places] = field(default_factory=dict)
    dropped: int = 0

    def joined(self, other: "Roll") -> "Roll":
        """Both rolls as one."""
        return Roll(
            hosts=self.hosts + other.hosts,
            absent=self.absent | other.absent,
            forbidden=self.forbidden | other.forbidden,
            no_route=self.no_route | other.no_route,
            not_reached=self.not_reached | other.not_reached,
            own=self.own | other.own,
            unsent=self.unsent | other.unsent,
            partly=self.partly | other.partly,
            answered_for={
                mac: self.answered_for.get(mac, NOWHERE) | other.answered_for.get(mac, NOWHERE)
                for mac in {*self.answered_for, *other.answered_for}
            },
            dropped=self.dropped + other.dropped,
        )
