"""mDNS, SSDP, WS-Discovery, NetBIOS and BACnet: found by python-zeroconf, decoded by scapy or by XML."""

import asyncio
import logging
import struct
import uuid
import xml.etree.ElementTree as ET

import pytest
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from lab.speaks import Host, speaks
from tests.lab.pretend_device import MAC, ask_udp, speaking

PRINTER = {
    "name": "Canon iR-ADV C3530 (00.1B)",
    "services": [
        {"type": "_ipp._tcp", "port": "631", "txt": {"ty": "Canon iR-ADV C3530", "rp": "ipp/print"}},
        {"type": "_http._tcp", "port": "80"},
    ],
}
SSDP = {
    "location": "http://127.0.0.1:80/d.xml",
    "server": "Linux UPnP/1.0 Sonos/70.3",
    "udn": "abc",
    "device_type": "urn:schemas-upnp-org:device:ZonePlayer:1",
}
SEARCH = (
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {}\r\n\r\n'
)
CAMERA = {
    "uuid": "5c0d2ae0-53b4-11b4-80b6-0026730a0b0c",
    "types": "dn:NetworkVideoTransmitter tds:Device",
    "scopes": ["onvif://www.onvif.org/name/AXIS%20P3245-LV", "onvif://www.onvif.org/hardware/P3245-LV"],
    "addresses": ["http://127.0.0.1/onvif/device_service"],
}
PROBE = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="{dialect}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
    "<e:Header><w:MessageID>uuid:{id}</w:MessageID></e:Header>"
    "<e:Body><d:Probe>{inner}</d:Probe></e:Body></e:Envelope>"
)
DIALECTS = (
    "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
)

WILDCARD = struct.pack(">HHHHHH", 5, 0, 1, 0, 0, 0) + b"\x20CK" + b"A" * 30 + b"\0\x00\x21\x00\x01"
LOOP = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\xc0\x0c\x00\x0c\x00\x01"
QUERY = struct.pack(">HHHHHH", 77, 0, 1, 0, 0, 0) + b"\x04_ipp\x04_tcp\x05local\0\x00\x0c\x00\x01"
AIR = {
    "instance": "1200",
    "vendor_id": "8",
    "vendor_name": "Delta Controls",
    "model_name": "DSC-1212E",
    "firmware": "3.40",
}
WHO_IS = bytes.fromhex("810b000c0120ffff00ff1008")
OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nCSeq: 1 OPTIONS\r\n\r\n"
GOOD: dict[str, tuple[dict[str, object], bytes]] = {
    "bacnet": (dict(AIR), WHO_IS),
    "mdns": (dict(PRINTER), QUERY),
    "nbns": ({}, WILDCARD),
    "sip": ({"agent": "Yealink"}, OPTIONS),
    "ssdp": (dict(SSDP), SEARCH.format("ssdp:all").encode()),
    "wsd": (dict(CAMERA), PROBE.format(dialect=DIALECTS[0], id=1, inner="").encode()),
}


async def test_zeroconf_finds_the_printer_and_reads_its_words() -> None:
    found: asyncio.Queue[str] = asyncio.Queue()

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Added:
            found.put_nowait(name)

    settings = speaks("mdns").settings.model_validate({"port": "5353", **PRINTER})
    host = Host(name="p", persona="p", ip="127.0.0.1", mac=MAC, hostname="canon-1", interface="lo")
    try:
        device = await speaks("mdns").serve(host, settings)
    except OSError as reason:
        pytest.skip(f"port 5353 cannot be had here: {reason}")
    logging.getLogger("zeroconf").setLevel(logging.ERROR)
    seeker = AsyncZeroconf(interfaces=["127.0.0.1"])
    browser = AsyncServiceBrowser(seeker.zeroconf, "_ipp._tcp.local.", handlers=[changed])
    try:
        name = await asyncio.wait_for(found.get(), 10)
        info = AsyncServiceInfo("_ipp._tcp.local.", name)
        assert await info.async_request(seeker.zeroconf, 3000)
    finally:
        await browser.async_cancel()
        await seeker.async_close()
        await device.close()
    assert name == "Canon iR-ADV C3530 (00.1B)._ipp._tcp.local."
    assert info.port == 631
    assert info.server == "canon-1.local."
    assert info.parsed_addresses() == ["127.0.0.1"]
    assert info.properties[b"ty"] == b"Canon iR-ADV C3530"


async def test_a_plain_dns_asker_gets_its_question_back_and_short_lives() -> None:
    question = struct.pack(">HHHHHH", 77, 0, 1, 0, 0, 0)
    question += b"\x09_services\x07_dns-sd\x04_udp\x05local\0" + struct.pack(">HH", 12, 1)
    async with speaking("mdns", **PRINTER) as device:
        said = await ask_udp(device, question)
        passed_over = await ask_udp(device, question.replace(b"_udp", b"_tcp"), question)
    from scapy.layers.dns import DNS

    answer = DNS(said)
    assert (answer.id, answer.qr, answer.aa, answer.qdcount) == (77, 1, 1, 1)
    assert [row.rdata for row in answer.an] == [b"_ipp._tcp.local.", b"_http._tcp.local."]
    assert {row.ttl for row in answer.an} == {10}
    assert passed_over == said


@pytest.mark.parametrize(
    ("target", "usn"),
    [
        ("upnp:rootdevice", "uuid:abc::upnp:rootdevice"),
        ("uuid:abc", "uuid:abc"),
        ("urn:schemas-upnp-org:device:ZonePlayer:1", "uuid:abc::urn:schemas-upnp-org:device:ZonePlayer:1"),
    ],
)
async def test_ssdp_answers_the_search_for_what_it_is(target: str, usn: str) -> None:
    async with speaking("ssdp", **SSDP) as device:
        said = await ask_udp(device, SEARCH.format(target).encode())
    lines = said.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert f"USN: {usn}" in lines
    assert "LOCATION: http://127.0.0.1:80/d.xml" in lines


async def test_ssdp_is_silent_on_a_search_for_something_else() -> None:
    async with speaking("ssdp", **SSDP) as device:
        other = SEARCH.format("urn:schemas-upnp-org:device:InternetGatewayDevice:1").encode()
        said = await ask_udp(device, other, SEARCH.format("uuid:abc").encode())
    assert b"ST: uuid:abc" in said


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_probe_is_answered_in_the_dialect_it_was_asked_in(dialect: str) -> None:
    asked = str(uuid.UUID(int=7))
    inner = "<d:Types>dn:NetworkVideoTransmitter</d:Types>"
    async with speaking("wsd", **CAMERA) as device:
        said = await ask_udp(device, PROBE.format(dialect=dialect, id=asked, inner=inner).encode())
    root = ET.fromstring(said)
    texts = {element.tag.rpartition("}")[2]: (element.text or "") for element in root.iter()}
    assert texts["RelatesTo"] == f"uuid:{asked}"
    assert texts["XAddrs"] == "http://127.0.0.1/onvif/device_service"
    assert "onvif://www.onvif.org/hardware/P3245-LV" in texts["Scopes"]
    assert root.find(f".//{{{dialect}}}ProbeMatch") is not None


async def test_a_probe_for_printers_is_not_answered_by_a_camera() -> None:
    printers = PROBE.format(dialect=DIALECTS[0], id=1, inner="<d:Types>wprt:PrintDeviceType</d:Types>")
    everyone = PROBE.format(dialect=DIALECTS[0], id=2, inner="")
    async with speaking("wsd", **CAMERA) as device:
        said = await ask_udp(device, printers.encode(), everyone.encode())
    assert b"<a:RelatesTo>uuid:2</a:RelatesTo>" in said


async def test_scapy_reads_the_netbios_names_and_the_mac() -> None:
    from scapy.layers.netbios import NBNSHeader

    async with speaking("nbns", workgroup="FIRM") as device:
        said = await ask_udp(device, WILDCARD)
    answer = NBNSHeader(said).payload
    names = [bytes(each.NETBIOS_NAME).rstrip(b" \0") for each in answer.NODE_NAME]
    assert names == [b"PROBE-1", b"FIRM", b"PROBE-1"]
    assert answer.MAC_ADDRESS.lower() == MAC


async def test_bacnet_says_who_it_is_and_answers_for_the_wildcard_device() -> None:
    async with speaking("bacnet", **AIR) as device:
        i_am = await ask_udp(device, WHO_IS)
        model = await ask_udp(device, bytes.fromhex("810a001101040005010c0c023fffff1946"))
        unknown = await ask_udp(device, bytes.fromhex("810a001101040005020c0c023fffff1955"))
    assert i_am[6:8] == b"\x10\x00"
    assert int.from_bytes(i_am[9:13], "big") & 0x3FFFFF == 1200
    assert model[6:9] == b"\x30\x01\x0c"
    assert b"DSC-1212E" in model
    assert unknown[6] == 0x50


@pytest.mark.parametrize("protocol", sorted(GOOD))
@pytest.mark.parametrize(
    "hostile",
    [b"\0", b"\xff" * 600, b"\xc0\x0c" * 30, b"<" * 500, b"\x81\x0a\x00\x04", LOOP],
    ids=["zero", "ones", "pointers", "angles", "bvlc", "dns loop"],
)
async def test_hostile_datagrams_get_no_answer_and_do_no_harm(protocol: str, hostile: bytes) -> None:
    settings, good = GOOD[protocol]
    async with speaking(protocol, **settings) as device:
        usual = await ask_udp(device, good)
        assert await ask_udp(device, hostile, good) == usual


async def test_what_cannot_be_opened_is_an_error_and_leaves_no_socket_behind() -> None:
    # An unclosed socket would be a ResourceWarning, which is an error in these tests.
    astray = Host(name="q", persona="q", ip="127.0.0.1", mac=MAC, hostname="q", interface="nosuchif0")
    neighbour = Host(name="q", persona="q", ip="127.0.0.1", mac=MAC, hostname="q")
    with pytest.raises(OSError, match="No such device"):
        await astray.udp(40_001, lambda _data, _asker: [], "239.255.255.250")
    async with speaking("quiet") as device:
        with pytest.raises(OSError, match="in use"):
            await speaks("quiet").serve(neighbour, speaks("quiet").settings(port=device.port))
