"""A TCP or TLS conversation opened and hung up, and what it means when that fails."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from typing import Final

from agent.transport import rejections
from agent.transport.limits import Limits
from agent.transport.talk import Failed, Link
from inventory.language import _
from inventory.types import ProbeOutcome

_GONE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


async def opened(ip: str, port: int, limits: Limits, *, tls: bool) -> Link | Failed:
    """A conversation with a host; Failed, and never an exception, for what the network does."""
    try:
        async with asyncio.timeout(limits.connect_seconds * (2 if tls else 1)):
            connected = await _connected(ip, port)
            if isinstance(connected, Failed):
                return connected
            reader, writer = await asyncio.open_connection(
                sock=connected,
                ssl=_any_tls() if tls else None,
                server_hostname=ip if tls else None,
                ssl_shutdown_timeout=limits.goodbye_seconds if tls else None,
            )
    except (OSError, TimeoutError, ValueError) as error:  # ValueError: a certificate OpenSSL cannot read
        return failed(error)
    return Link(reader, writer, limits)


async def hung_up(link: Link) -> None:
    """Ends a conversation; one that does not let go is broken off."""
    link.writer.close()
    try:
        await asyncio.wait_for(link.writer.wait_closed(), link.limits.goodbye_seconds)
    except (OSError, TimeoutError):
        link.writer.transport.abort()


def failed(error: OSError | TimeoutError | ValueError, said: ProbeOutcome | None = None) -> Failed:
    """What the network meant by an error, or `said` in so many words."""
    if said is ProbeOutcome.FORBIDDEN:
        return Failed(said, _("something on the way forbids it"))
    if isinstance(error, ssl.SSLError):
        return Failed(ProbeOutcome.GARBLED, _("no TLS: {reason}").format(reason=error.reason or error))
    if isinstance(error, ConnectionRefusedError):
        return Failed(ProbeOutcome.REFUSED, _("connection refused"))
    if isinstance(error, ConnectionError):
        return Failed(ProbeOutcome.GARBLED, _("hung up"))
    if isinstance(error, TimeoutError):
        return Failed(ProbeOutcome.SILENT, _("no answer"))
    if isinstance(error, OSError) and error.errno in _GONE:
        return Failed(ProbeOutcome.UNREACHABLE, error.strerror or str(error))
    if isinstance(error, OSError):
        return Failed(ProbeOutcome.NOT_TRIED, error.strerror or str(error))
    return Failed(ProbeOutcome.GARBLED, str(error))


async def _connected(ip: str, port: int) -> socket.socket | Failed:
    family = socket.AF_INET6 if ipaddress.ip_address(ip).version == 6 else socket.AF_INET
    asking = socket.socket(family, socket.SOCK_STREAM)
    try:
        asking.setblocking(False)
        rejections.ask_for(asking)
        await asyncio.get_running_loop().sock_connect(asking, (ip, port))
        rejections.leave(asking)  # what is said later is not to break off a conversation
    except OSError as error:
        failure = failed(error, rejections.read(asking, ip))
        asking.close()
        return failure
    except BaseException:
        asking.close()
        raise
    return asking


def _any_tls() -> ssl.SSLContext:
    """Every version and cipher this OpenSSL still speaks: we look at certificates, we do not trust them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return context
