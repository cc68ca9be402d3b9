"""Host names → addresses, by this machine's own resolver and in no other way."""

import re
import socket
from typing import Final

from agent.faults import BadTarget
from inventory.language import _

# RFC 1123, 2.1; the last label has a letter, or it would be an address that is mistyped.
_NAME: Final = re.compile(r"(?!.*\.\d+-)([\w-]{1,63}\.)*[\w-]*[a-z][\w-]*\.?", re.IGNORECASE | re.ASCII)


def is_name(text: str) -> bool:
    """Whether this can be a host's name, and is no address."""
    return bool(_NAME.fullmatch(text))


def addresses_of(name: str) -> tuple[str, ...]:
    """The host's addresses, without the link-local; BadTarget where none is known."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        text = _("{name}: no address is known by that name ({reason})")
        raise BadTarget(text.format(name=name, reason=reason)) from error
    ips = dict.fromkeys(str(place[0]) for _family, _type, _protocol, _canonical, place in found)
    return tuple(ip for ip in ips if not ip.startswith("fe80:"))
