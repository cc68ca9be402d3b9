"""WS-Discovery (OASIS WS-DD 1.1 and the 2005/04 draft that ONVIF names): answers a Probe.

Matching follows section 5.1: a Probe without types, or with types that this device has, is
answered; scopes are not matched by rule, a Probe that names some is answered when all of
them are prefixes of the device's.
"""

import re
import uuid
from xml.sax.saxutils import escape

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

GROUP = "239.255.255.250"
_DRAFT = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_STANDARD = "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"
_ADDRESSING = {
    _DRAFT: "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    _STANDARD: "http://www.w3.org/2005/08/addressing",
}
_PREFIXES = {
    "dn": "http://www.onvif.org/ver10/network/wsdl",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "wsdp": "http://schemas.xmlsoap.org/ws/2006/02/devprof",
    "wprt": "http://schemas.microsoft.com/windows/2006/08/wdp/print",
    "wscn": "http://schemas.microsoft.com/windows/2006/08/wdp/scan",
}
_MESSAGE_ID = re.compile(r"<(?:[\w.-]+:)?MessageID[^>]*>\s*([^<]{1,200}?)\s*<")
_PROBE = re.compile(r"<(?:[\w.-]+:)?Probe[\s>/]")
_TYPES = re.compile(r"<(?:[\w.-]+:)?Types[^>]*>\s*([^<]*?)\s*<")
_SCOPES = re.compile(r"<(?:[\w.-]+:)?Scopes[^>]*>\s*([^<]*?)\s*<")


class WsdSettings(PortSettings):
    """A target service: its endpoint, types with known prefixes, scopes and addresses."""

    port: Port = 3702
    uuid: str
    types: str = "dn:NetworkVideoTransmitter"
    """Qualified names with the prefixes dn, tds, wsdp, wprt, wscn, parted by spaces."""
    scopes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


async def serve(host: Host, settings: WsdSettings) -> Speaking:
    """Join the group and answer probes; OSError when the port cannot be had."""
    return await host.udp(settings.port, lambda data, _: _answer(settings, data), GROUP)


def _answer(settings: WsdSettings, data: bytes) -> list[bytes]:
    text = data.decode("utf-8", "replace")
    dialect = next((each for each in (_DRAFT, _STANDARD) if each in text), None)
    message = _MESSAGE_ID.search(text)
    if dialect is None or message is None or not _PROBE.search(text):
        raise Malformed("not a probe")
    if not (_types_match(settings, text) and _scopes_match(settings, text)):
        return []
    return [_encode(settings, dialect, message[1])]


def _types_match(settings: WsdSettings, text: str) -> bool:
    asked = _TYPES.search(text)
    mine = {_local(each) for each in settings.types.split()}
    return asked is None or all(_local(each) in mine for each in asked[1].split())


def _scopes_match(settings: WsdSettings, text: str) -> bool:
    asked = _SCOPES.search(text)
    return asked is None or all(
        any(mine.startswith(each) for mine in settings.scopes) for each in asked[1].split()
    )


def _local(qualified: str) -> str:
    return qualified.rpartition(":")[2]


def _encode(settings: WsdSettings, dialect: str, relates_to: str) -> bytes:
    addressing = _ADDRESSING[dialect]
    used = {each.partition(":")[0] for each in settings.types.split()}
    prefixes = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _PREFIXES.items() if prefix in used)
    own_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.uuid} {relates_to}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="{addressing}" xmlns:d="{dialect}"{prefixes}><s:Header>'
        f"<a:MessageID>urn:uuid:{own_id}</a:MessageID>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>"
        f"<a:To>{addressing}/role/anonymous</a:To>"
        f"<a:Action>{dialect}/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches>"
        "<d:ProbeMatch>"
        f"<a:EndpointReference><a:Address>urn:uuid:{settings.uuid}</a:Address></a:EndpointReference>"
        f"<d:Types>{escape(settings.types)}</d:Types>"
        f"<d:Scopes>{escape(' '.join(settings.scopes))}</d:Scopes>"
        f"<d:XAddrs>{escape(' '.join(settings.addresses))}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>\n"
    ).encode()
