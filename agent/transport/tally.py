"""How many packets and bytes of each class left: for the coverage, and for holding a plan to its word."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock


class Tally:
    """Counts what leaves, by class (`arp`, `icmp`, `syn`, `udp/161`, `tcp/80` …); safe across threads."""

    def __init__(self) -> None:
        self._packets: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, kind: str, packets: int, size: int) -> None:
        """Adds `packets` packets of `size` bytes in all to the class `kind`."""
        with self._lock:
            self._packets[kind] += packets
            self._bytes[kind] += size

    @property
    def packets(self) -> Mapping[str, int]:
        """Packets by class, largest first."""
        with self._lock:
            return dict(self._packets.most_common())

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes by class, in the order of `packets`."""
        with self._lock:
            return {kind: self._bytes[kind] for kind, _count in self._packets.most_common()}
