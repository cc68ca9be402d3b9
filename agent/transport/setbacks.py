"""What this machine's own system kept from leaving, by the kernel's counters: silence then proves nothing.

A firewall's drop on the way out is told to whoever sends a datagram, but not to whoever opens a connection:
the kernel tries again and counts (`TCPRetransFail`). Where its neighbour table is full nobody is told: it
counts connections alike, datagrams as `SndbufErrors`, and outside namespaces how often there was no room
(`table_fulls`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from inventory.language import _

_PLACE: Final = Path("/proc/thread-self/net")
_CACHES: Final = ("arp_cache", "ndisc_cache")


@dataclass(frozen=True, slots=True)
class Setbacks:
    """Packets the kernel took and could not send, and how often it had no room for a neighbour (proc(5))."""

    unsent: int = 0
    tables_full: int = 0

    @classmethod
    def now(cls, place: Path = _PLACE) -> Self:
        """The counters as they stand; zero where the kernel shows none (the tables, in a namespace)."""
        unsent = _column(_text(place / "netstat"), "TcpExt:", "TCPRetransFail")
        unsent += _column(_text(place / "snmp"), "Udp:", "SndbufErrors")
        unsent += _line(_text(place / "snmp6"), "Udp6SndbufErrors")
        return cls(unsent, sum(_fulls(_text(place / "stat" / name)) for name in _CACHES))

    def __sub__(self, before: "Setbacks") -> "Setbacks":
        return Setbacks(self.unsent - before.unsent, self.tables_full - before.tables_full)

    def __add__(self, further: "Setbacks") -> "Setbacks":
        return Setbacks(self.unsent + further.unsent, self.tables_full + further.tables_full)

    def since(self, before: Self) -> tuple[str, ...]:
        """What happened since, a sentence each; empty for nothing."""
        said = []
        if (count := self.unsent - before.unsent) > 0:
            text = _(
                "this machine's own system did not send {count} packets"
                " (its firewall, or a full neighbour table)"
            )
            said.append(text.format(count=count))
        if (count := self.tables_full - before.tables_full) > 0:
            text = _(
                "this machine's neighbour table was full {count} times: raise"
                " net.ipv4.neigh.default.gc_thresh3 (and ipv6's), or scan fewer addresses at once"
            )
            said.append(text.format(count=count))
        return tuple(said)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""


def _column(text: str, group: str, name: str) -> int:
    """One counter of a file that has its names in one line and their numbers in the next."""
    rows = [line.split() for line in text.splitlines() if line.startswith(group)]
    return int(dict(zip(*rows, strict=False)).get(name, 0)) if len(rows) == 2 else 0


def _line(text: str, name: str) -> int:
    """One counter of a file that has a name and its number in each line."""
    rows = (line.split() for line in text.splitlines() if line.startswith(name))
    return sum(int(row[1]) for row in rows if row[0] == name)


def _fulls(text: str) -> int:
    """The sum over all processors (a row each, in hex) of `table_fulls`."""
    names, *rows = [line.split() for line in text.splitlines()] or [[]]
    return sum(int(dict(zip(names, row, strict=False)).get("table_fulls", "0"), 16) for row in rows)
