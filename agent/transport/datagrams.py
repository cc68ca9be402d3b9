"""The receiving end of a UDP question: keeps what the asked hosts answer, within limits, and nothing else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from agent.transport.limits import Limits
from inventory.types import ProbeOutcome


@dataclass(frozen=True, slots=True)
class Heard:
    """One datagram and where it came from."""

    ip: str
    port: int
    data: bytes


class Inbox(asyncio.DatagramProtocol):
    """Collects datagrams from `hosts` (and from `port` alone unless None).

    `fault` is what the network or this system said instead of an answer, `rejected` what `said` makes of it.
    `many` lifts the number of datagrams to that per host.
    """

    def __init__(
        self,
        hosts: set[str],
        limits: Limits,
        *,
        port: int | None,
        many: bool = False,
        said: Callable[[], ProbeOutcome | None] = lambda: None,
    ) -> None:
        self._hosts = hosts
        self._limits = limits
        self._port = port
        self._room = limits.datagrams * (len(hosts) if many else 1)
        self._news = asyncio.Event()
        self._said = said
        self.heard: list[Heard] = []
        self.fault: OSError | None = None
        self.rejected: ProbeOutcome | None = None

    async def first(self, seconds: float) -> bool:
        """True as soon as there is a datagram or a fault, False after `seconds` without."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keeps the datagram if it comes from one we asked and there is room."""
        ip, port = addr[0], addr[1]
        if ip in self._hosts and self._port in (None, port) and len(self.heard) < self._room:
            self.heard.append(Heard(ip, port, data[: self._limits.datagram_bytes]))
            self._news.set()

    def error_received(self, exc: Exception) -> None:
        """An ICMP error for our question (nobody listens there), or this system would not send it."""
        self.fault = exc if isinstance(exc, OSError) else None
        self.rejected = self._said()
        if self.rejected is not ProbeOutcome.UNREACHABLE:  # that may pass (RFC 1122, 4.1.3.3): asked again
            self._news.set()
