"""DHCP messages of clients (RFC 2131, options in RFC 2132): who asks for an address, and how."""

import ipaddress
from typing import Final

from agent.probes.reply import text_of

Pairs = list[tuple[str, str]]

_COOKIE: Final = b"\x63\x82\x53\x63"
_OPTIONS_AT: Final = 240
_PAD, _END = 0, 255
_HOST_NAME, _WANTED, _PARAMETERS, _VENDOR_CLASS, _FULL_NAME = 12, 50, 55, 60, 81


def request(data: bytes) -> tuple[str, str, Pairs]:
    """(address, MAC, facts) of a client's message; all empty where it is none.

    The address is the one the client has or asks for, empty where it names none. Servers' answers are left
    out: what they say of a client the client says itself.
    """
    is_client = len(data) >= _OPTIONS_AT and data[0] == 1 and data[1:3] == b"\x01\x06"
    if not is_client or data[236:240] != _COOKIE:
        return "", "", []
    options = _options(data[_OPTIONS_AT:])
    mac = data[28:34]
    if not any(mac) or mac[0] & 1:
        return "", "", []
    held = data[12:16] if any(data[12:16]) else options.get(_WANTED, b"")
    address = str(ipaddress.IPv4Address(held)) if len(held) == 4 and any(held) else ""
    pairs = [("dhcp.mac", mac.hex(":"))]
    name = text_of(options.get(_HOST_NAME, b"").rstrip(b"\0"))
    full = options.get(_FULL_NAME, b"")[3:]
    if not name and full and full[:1].isalnum():  # RFC 4702; the canonical wire form begins with a length
        name = text_of(full.rstrip(b"\0"))
    pairs.append(("dhcp.hostname", name))
    pairs.append(("dhcp.parameters", ",".join(str(one) for one in options.get(_PARAMETERS, b""))))
    pairs.append(("dhcp.vendor-class", text_of(options.get(_VENDOR_CLASS, b"").rstrip(b"\0"))))
    return address, mac.hex(":"), [pair for pair in pairs if pair[1]]


def _options(data: bytes) -> dict[int, bytes]:
    """Option → value; parts of one option are joined (RFC 3396), what is cut off ends the list."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        size = data[at + 1] if at + 1 < len(data) else 0
        value = data[at + 2 : at + 2 + size]
        if at + 1 >= len(data) or len(value) < size:
            break
        found[data[at]] = found.get(data[at], b"") + value
        at += 2 + size
    return found
