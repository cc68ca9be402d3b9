"""SSDP (UPnP Device Architecture 2.0, section 1.3): answers M-SEARCH with its location."""

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

GROUP = "239.255.255.250"
_ROOT = "upnp:rootdevice"
_EVERYTHING = "ssdp:all"


class SsdpSettings(PortSettings):
    """A UPnP device as it announces itself; the description is an `upnp` of its web server."""

    port: Port = 1900
    location: str
    server: str
    udn: str
    device_type: str = "urn:schemas-upnp-org:device:Basic:1"
    max_age: int = 1800


async def serve(host: Host, settings: SsdpSettings) -> Speaking:
    """Join the group and answer searches; OSError when the port cannot be had."""
    return await host.udp(settings.port, lambda data, _: _answer(settings, data), GROUP)


def _answer(settings: SsdpSettings, data: bytes) -> list[bytes]:
    first, _, rest = data.decode("utf-8", "replace").partition("\r\n")
    if first != "M-SEARCH * HTTP/1.1":
        raise Malformed("not a search")
    headers: dict[str, str] = {}
    for line in rest.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().upper()] = value.strip()
    if headers.get("MAN", "").strip('"') != "ssdp:discover":
        raise Malformed("not a discovery")
    device = f"uuid:{settings.udn}"
    mine = (_ROOT, device, settings.device_type)
    wanted = headers.get("ST", "")
    targets = mine if wanted == _EVERYTHING else tuple(each for each in mine if each == wanted)
    return [_encode(settings, target, device) for target in targets]


def _encode(settings: SsdpSettings, target: str, device: str) -> bytes:
    usn = device if target == device else f"{device}::{target}"
    return (
        "HTTP/1.1 200 OK\r\n"
        f"CACHE-CONTROL: max-age={settings.max_age}\r\n"
        "EXT:\r\n"
        f"LOCATION: {settings.location}\r\n"
        f"SERVER: {settings.server}\r\n"
        f"ST: {target}\r\n"
        f"USN: {usn}\r\n\r\n"
    ).encode()
