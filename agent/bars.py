"""What the do-not-probe entries of a site bar, and which exemptions lift them.

Entries go from wide to narrow: `site`, `segment:NAME`, `class:NAME` (or the class alone), and an address,
range, network or MAC. All hold together. An exemption is an entry itself, with a reason: it lifts the entries
that are as wide as itself or wider, for whomever it names. An entry that cannot be read bars its whole site,
because guessing would be failing open, and nothing lifts it; an exemption that cannot be read lifts nothing.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from inventory import networks
from inventory.exits import UsageFault
from inventory.types import DeviceClass, Scope, Why

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Refusal = tuple[Why, str]

SITE = "site"


class Width(IntEnum):
    """How narrow an entry is."""

    SITE = 0
    SEGMENT = 1
    CLASS = 2
    DEVICE = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever is to be asked, as far as it is known."""

    ip: str
    macs: frozenset[str]
    segment: str
    device_class: DeviceClass


@dataclass(frozen=True, slots=True)
class Entry:
    """One do-not-probe entry, read; `networks` are those whose addresses it names."""

    width: Width
    written: str
    name: str = ""
    networks: tuple[Network, ...] = ()

    def names(self, subject: Subject) -> bool:
        """Whether the entry means this subject."""
        match self.width:
            case Width.SITE:
                return True
            case Width.SEGMENT:
                return subject.segment == self.name
            case Width.CLASS:
                return subject.device_class == self.name
        if self.name:
            return self.name in {canonical_mac(mac) for mac in subject.macs}
        address = ipaddress.ip_address(subject.ip)
        return any(address in network for network in self.networks)

    def refusal(self) -> Refusal:
        """The code that stands in the coverage, and what completes it."""
        match self.width:
            case Width.SITE:
                return Why.SITE_BARRED, ""
            case Width.SEGMENT:
                return Why.SEGMENT_BARRED, self.name
            case Width.CLASS:
                return Why.CLASS_BARRED, self.name
        return (Why.MAC_BARRED, self.name) if self.name else (Why.ADDRESS_BARRED, self.written)


@dataclass(frozen=True, slots=True)
class Bars:
    """The entries and exemptions of one site."""

    entries: tuple[Entry, ...] = ()
    exemptions: tuple[Entry, ...] = ()
    misread: tuple[str, ...] = ()

    @classmethod
    def of(cls, site: str, scopes: Iterable[Scope], on: date | None) -> "Bars":
        """Those of all scopes of the site; exemptions that hold `on` that day, or for ever."""
        own = [scope for scope in scopes if scope.site == site]
        written = [entry for scope in own for entry in scope.do_not_probe]
        exempt = [
            exemption.subject
            for scope in own
            for exemption in scope.exemptions
            if exemption.until is None or (on is not None and exemption.holds(on))
        ]
        return cls(
            tuple(entry for text in written if (entry := read(text)) is not None),
            tuple(entry for text in exempt if (entry := read(text)) is not None),
            tuple(text for text in written if read(text) is None),
        )

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The numbers (first, last) of the IPv4 addresses that entries name."""
        named = (network for entry in self.entries for network in entry.networks if network.version == 4)
        return tuple((int(network.network_address), int(network.broadcast_address)) for network in named)

    def may_bar_all_of(self, segment: str) -> bool:
        """Whether an entry means every address of a segment."""
        wide = (entry for entry in self.entries if entry.width <= Width.SEGMENT)
        return bool(self.misread) or any(e.width is Width.SITE or e.name == segment for e in wide)

    def may_be_among(self, segment: str, elsewhere: Sequence[Network]) -> bool:
        """Whether somebody on this segment's wire may be meant: a question to all nodes would reach them.

        `elsewhere` are the networks of the site's other segments.
        """
        return bool(self.misread) or any(_may_mean(entry, segment, elsewhere) for entry in self.entries)

    def refusal(self, subject: Subject) -> Refusal | None:
        """Why this subject is not asked; None where it may be."""
        if self.misread:
            return Why.ENTRY_UNREADABLE, self.misread[0]
        lifted = max((one.width for one in self.exemptions if one.names(subject)), default=-1)
        barred = [entry for entry in self.entries if entry.width > lifted and entry.names(subject)]
        return max(barred, key=lambda entry: entry.width).refusal() if barred else None


def _may_mean(entry: Entry, segment: str, elsewhere: Sequence[Network]) -> bool:
    """Whether an entry may name somebody of the segment: all do but those plainly about another."""
    if entry.width is Width.SEGMENT:
        return entry.name == segment
    outside = [any(_within(one, other) for other in elsewhere) for one in entry.networks]
    return not outside or not all(outside)


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def read(written: str) -> Entry | None:
    """The entry that somebody wrote; None where it cannot be read."""
    text = written.strip()
    if text == SITE:
        return Entry(Width.SITE, text)
    if mac := canonical_mac(text.removeprefix("mac:")):
        return Entry(Width.DEVICE, text, mac)
    kind, _colon, name = text.partition(":")
    if kind == "segment" and name:
        return Entry(Width.SEGMENT, text, name)
    if (bare := text.removeprefix("class:")) in set(DeviceClass):
        return Entry(Width.CLASS, text, DeviceClass(bare))
    try:
        named = tuple(ipaddress.ip_network(each) for each in networks.target_networks(text))
    except UsageFault:
        return None
    return Entry(Width.DEVICE, text, networks=named)


def canonical_mac(text: str) -> str:
    """`aa:bb:cc:dd:ee:ff` for the usual notations, the empty string for anything else."""
    bare = text.lower().replace(":", "").replace("-", "").replace(".", "")
    if len(bare) != 12 or any(character not in "0123456789abcdef" for character in bare):
        return ""
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))
