"""Every parser of what others send, with a reply or file it reads well: where the fuzzer starts from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from captures import CAPTURES, HTTP_PAGE, INFORMATION, Capture
from fuzzed_files import FILES
from fuzzed_logins import CONVERSATIONS

from agent.listen import vendors
from agent.listen.frame import hear
from agent.probes import PROBES, greeting, http_message, ipp, mdns, ssh, status_page, telnet, wsd
from agent.probes import page as page_of
from agent.probes.reply import Garbled, text_of
from agent.probes.status_page import StatusPage, status_pages
from agent.probes.xml_text import first_text
from agent.snmp_codec import Response, parse_sealed
from agent.snmp_usm import Engine, keys_of
from agent.wireless import advertisement, frames
from inventory.vault import SnmpUser

Pairs = Iterable[tuple[str, str]]
_SLOW = ("snmp", "login-", "survey-", "rules-", "leases-isc", "leases-kea", "leases-windows")


@dataclass(frozen=True)
class Parser:
    """`facts` gives (name, text) pairs of any bytes whatever; `probe` is whose replies they are, if any."""

    name: str
    probe: str
    data: bytes
    facts: Callable[[bytes], Pairs]

    @property
    def is_slow(self) -> bool:
        """Whether one reply takes more than a tenth of a millisecond."""
        return self.name.startswith(_SLOW)


def _dhcp() -> bytes:
    mac = bytes.fromhex("02aabbccdd01")
    options = ((53, b"\x03"), (12, b"cam-7"), (55, b"\x01\x03\x06\x0f"), (60, b"udhcp 1.20.2"))
    body = b"\x01\x01\x06\x00" + bytes(24) + mac + bytes(10) + bytes(192) + b"\x63\x82\x53\x63"
    body += b"".join(bytes((number, len(value))) + value for number, value in options) + b"\xff"
    udp = (68).to_bytes(2) + (67).to_bytes(2) + (8 + len(body)).to_bytes(2) + bytes(2) + body
    ip = b"\x45\x00" + (20 + len(udp)).to_bytes(2) + bytes(4) + b"\x40\x11" + bytes(6) + b"\xff" * 4 + udp
    return b"\xff" * 6 + mac + b"\x08\x00" + ip


def _datagram(port: int, payload: bytes) -> bytes:
    """An Ethernet frame with that datagram, from a device to everybody."""
    udp = port.to_bytes(2) * 2 + (8 + len(payload)).to_bytes(2) + bytes(2) + payload
    head = b"\x45\x00" + (20 + len(udp)).to_bytes(2) + bytes(4) + b"\x40\x11" + bytes(2)
    ip = head + bytes((192, 0, 2, 5)) + b"\xff" * 4
    return b"\xff" * 6 + bytes.fromhex("02aabbccdd01") + b"\x08\x00" + ip + udp


def _cdp() -> bytes:
    def field(kind: int, value: bytes) -> bytes:
        return kind.to_bytes(2) + (4 + len(value)).to_bytes(2) + value

    address = b"\0\0\0\x01\x01\x01\xcc\x00\x04" + bytes((192, 0, 2, 7))
    body = b"\x02\xb4\0\0" + field(1, b"SEP0011") + field(2, address) + field(3, b"Port 1")
    body += field(5, b"sip88xx.12-8-1-0101") + field(6, b"Cisco IP Phone 8845") + field(10, b"\0\x0a")
    llc = bytes.fromhex("aaaa0300000c2000") + body
    return bytes.fromhex("01000ccccccc02aabbccdd01") + len(llc).to_bytes(2) + llc


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


def _wireless(packet: bytes) -> Pairs:
    for linktype in (frames.IEEE802_11, frames.RADIOTAP):
        frame = frames.bare_frame(packet, linktype)
        if frame is not None:
            advertisement.parse(frame)
    return ()


def _ber(tag: int, content: bytes) -> bytes:
    """Any length in two octets: mutated contents grow."""
    return bytes((tag, 0x82)) + len(content).to_bytes(2) + content


_ENGINE = Engine(bytes.fromhex("8000000903e80ab948d137"), 1, 100)
_KEYS = keys_of(SnmpUser("reader", "sha", "maplesyrup", "aes", "maplesyrup"), _ENGINE.id)
_SCOPED = _ber(
    0x30,
    _ber(4, _ENGINE.id)
    + _ber(4, b"")
    + _ber(
        0xA2,
        _ber(2, b"\x07")
        + _ber(2, b"\0") * 2
        + _ber(0x30, _ber(0x30, _ber(6, bytes.fromhex("2b06010201010100")) + _ber(4, b"Printer 7"))),
    ),
)


def _signed(scoped: bytes) -> bytes:
    """A v3 message of the user's own device around any scoped PDU: enciphered, and signed with the key."""
    salt = b"saltsalt"
    head = _ber(2, b"\x07") + _ber(2, b"\x40\0") + _ber(4, b"\x03") + _ber(2, b"\x03")

    def message(digest: bytes) -> bytes:
        security = _ber(4, _ENGINE.id) + _ber(2, b"\x01") + _ber(2, b"\x64") + _ber(4, b"reader")
        security = _ber(0x30, security + _ber(4, digest) + _ber(4, salt))
        sealed = _ber(4, _KEYS.sealed(scoped, _ENGINE, salt))
        return _ber(0x30, _ber(2, b"\x03") + _ber(0x30, head) + _ber(4, security) + sealed)

    return message(_KEYS.digest(message(bytes(_KEYS.digest_size))))


def _opened(data: bytes) -> Pairs:
    read = parse_sealed(data, _KEYS, _ENGINE)
    return read.variables if isinstance(read, Response) else ()


def _sealed(scoped: bytes) -> Pairs:
    return _opened(_signed(scoped))


def _stated(page: StatusPage) -> Callable[[bytes], Pairs]:
    return lambda data: _known(status_page.parse(text_of(data), page))


def _known(read: Iterable[tuple[str, str]] | Garbled) -> Pairs:
    return () if isinstance(read, Garbled) else read


def _of_xml(data: bytes) -> Pairs:
    return [("upnp.modelName", first_text(text_of(data), "Model"))]


def _of_http(data: bytes) -> Pairs:
    page = http_message.parse(data)
    return () if isinstance(page, Garbled) else page_of.describe(page)


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
SSDP_NOTIFY = (
    b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
    b"LOCATION: http://192.0.2.5:80/d.xml\r\nSERVER: Linux/4.9 UPnP/1.0 Thing/2\r\nUSN: uuid:1::upnp\r\n\r\n"
)
_SADP = (
    b'<?xml version="1.0" encoding="UTF-8"?><ProbeMatch><Types>inquiry</Types>'
    b"<DeviceDescription>DS-2CD2143G0-I</DeviceDescription><DeviceSN>DS-2CD2143G0-I20190909AAWRD1</DeviceSN>"
    b"<MAC>54-8c-81-00-00-01</MAC><SoftwareVersion>V5.5.82build 190909</SoftwareVersion></ProbeMatch>"
)
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
    Parser("cdp", "", _cdp(), _heard),
    Parser("mndp-frame", "", _datagram(5678, _MNDP), _heard),
    Parser("sadp-frame", "", _datagram(37020, _SADP), _heard),
    Parser("ssdp-frame", "", _datagram(1900, SSDP_NOTIFY), _heard),
    *(
        Parser(f"status-{number}-{page.vendor}", "status-page", page.example.encode(), _stated(page))
        for number, page in enumerate(status_pages(), start=1)
    ),
    Parser("onvif", "wsd", INFORMATION, lambda data: _known(wsd.parse_information(text_of(data)))),
    Parser("snmp-sealed", "snmp", _SCOPED, _sealed),
    Parser("snmp-sealed-message", "snmp", _signed(_SCOPED), _opened),
    Parser("mndp", "", _MNDP, vendors.mndp),
    Parser("sadp", "", _SADP, vendors.sadp),
    Parser("beacon", "", _beacon(), _wireless),
    *(Parser(name, "", data, read) for name, data, read in (*FILES, *CONVERSATIONS)),
)  # fmt: skip


def probes_without_a_parser() -> set[str]:
    """Probes of the registry that nothing here fuzzes."""
    return {probe.name for probe in PROBES} - {one.probe for one in PARSERS}
