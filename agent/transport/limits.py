"""Every limit on size and time a conversation has, in one place.

A device may be slow, endless or hostile; none of them may cost more than this.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds; `scaled` fits the waiting to the operator's `timeout` setting."""

    reply_bytes: int = 256 * 1024
    datagram_bytes: int = 65_507
    datagrams: int = 8
    connect_seconds: float = 3.0
    read_seconds: float = 4.0
    conversation_seconds: float = 15.0
    goodbye_seconds: float = 1.0
    group_seconds: float = 2.5
    sockets: int = 400  # of 1024 file descriptors, the usual limit of a process

    def scaled(self, timeout: float) -> "Limits":
        """The same sizes, with waits fit to an answer expected within `timeout` seconds."""
        return Limits(
            reply_bytes=self.reply_bytes,
            datagram_bytes=self.datagram_bytes,
            datagrams=self.datagrams,
            connect_seconds=timeout * 1.5,
            read_seconds=timeout * 2,
            conversation_seconds=timeout * 7.5,
            goodbye_seconds=self.goodbye_seconds,
            group_seconds=max(self.group_seconds, timeout),
            sockets=self.sockets,
        )
