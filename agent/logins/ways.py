"""Where a device can be logged in to, from what the register knows of it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from agent.logins.protocol import Way
from agent.probes.http import TLS_PORTS
from agent.transport.guard import refusal
from inventory.types import Device, DeviceClass, Observation

_BY_SOURCE: Final = {"ssh": "ssh", "telnet": "telnet", "ftp": "ftp", "rtsp": "rtsp", "snmp": "snmp"}
_BY_PORT: Final = {
    21: "ftp",
    22: "ssh",
    23: "telnet",
    554: "rtsp",
    1883: "mqtt",
    2323: "telnet",
    5900: "vnc",
    5901: "vnc",
    8554: "rtsp",
    8883: "mqtt",
}
_VIDEO: Final = frozenset({DeviceClass.CAMERA, DeviceClass.RECORDER, DeviceClass.INTERCOM})
_ASKING: Final = frozenset({"basic", "digest", "form"})
_MOST_WEB: Final = 3


def ways_of(
    device: Device, observations: Sequence[Observation], paths: Iterable[str] = ()
) -> tuple[Way, ...]:
    """Every way in, web ways that were seen to ask for a login first, encrypted before plain.

    `paths` are login pages the vendor names; they are looked at before what the front page shows.
    """
    found = [*_web(device, observations, tuple(dict.fromkeys(path for path in paths if path)))]
    found += _others(device, observations)
    kind = device.device_class
    return tuple(way for way in dict.fromkeys(found) if way.transport == "udp" or not refusal(way.port, kind))


def is_offered(protocol: str, ways: Iterable[Way]) -> bool:
    """Whether the device has any way in of that protocol."""
    return any(way.protocol == protocol for way in ways)


def _web(device: Device, observations: Sequence[Observation], paths: tuple[str, ...]) -> Iterator[Way]:
    pages: dict[tuple[int, bool], dict[str, str]] = {}
    for each in observations:
        if each.source in ("http", "https", "ipp") and each.service:
            said = {fact.name: fact.value for fact in each.facts}
            key = (int(each.service.partition("/")[2]), each.source == "https")
            asked = pages.setdefault(key, {})
            if said.get("http.login") in _ASKING:
                asked.setdefault(said.get("http.path", "/"), said["http.login"])
            elif said.get("http.status"):
                asked.setdefault("", "")
    for service in device.services:
        if service.name in ("http", "https") and service.proto == "tcp":
            tls = service.name == "https" or service.port in TLS_PORTS
            pages.setdefault((service.port, tls), {"": ""})
    ports = sorted(pages, key=lambda key: (not any(pages[key].values()), not key[1], key[0]))
    for port, tls in ports[:_MOST_WEB]:
        for path in paths or tuple(path for path in pages[port, tls] if path) or ("/",):
            yield Way("web", port, tls, path)
    if device.device_class in _VIDEO:
        plain = [key for key in ports if not key[1]]
        for port, tls in plain[:1] or ports[:1]:
            yield Way("onvif", port, tls)


def _others(device: Device, observations: Sequence[Observation]) -> Iterator[Way]:
    for each in observations:
        protocol = _BY_SOURCE.get(each.source)
        if protocol and each.service:
            transport, _slash, port = each.service.partition("/")
            yield Way(protocol, int(port), transport=transport)
    for service in device.services:
        protocol = _BY_SOURCE.get(service.name) or (
            _BY_PORT.get(service.port) if service.proto == "tcp" else None
        )
        if protocol:
            yield Way(protocol, service.port, tls=service.port == 8883, transport=service.proto)
