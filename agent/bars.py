"""What the do-not-probe entries of a site bar, and which exemptions lift them.

Entries go from wide to narrow: `site`, `segment:NAME`, `class:NAME` (or the class alone), and an address,
range, network or MAC. All hold together. An exemption is an entry itself, with a reason: it lifts the entries
that are as wide as itself or wider, for whomever it names. An entry that cannot be read bars its whole site,
because guessing would be failing open, and nothing lifts it; an exemption that cannot be read lifts nothing.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from agent.ranges import spans
from inventory.exits import UsageFault
from inventory.language import _
from inventory.types import DeviceClass, Scope

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
    """One do-not-probe entry, read; `spans` are address numbers (first, last)."""

    width: Width
    written: str
    name: str = ""
    spans: tuple[tuple[int, int], ...] = ()

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
        number = int(ipaddress.ip_address(subject.ip))
        return any(low <= number <= high for low, high in self.spans)

    def refusal(self) -> str:
        """The sentence that stands in the coverage."""
        match self.width:
            case Width.SITE:
                return _("do not probe: the whole site")
            case Width.SEGMENT:
                return _("do not probe: segment {segment}").format(segment=self.name)
            case Width.CLASS:
                return _("do not probe: class {name}").format(name=self.name)
        if self.name:
            return _("do not probe: MAC {mac}").format(mac=self.name)
        return _("do not probe: address {entry}").format(entry=self.written)


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
        """The address numbers that entries name."""
        return tuple(span for entry in self.entries for span in entry.spans)

    def may_bar_all_of(self, segment: str) -> bool:
        """Whether an entry means every address of a segment."""
        wide = (entry for entry in self.entries if entry.width <= Width.SEGMENT)
        return bool(self.misread) or any(e.width is Width.SITE or e.name == segment for e in wide)

    def refusal(self, subject: Subject) -> str:
        """Why this subject is not asked; empty where it may be."""
        if self.misread:
            return _("the do-not-probe entry '{entry}' cannot be read").format(entry=self.misread[0])
        lifted = max((one.width for one in self.exemptions if one.names(subject)), default=-1)
        barred = [entry for entry in self.entries if entry.width > lifted and entry.names(subject)]
        return max(barred, key=lambda entry: entry.width).refusal() if barred else ""


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
        return Entry(Width.DEVICE, text, spans=tuple(spans(text)))
    except UsageFault:
        return None


def canonical_mac(text: str) -> str:
    """`aa:bb:cc:dd:ee:ff` for the usual notations, the empty string for anything else."""
    bare = text.lower().replace(":", "").replace("-", "").replace(".", "")
    if len(bare) != 12 or any(character not in "0123456789abcdef" for character in bare):
        return ""
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))
