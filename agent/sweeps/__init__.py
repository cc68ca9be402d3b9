"""Sweeps: who is there, and which ports would talk. Each says what it asks and what that costs a device.

| sweep | asks | needs | touch |
|---|---|---|---|
| arp | one ARP request (RFC 826) per address of a local segment | CAP_NET_RAW | query |
| icmp | one echo request (RFC 792) per address | CAP_NET_RAW | query |
| tcp-syn | a SYN per address and port, never completed (RFC 9293) | CAP_NET_RAW | query |
| udp | a datagram per address and port: the port's own harmless question | CAP_NET_RAW | query |
| icmp6 | one echo to all nodes of a wire, solicitations to named addresses (RFC 4861) | CAP_NET_RAW | query |
| connect | a TCP connection, completed and closed at once, never to a raw print port | nothing | query |
"""

from dataclasses import dataclass

from inventory.types import Touch


@dataclass(frozen=True, slots=True)
class Sweep:
    """One way of asking, as plans and coverage name it."""

    name: str
    touch: Touch
    privileged: bool


ARP = Sweep("arp", Touch.QUERY, privileged=True)
ICMP = Sweep("icmp", Touch.QUERY, privileged=True)
TCP_SYN = Sweep("tcp-syn", Touch.QUERY, privileged=True)
UDP = Sweep("udp", Touch.QUERY, privileged=True)
ICMP6 = Sweep("icmp6", Touch.QUERY, privileged=True)
CONNECT = Sweep("connect", Touch.QUERY, privileged=False)

SWEEPS = (ARP, ICMP, TCP_SYN, UDP, ICMP6, CONNECT)
