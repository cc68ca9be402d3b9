"""What a file yielded: entries, and the lines refused with their reason."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime

from agent.bars import canonical_mac
from inventory.language import _
from inventory.types import Fact


@dataclass(frozen=True, slots=True)
class Entry:
    """One address as a file tells of it, its ports as (`tcp/80`, facts); `at` is None where it tells none."""

    line: int
    ip: str
    mac: str
    facts: tuple[Fact, ...] = ()
    ports: tuple[tuple[str, tuple[Fact, ...]], ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken in, and why."""

    line: int
    reason: str


@dataclass
class Taken:
    """The yield of one file, in its order."""

    source: str
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        """Notes a line that is not taken in."""
        self.refused.append(Refused(line, reason))


def address_of(text: str) -> str:
    """A device's address in its usual notation; ValueError, with the reason, where it is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise ValueError(_("'{text}' is not an address").format(text=text[:60])) from None
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise ValueError(_("{text} is nobody's address").format(text=address))
    return str(address)


def mac_of(text: str) -> str:
    """A device's MAC as `aa:bb:cc:dd:ee:ff`; ValueError, with the reason, where it is none."""
    mac = canonical_mac(text.strip())
    if not mac:
        raise ValueError(_("'{text}' is not a MAC address").format(text=text[:60]))
    if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
        raise ValueError(_("{mac} is a group's MAC, or nobody's").format(mac=mac))
    return mac
