"""Every parser of what others send, with a reply or file it reads well: where the fuzzer starts from."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from captures import CAPTURES, HTTP_PAGE, Capture
from feed_files import KEV

from agent.cli.identify import read_line
from agent.feeds.formats import read_feed
from agent.imports import leases, scanners
from agent.listen import vendors
from agent.listen.frame import hear
from agent.probes import PROBES, greeting, http, ipp, mdns, ssh, telnet
from agent.probes.reply import Garbled, text_of
from agent.probes.xml_text import first_text
from agent.snmp_codec import Response
from agent.wireless import advertisement, frames
from inventory.exits import BadInput

Pairs = Iterable[tuple[str, str]]
_NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Parser:
    """`facts` gives (name, text) pairs of any bytes whatever; `probe` is whose replies they are, if any."""

    name: str
    probe: str
    data: bytes
    facts: Callable[[bytes], Pairs]


def _dhcp() -> bytes:
    mac = bytes.fromhex("02aabbccdd01")
    options = ((53, b"\x03"), (12, b"cam-7"), (55, b"\x01\x03\x06\x0f"), (60, b"udhcp 1.20.2"))
    body = b"\x01\x01\x06\x00" + bytes(24) + mac + bytes(10) + bytes(192) + b"\x63\x82\x53\x63"
    body += b"".join(bytes((number, len(value))) + value for number, value in options) + b"\xff"
    udp = (68).to_bytes(2) + (67).to_bytes(2) + (8 + len(body)).to_bytes(2) + bytes(2) + body
    ip = b"\x45\x00" + (20 + len(udp)).to_bytes(2) + bytes(4) + b"\x40\x11" + bytes(6) + b"\xff" * 4 + udp
    return b"\xff" * 6 + mac + b"\x08\x00" + ip


def _lldp() -> bytes:
    mac = bytes.fromhex("02aabbccdd01")

    def tlv(kind: int, value: bytes) -> bytes:
        return ((kind << 9) | len(value)).to_bytes(2) + value

    body = tlv(1, b"\x04" + mac) + tlv(2, b"\x05ge-1") + tlv(3, b"\x00\x78") + tlv(5, b"ap-3f")
    body += tlv(6, b"Aruba AP-505 version 8.10.0.6") + tlv(0, b"")
    return bytes.fromhex("0180c200000e") + mac + b"\x88\xcc" + body


def _beacon() -> bytes:
    fixed = bytes(8) + b"\x64\x00\x11\x00"
    rsn = bytes.fromhex("0100000fac040100000fac040100000fac020000")
    elements = b"\x00\x06office\x03\x01\x06" + bytes((48, len(rsn))) + rsn
    station = bytes.fromhex("0018e7aabbcc")
    return b"\x80\x00\x00\x00" + b"\xff" * 6 + station + station + b"\x00\x00" + fixed + elements


def _heard(frame: bytes) -> Pairs:
    heard = hear(frame)
    return [(fact.name, fact.value) for fact in heard.facts] if heard else ()


def _taken(read: Callable[[str], object]) -> Callable[[bytes], Pairs]:
    def facts(data: bytes) -> Pairs:
        read(text_of(data))
        return ()

    return facts


def _feed(content: bytes) -> Pairs:
    with suppress(BadInput):
        read_feed(content, "kev.json")
    return ()


def _identified(line: bytes) -> Pairs:
    with suppress(ValueError):
        return [(fact.name, fact.value) for fact in read_line(line)[1]]
    return ()


def _wireless(packet: bytes) -> Pairs:
    for linktype in (frames.IEEE802_11, frames.RADIOTAP):
        frame = frames.bare_frame(packet, linktype)
        if frame is not None:
            advertisement.parse(frame)
    return ()


def _of_xml(data: bytes) -> Pairs:
    return [("upnp.modelName", first_text(text_of(data), "Model"))]


def _of_http(data: bytes) -> Pairs:
    page = http.parse(data)
    return () if isinstance(page, Garbled) else http.describe(page)


def _of_mdns(data: bytes) -> Pairs:
    records = mdns.parse(data)
    return () if isinstance(records, Garbled) else mdns.describe(records)


def _of_ipp(data: bytes) -> Pairs:
    read = ipp.parse(data)
    return () if isinstance(read, Garbled) else [(f"ipp.{name}", value) for name, value in read]


def _of_telnet(data: bytes) -> Pairs:
    read = telnet.parse(data)
    return () if isinstance(read, Garbled) else [("telnet_banners", read[0])]


def _banner(fact: str, read: Callable[[bytes], str | Garbled]) -> Callable[[bytes], Pairs]:
    def facts(data: bytes) -> Pairs:
        text = read(data)
        return () if isinstance(text, Garbled) else [(fact, text)]

    return facts


def _pairs(read: Callable[[bytes], object]) -> Callable[[bytes], Pairs]:
    """What a parser gives, where that is pairs already or carries them."""

    def facts(data: bytes) -> Pairs:
        got = read(data)
        if isinstance(got, Response):
            return got.variables
        if isinstance(got, tuple) and all(isinstance(one, tuple) and len(one) == 2 for one in got):
            return got
        return ()

    return facts


_READINGS: dict[str, Callable[[bytes], Pairs]] = {
    "http": _of_http,
    "mdns": _of_mdns,
    "ipp": _of_ipp,
    "telnet": _of_telnet,
    "ftp": _banner("ftp_banners", greeting.parse),
    "smtp": _banner("smtp_banners", greeting.parse),
    "greeting": _banner("greeting", greeting.parse_any),
    "ssh-banner": _banner("ssh_banners", ssh.parse_banner),
}


def _reading(capture: Capture) -> Callable[[bytes], Pairs]:
    return _READINGS.get(capture.name, _pairs(capture.parse))


_PROBE_OF = {"ssh-banner": "ssh", "ssh-offer": "ssh", "ssh-hostkey": "ssh", "snmp-report": "snmp"}
_PROBE_OF |= {"smb-challenge": "smb", "smb-first": "smb", "tls-offer": "tls"}
_PROBE_OF |= {"bacnet-i-am": "bacnet", "bacnet-text": "bacnet", "upnp": "ssdp"}
_MNDP = bytes(4) + b"".join(
    kind.to_bytes(2) + len(value).to_bytes(2) + value
    for kind, value in ((1, bytes.fromhex("b869f4000001")), (5, b"gw-1"), (7, b"6.48.6 (long-term)"),
                        (8, b"MikroTik"), (12, b"RB750Gr3"))
)  # fmt: skip
_SADP = (
    b'<?xml version="1.0" encoding="UTF-8"?><ProbeMatch><Types>inquiry</Types>'
    b"<DeviceDescription>DS-2CD2143G0-I</DeviceDescription><DeviceSN>DS-2CD2143G0-I20190909AAWRD1</DeviceSN>"
    b"<MAC>54-8c-81-00-00-01</MAC><SoftwareVersion>V5.5.82build 190909</SoftwareVersion></ProbeMatch>"
)
_ARP_SCAN = b"192.0.2.1\t02:aa:bb:cc:dd:11\tAcme\n"
_MASSCAN = b'{"ip": "192.0.2.1", "timestamp": "1", "ports": [{"port": 80, "proto": "tcp", "status": "open"}]}'
_DNSMASQ = b"2000000000 02:aa:bb:cc:dd:11 192.0.2.10 prn-1 *\n"
_NMAP = (
    b'<?xml version="1.0"?><nmaprun scanner="nmap"><host><status state="up"/>'
    b'<address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="80">'
    b'<state state="open"/></port></ports></host></nmaprun>'
)
_LINE = json.dumps({"id": "1", "source": "ftp", "input": "220 AXIS P3245 9.80"}).encode()
_PAGE = (
    b"HTTP/1.1 200 OK\r\nServer: Hydra/0.1.8\r\n\r\n<html><title>iR-ADV C3530 1.2.3</title>"
    b"<body>Synology DS920 6.2.3-25426</body></html>"
)

PARSERS: tuple[Parser, ...] = (
    *(
        Parser(each.name, _PROBE_OF.get(each.name, each.name), each.data, _reading(each))
        for each in CAPTURES
    ),
    Parser("http-page", "http", _PAGE, _of_http),
    Parser("https", "https", HTTP_PAGE, _of_http),
    Parser("smtp", "smtp", b"220 nas.local ESMTP Postfix 3.4.5\r\n", _banner("smtp_banners", greeting.parse)),
    Parser("xml", "", b"<a:Model>DS-2CD2143 V5.5</a:Model>", _of_xml),
    Parser("dhcp", "", _dhcp(), _heard),
    Parser("lldp", "", _lldp(), _heard),
    Parser("mndp", "", _MNDP, vendors.mndp),
    Parser("sadp", "", _SADP, vendors.sadp),
    Parser("beacon", "", _beacon(), _wireless),
    Parser("nmap", "", _NMAP, _taken(scanners.nmap)),
    Parser("masscan", "", _MASSCAN, _taken(lambda text: scanners.masscan(text.splitlines()))),
    Parser("arp-scan", "", _ARP_SCAN, _taken(lambda text: scanners.arp_scan(text.splitlines()))),
    Parser("leases", "", _DNSMASQ, _taken(lambda text: leases.read(text.splitlines(), _NOW))),
    Parser("feed", "", KEV, _feed),
    Parser("identify", "", _LINE, _identified),
)  # fmt: skip


def probes_without_a_parser() -> set[str]:
    """Probes of the registry that nothing here fuzzes."""
    return {probe.name for probe in PROBES} - {one.probe for one in PARSERS}
